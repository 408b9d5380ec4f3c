"""Schedules: the rate at step 0, 1, 2, ... of optax's, PyTorch's and Keras's, in f64. Every table is checked against a closed form here.

{ name, reference, hyper, values } and, for what needs losses, { losses }: values[t] is the rate of the step taken after the t-th loss was seen.
optax and Keras get the step as an f64: given an integer they round to f32 on the way.
"""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)
import math
import os
import tempfile
import warnings

os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"] = "jax", tempfile.mkdtemp()
import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import torch
from torch.optim import lr_scheduler as pt

from catalogue import write_wide

warnings.filterwarnings("ignore", category=UserWarning)  # PyTorch misses the optimizer's step and dislikes SequentialLR's own
jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
for f in ("cos", "log"):  # Keras's own take float64 in float32
    setattr(keras.src.backend.numpy, f, getattr(jnp, f))
torch.set_default_dtype(torch.float64)
cases = []


def add(name, reference, hyper, values, closed, note=None, **extra):
    values = [float(v) for v in values]
    if closed:
        np.testing.assert_allclose(values, [closed(t) for t in range(len(values))], rtol=1e-10, atol=1e-14, err_msg=name)
    cases.append({"name": name, "reference": reference, "hyper": hyper, **({"note": note} if note else {}), **extra, "values": values})


clamp = lambda x, low, high: min(max(x, low), high)
line = lambda a, b, x: a + (b - a) * x
wave = lambda a, b, x: b + (a - b) * (1 + math.cos(math.pi * x)) / 2  # a at 0, b at 1

# -- optax


def ox(name, call, hyper, steps, closed, note=None):
    schedule = eval(f"optax.{call}", {"optax": optax})
    add(f"optax/{name}", call, hyper, [schedule(jnp.asarray(t, jnp.float64)) for t in range(steps)], closed, note)


ox("constant", "constant_schedule(0.3)", {"value": 0.3}, 4, lambda t: 0.3)
linear = lambda t: line(0.1, 0.9, clamp(t - 2, 0, 5) / 5)
ox("linear", "linear_schedule(0.1, 0.9, 5, transition_begin=2)", {"from": 0.1, "to": 0.9, "steps": 5, "begin": 2}, 11, linear)
ox("polynomial", "polynomial_schedule(1., 0.1, 2, 6)", {"from": 1, "to": 0.1, "power": 2, "steps": 6}, 9, lambda t: 0.9 * (1 - min(t, 6) / 6) ** 2 + 0.1)
ox(
    "polynomial-half", "polynomial_schedule(0., 2., 0.5, 6, transition_begin=2)", {"from": 0, "to": 2, "power": 0.5, "steps": 6, "begin": 2}, 11,
    lambda t: -2 * (1 - clamp(t - 2, 0, 6) / 6) ** 0.5 + 2,
)
E = {"from": 0.8, "steps": 4, "decay": 0.5}
ox("exponential", "exponential_decay(0.8, 4, 0.5)", E, 13, lambda t: 0.8 * 0.5 ** (t / 4))
ox("exponential-staircase", "exponential_decay(0.8, 4, 0.5, staircase=True)", {**E, "staircase": True}, 13, lambda t: 0.8 * 0.5 ** (t // 4))
ox("exponential-begin", "exponential_decay(0.8, 4, 0.5, transition_begin=3)", {**E, "begin": 3}, 13, lambda t: 0.8 * 0.5 ** (max(t - 3, 0) / 4))
ox("exponential-end", "exponential_decay(0.8, 4, 0.5, end_value=0.25)", {**E, "end": 0.25}, 13, lambda t: max(0.8 * 0.5 ** (t / 4), 0.25))
ox("exponential-growth-end", "exponential_decay(0.1, 2, 3., end_value=1.5)", {"from": 0.1, "steps": 2, "decay": 3, "end": 1.5}, 10, lambda t: min(0.1 * 3 ** (t / 2), 1.5))
ox(
    "exponential-all", "exponential_decay(0.8, 4, 0.5, transition_begin=3, staircase=True, end_value=0.15)", {**E, "begin": 3, "staircase": True, "end": 0.15}, 16,
    lambda t: max(0.8 * 0.5 ** (max(t - 3, 0) // 4), 0.15),
)
ox("cosine", "cosine_decay_schedule(0.6, 8)", {"from": 0.6, "steps": 8}, 11, lambda t: wave(0.6, 0, min(t, 8) / 8))
ox(
    "cosine-alpha", "cosine_decay_schedule(0.6, 8, alpha=0.1, exponent=1.5)", {"from": 0.6, "steps": 8, "alpha": 0.1, "exponent": 1.5}, 11,
    lambda t: 0.6 * (0.9 * wave(1, 0, min(t, 8) / 8) ** 1.5 + 0.1),
)
warm_cosine = lambda t: line(0.1, 0.9, t / 4) if t < 4 else 0.9 * (line(0.05 / 0.9, 1, wave(1, 0, min(t - 4, 8) / 8) ** 1.5))
ox(
    "warmup-cosine", "warmup_cosine_decay_schedule(0.1, 0.9, 4, 12, end_value=0.05, exponent=1.5)", {"from": 0.1, "peak": 0.9, "warmupSteps": 4, "steps": 12, "end": 0.05, "exponent": 1.5}, 15, warm_cosine,
    "steps includes the warm-up.",
)
ox("warmup-constant", "warmup_constant_schedule(0., 0.5, 4)", {"from": 0, "peak": 0.5, "warmupSteps": 4}, 8, lambda t: 0.5 * min(t / 4, 1))
ox(
    "warmup-exponential", "warmup_exponential_decay_schedule(0.1, 0.9, 4, 3, 0.5, transition_begin=2, staircase=True, end_value=0.2)",
    {"from": 0.1, "peak": 0.9, "warmupSteps": 4, "steps": 3, "decay": 0.5, "begin": 2, "staircase": True, "end": 0.2}, 18,
    lambda t: line(0.1, 0.9, t / 4) if t < 4 else max(0.9 * 0.5 ** (max(t - 6, 0) // 3), 0.2), "begin counts from the end of the warm-up.",
)


def sgdr(t):
    for peak, warm, steps, start in ((1.0, 2, 6, 0.1), (0.5, 1, 8, 0.2)):
        if t < steps or peak == 0.5:
            return line(start, peak, t / warm) if t < warm else wave(peak, 0.02, min(t - warm, steps - warm) / (steps - warm))
        t -= steps


ox(
    "cosine-restarts", "sgdr_schedule([dict(init_value=0.1, peak_value=1., decay_steps=6, warmup_steps=2, end_value=0.02), dict(init_value=0.2, peak_value=0.5, decay_steps=8, warmup_steps=1, end_value=0.02)])",
    {"cycles": [{"from": 0.1, "peak": 1, "steps": 6, "warmupSteps": 2, "end": 0.02}, {"from": 0.2, "peak": 0.5, "steps": 8, "warmupSteps": 1, "end": 0.02}]}, 18, sgdr,
)


def pieces(interpolate, value, boundaries):
    """Between boundaries, from one product of factors to the next; afterwards the last."""

    def at(t):
        start, v = 0, value
        for b, scale in boundaries:
            if t < b:
                return interpolate(v, v * scale, (t - start) / (b - start))
            start, v = b, v * scale
        return v

    return at


ox(
    "piecewise-constant", "piecewise_constant_schedule(0.8, {3: 0.5, 7: 0.1, 9: 4.})", {"value": 0.8, "factors": {"3": 0.5, "7": 0.1, "9": 4}}, 12,
    pieces(lambda a, b, x: a, 0.8, [(3, 0.5), (7, 0.1), (9, 4)]), "The factor applies from its step on.",
)
B = {"value": 0.8, "factors": {"3": 0.5, "7": 2, "9": 0.25}}
ox("piecewise-linear", "piecewise_interpolate_schedule('linear', 0.8, {3: 0.5, 7: 2., 9: 0.25})", B, 12, pieces(line, 0.8, [(3, 0.5), (7, 2), (9, 0.25)]))
ox("piecewise-cosine", "piecewise_interpolate_schedule('cosine', 0.8, {3: 0.5, 7: 2., 9: 0.25})", B, 12, pieces(wave, 0.8, [(3, 0.5), (7, 2), (9, 0.25)]))
ox(
    "one-cycle-linear", "linear_onecycle_schedule(20, 2., pct_start=0.3, pct_final=0.85, div_factor=10., final_div_factor=100.)",
    {"steps": 20, "peak": 2, "pctStart": 0.3, "pctFinal": 0.85, "divFactor": 10, "finalDivFactor": 100}, 23, pieces(line, 0.2, [(6, 10), (17, 0.1), (20, 0.01)]),
    "Boundaries are int(pct steps). The last value is peak/(divFactor finalDivFactor).",
)
ox(
    "one-cycle-cosine", "cosine_onecycle_schedule(20, 2., pct_start=0.3, div_factor=10., final_div_factor=100.)", {"steps": 20, "peak": 2, "pctStart": 0.3, "divFactor": 10, "finalDivFactor": 100}, 23,
    pieces(wave, 0.2, [(6, 10), (20, 1e-3)]), "The last value is peak/(divFactor finalDivFactor).",
)
ox(
    "join", "join_schedules([optax.linear_schedule(0., 1., 4), optax.exponential_decay(1., 2, 0.5), optax.constant_schedule(0.05)], [4, 9])",
    {"schedules": ["linear 0 to 1 in 4", "exponential from 1, half in 2", "constant 0.05"], "boundaries": [4, 9]}, 12, lambda t: t / 4 if t < 4 else 0.5 ** ((t - 4) / 2) if t < 9 else 0.05,
    "At a boundary the next schedule applies, counted from it.",
)

# -- PyTorch


def pytorch(name, make, reference, hyper, steps, closed, lr=0.5, note=None):
    p = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([p], lr=lr, momentum=0.9)
    schedule, values = make(opt), []
    for _ in range(steps):
        values.append(opt.param_groups[0]["lr"])
        schedule.step()
    add(f"torch/{name}", reference, {"learningRate": lr, **hyper}, values, closed, note)


def simple(name, call, *args, **kw):
    pytorch(name, lambda opt: eval(call.replace("(", "(opt, ", 1), {**vars(pt), "opt": opt}), call, *args, **kw)


simple("step", "StepLR(3, gamma=0.4)", {"steps": 3, "decay": 0.4}, 11, lambda t: 0.5 * 0.4 ** (t // 3))
simple("multi-step", "MultiStepLR([2, 5, 6], gamma=0.4)", {"boundaries": [2, 5, 6], "decay": 0.4}, 9, lambda t: 0.5 * 0.4 ** sum(t >= b for b in (2, 5, 6)))
simple("exponential", "ExponentialLR(0.8)", {"decay": 0.8}, 9, lambda t: 0.5 * 0.8**t)
simple("constant", "ConstantLR(factor=0.25, total_iters=3)", {"factor": 0.25, "steps": 3}, 6, lambda t: 0.5 * (0.25 if t < 3 else 1))
simple("linear", "LinearLR(start_factor=0.2, end_factor=0.8, total_iters=5)", {"startFactor": 0.2, "endFactor": 0.8, "steps": 5}, 8, lambda t: 0.5 * line(0.2, 0.8, min(t, 5) / 5))
simple("polynomial", "PolynomialLR(total_iters=6, power=2.0)", {"steps": 6, "power": 2}, 9, lambda t: 0.5 * (1 - min(t, 6) / 6) ** 2)
simple("cosine", "CosineAnnealingLR(T_max=6, eta_min=0.05)", {"steps": 6, "end": 0.05}, 16, lambda t: wave(0.5, 0.05, t / 6), note="Past T_max it rises again, unlike optax's.")
simple(
    "cosine-restarts", "CosineAnnealingWarmRestarts(T_0=3, T_mult=2, eta_min=0.05)", {"steps": 3, "stepsFactor": 2, "end": 0.05}, 22,
    lambda t: wave(0.5, 0.05, t / 3 if t < 3 else (t - 3) / 6 if t < 9 else (t - 9) / 12 if t < 21 else 0),
)
simple("cosine-restarts-equal", "CosineAnnealingWarmRestarts(T_0=4, eta_min=0.05)", {"steps": 4, "stepsFactor": 1, "end": 0.05}, 10, lambda t: wave(0.5, 0.05, t % 4 / 4))


def cyclic(scale, up=4, down=3):
    def at(t):
        cycle, x = divmod(t, up + down)
        return 0.1 + 0.9 * (x / up if x <= up else 1 - (x - up) / down) * scale(cycle, t)

    return at


C = {"low": 0.1, "high": 1, "up": 4, "down": 3}
CALL = "CyclicLR(0.1, 1.0, step_size_up=4, step_size_down=3"
simple("cyclic-triangular", f"{CALL})", C, 17, cyclic(lambda c, t: 1))
simple("cyclic-triangular2", f"{CALL}, mode='triangular2')", {**C, "mode": "triangular2"}, 17, cyclic(lambda c, t: 0.5**c))
simple(
    "cyclic-exp-range", f"{CALL}, mode='exp_range', gamma=0.9)", {**C, "mode": "expRange", "decay": 0.9}, 17, cyclic(lambda c, t: 0.9**t),
    note="The factor is decay^t of the height, t the step and not the cycle.",
)


def one_cycle(interpolate, ends, rates):
    def at(t):
        start = 0
        for end, a, b in zip(ends, rates, rates[1:]):
            if t <= end or end == ends[-1]:
                return interpolate(a, b, (t - start) / (end - start))
            start = end

    return at


O = {"peak": 2, "steps": 20, "pctStart": 0.3, "divFactor": 10, "finalDivFactor": 100}
CALL = "OneCycleLR(2.0, total_steps=20, pct_start=0.3, div_factor=10.0, final_div_factor=100.0"
ENDS = "The peak is at step pct steps - 1 and the end at steps - 1, one earlier than in optax; the last value is peak/(divFactor finalDivFactor)."
simple("one-cycle-cosine", f"{CALL})", O, 20, one_cycle(wave, [5, 19], [0.2, 2, 0.002]), note=ENDS)
simple("one-cycle-linear", f"{CALL}, anneal_strategy='linear')", O, 20, one_cycle(line, [5, 19], [0.2, 2, 0.002]), note=ENDS)
simple(
    "one-cycle-three-phase", f"{CALL}, anneal_strategy='linear', three_phase=True)", {**O, "threePhase": True}, 20, one_cycle(line, [5, 10, 19], [0.2, 2, 0.2, 0.002]),
    note=ENDS,
)
pytorch(
    "sequential", lambda opt: pt.SequentialLR(opt, [pt.LinearLR(opt, 0.2, 1.0, 4), pt.ExponentialLR(opt, 0.8), pt.ConstantLR(opt, 0.1, 100)], [4, 8]),
    "SequentialLR([LinearLR(0.2, 1.0, 4), ExponentialLR(0.8), ConstantLR(0.1, 100)], [4, 8])", {"schedules": ["linear factor 0.2 to 1 in 4", "factor 0.8^t", "factor 0.1"], "boundaries": [4, 8]}, 12,
    lambda t: 0.5 * (line(0.2, 1, t / 4) if t < 4 else 0.8 ** (t - 4) if t < 8 else 0.1), note="At a boundary the next schedule applies, counted from it.",
)

LOSSES = [3.0, 2.0, 2.5, 1.99999, 2.1, 2.2, 1.0, 1.5, 1.2, 1.1, 1.05, 1.3, 1.0001, 0.5, 0.6, 0.7, 0.8, 0.9]


def plateau(losses, lr=0.5, mode="min", factor=0.1, patience=10, threshold=1e-4, thresholdMode="rel", cooldown=0, least=0.0, eps=1e-8):
    """The rate after each loss: lowered once more than `patience` losses in a row are no better; in a cooldown none counts, but the best is kept."""
    sign = 1 if mode == "min" else -1
    best, bad, cool, out = sign * math.inf, 0, 0, []
    for loss in losses:
        bar = best * (1 - sign * threshold) if thresholdMode == "rel" else best - sign * threshold
        best, bad = (loss, 0) if sign * loss < sign * bar else (best, bad + 1)
        if cool > 0:
            cool, bad = cool - 1, 0
        if bad > patience:
            new = max(lr * factor, least)
            lr, cool, bad = new if lr - new > eps else lr, cooldown, 0
        out.append(lr)
    return out


for name, options in [
    ("", {"factor": 0.5, "patience": 2}),
    ("-cooldown", {"factor": 0.5, "patience": 1, "cooldown": 2, "threshold": 0.05, "thresholdMode": "abs", "least": 0.1}),
    ("-max", {"mode": "max", "factor": 0.5, "patience": 2, "threshold": 0.1}),
    ("-eps", {"factor": 0.9, "patience": 0, "eps": 0.04}),
]:
    py = {{"thresholdMode": "threshold_mode", "least": "min_lr"}.get(k, k): v for k, v in options.items()}
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule, values = pt.ReduceLROnPlateau(opt, **py), []
    for loss in LOSSES:
        schedule.step(loss)
        values.append(opt.param_groups[0]["lr"])
    assert values == plateau(LOSSES, **options), name
    add(
        f"torch/reduce-on-plateau{name}", f"ReduceLROnPlateau({', '.join(f'{k}={v!r}' for k, v in py.items())})", {"learningRate": 0.5, **options}, values, None, losses=LOSSES,
        note="Lowers when more than `patience` losses in a row are no better (optax: when `patience` are). Better: loss < best (1 - threshold), or best - threshold. During a cooldown bad losses do not count.",
    )

# -- Keras


def ks(name, call, hyper, steps, closed, note=None):
    schedule = eval(f"keras.optimizers.schedules.{call}", {"keras": keras})
    add(f"keras/{name}", call, hyper, [schedule(keras.ops.cast(t, "float64")) for t in range(steps)], closed, note)


ks("exponential", "ExponentialDecay(0.8, 4, 0.5)", E, 13, lambda t: 0.8 * 0.5 ** (t / 4))
ks("exponential-staircase", "ExponentialDecay(0.8, 4, 0.5, staircase=True)", {**E, "staircase": True}, 13, lambda t: 0.8 * 0.5 ** (t // 4))
ks("inverse-time", "InverseTimeDecay(0.8, 4, 0.5)", E, 13, lambda t: 0.8 / (1 + 0.5 * t / 4))
ks("inverse-time-staircase", "InverseTimeDecay(0.8, 4, 0.5, staircase=True)", {**E, "staircase": True}, 13, lambda t: 0.8 / (1 + 0.5 * (t // 4)))
ks(
    "piecewise-constant", "PiecewiseConstantDecay([3, 7], [0.8, 0.4, 0.1])", {"boundaries": [3, 7], "values": [0.8, 0.4, 0.1]}, 10, lambda t: 0.8 if t <= 3 else 0.4 if t <= 7 else 0.1,
    "The old value still applies at the boundary; optax and PyTorch change at it.",
)
ks("polynomial", "PolynomialDecay(0.8, 5, end_learning_rate=0.1, power=2.0)", {"from": 0.8, "to": 0.1, "steps": 5, "power": 2}, 12, lambda t: 0.7 * (1 - min(t, 5) / 5) ** 2 + 0.1)
ks(
    "polynomial-cycle", "PolynomialDecay(0.8, 5, end_learning_rate=0.1, power=2.0, cycle=True)", {"from": 0.8, "to": 0.1, "steps": 5, "power": 2, "cycle": True}, 12,
    lambda t: 0.7 * (1 - t / (5 * max(math.ceil(t / 5), 1))) ** 2 + 0.1, "The whole is stretched to the next multiple of steps.",
)
ks("cosine", "CosineDecay(0.6, 8, alpha=0.1)", {"from": 0.6, "steps": 8, "alpha": 0.1}, 11, lambda t: wave(0.6, 0.06, min(t, 8) / 8))
ks(
    "warmup-cosine", "CosineDecay(0.1, 8, alpha=0.1, warmup_target=0.9, warmup_steps=4)", {"from": 0.1, "peak": 0.9, "warmupSteps": 4, "steps": 8, "alpha": 0.1}, 15,
    lambda t: line(0.1, 0.9, t / 4) if t < 4 else wave(0.9, 0.09, min(t - 4, 8) / 8), "steps does not include the warm-up (optax's does).",
)


def restarts(t, first=3, longer=2.0, lower=0.5):
    length, height = first, 1.0
    while t >= length:
        t, length, height = t - length, length * longer, height * lower
    return 0.6 * (0.9 * height * wave(1, 0, t / length) + 0.1)


ks(
    "cosine-restarts", "CosineDecayRestarts(0.6, 3, t_mul=2.0, m_mul=0.5, alpha=0.1)", {"from": 0.6, "steps": 3, "stepsFactor": 2, "heightFactor": 0.5, "alpha": 0.1}, 12, restarts,
    "Keras finds the cycle as the floor of a logarithm, which could round the wrong way at a boundary; here it does not.",
)
ks(
    "cosine-restarts-equal", "CosineDecayRestarts(0.6, 4, t_mul=1.0, m_mul=0.5)", {"from": 0.6, "steps": 4, "stepsFactor": 1, "heightFactor": 0.5, "alpha": 0}, 11,
    lambda t: 0.6 * 0.5 ** (t // 4) * wave(1, 0, t % 4 / 4),
)

# -- papers

add(
    "paper/noam", "d^-0.5 min(s^-0.5, s w^-1.5), s = t + 1", {"modelSize": 64, "warmupSteps": 4}, [64**-0.5 * min((t + 1) ** -0.5, (t + 1) * 4**-1.5) for t in range(12)], None,
    "The paper counts from 1: at 0 it would be infinite times nothing.",
)
add("paper/inverse-time", "0.8/(1 + 0.25 t)", {"from": 0.8, "decay": 0.25}, [0.8 / (1 + 0.25 * t) for t in range(8)], None)

write_wide(__file__, {
    "meta": {"script": "schedules.py", "versions": {"torch": torch.__version__.split("+")[0], "optax": optax.__version__, "jax": jax.__version__, "keras": keras.__version__}},
    "cases": cases,
})
