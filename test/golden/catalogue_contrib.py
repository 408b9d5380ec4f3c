"""Trajectories of the optimizers of optax.contrib."""

from catalogue_jax import VERSIONS, recorder, run, to_numpy  # first: it puts this folder behind the standard library
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from optax import contrib

import catalogue_adaptive as adaptive
import catalogue_equations as eq
import catalogue_more as more
from catalogue import LEAVES, PARAMS0, STEPS, Catalogue, flatten, tall

out = Catalogue(__file__, VERSIONS, {
    "extra": "losses: the loss given at each step; estimLr: the estimated rate (or distance) after each step; evalParams: the parameters to evaluate after each step; alphas, b3s: values of a schedule at "
    "each step; examples: the gradients of the examples of each step, along a leading axis, of which grads are the means; apart: how far an f32 case is from its f64 case, relative to the largest value so far; agreesWith: the case of another source that is equal",
})
case = recorder(out)


def add(name, call, *args, **kw):
    """A case from the call as one would write it."""
    hyper, equation, variant = (*args, None)[:3]
    make = lambda dtype: eval(f"contrib.{call}", {"contrib": contrib, "optax": optax})
    case(name, hyper, f"contrib.{call}", make, equation, variant=variant, **kw)


# -- ademamix, adopt, madgrad

M, CALL = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "b3": 0.99, "alpha": 3, "eps": 1e-3}, "ademamix(0.02, b1=0.8, b2=0.95, eps=1e-3"
add("ademamix-default", "ademamix(1e-3)", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "b3": 0.9999, "alpha": 5, "eps": 1e-8}, more.ademamix)
add("ademamix", f"{CALL}, b3=0.99, alpha=3.)", M, more.ademamix)
add("ademamix-decay", f"{CALL}, b3=0.99, alpha=3., eps_root=1e-2, weight_decay=0.1)", {**M, "epsRoot": 1e-2, "weightDecay": 0.1}, more.ademamix)
alphas, b3s = [3 * min(1, t / 10) for t in range(STEPS)], [0.8 + 0.19 * min(1, t / 10) for t in range(STEPS)]
case(
    "ademamix-schedules", M, f"contrib.{CALL}, alpha=lambda t: 3 * min(1, t / 10), b3=lambda t: 0.8 + 0.19 * min(1, t / 10)), t from 0",
    lambda dtype: contrib.ademamix(0.02, b1=0.8, b2=0.95, eps=1e-3, alpha=lambda t: alphas[int(t)], b3=lambda t: b3s[int(t)]), more.ademamix,
    note="Schedules of alpha and b3 are read at the count before the step, from 0; the paper's warm-ups count from 1 (paper/ademamix).", alphas=alphas, b3s=b3s,
)

S, CALL = {"learningRate": 0.01, "b1": 0.8, "b2": 0.95, "alpha": 3, "eps": 1e-3}, "simplified_ademamix(0.01, b1=0.8, b2=0.95, alpha=3., eps=1e-3"
D = {"learningRate": 1e-3, "b1": 0.99, "b2": 0.95, "alpha": 0, "eps": 1e-8}
add("simplified-ademamix-default", "simplified_ademamix(1e-3)", D, more.simplified_ademamix)
add("simplified-ademamix", f"{CALL})", S, more.simplified_ademamix)
add("simplified-ademamix-decay", f"{CALL}, eps_root=1e-2, weight_decay=0.1)", {**S, "epsRoot": 1e-2, "weightDecay": 0.1}, more.simplified_ademamix)

C, CALL = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "epsRoot": 1e-2}, "acprop(0.02, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-2"
BEFORE = {"centre": "before"}
NOTE = (
    "The gradient is compared with the mean before it has entered, against the docstring, the paper and the authors' code (paper/acprop). The first update is "
    "g/(1 + eps)."
)
D = {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-16, "epsRoot": 1e-16}
add("acprop-default", "acprop(1e-3)", D, more.acprop, BEFORE, note=NOTE)
add("acprop", f"{CALL})", C, more.acprop, BEFORE, note=NOTE)
add("acprop-decay", f"{CALL}, weight_decay=0.1)", {**C, "weightDecay": 0.1}, more.acprop, BEFORE, note=NOTE)

NOTE = "L, the largest gradient so far, starts at eps; the paper has no eps (paper/cocob). learning_rate multiplies the gradients, the decay is coupled."
add("cocob-default", "cocob()", {"alpha": 100, "eps": 1e-8}, more.cocob, note=NOTE)
add("cocob", "cocob(alpha=3., eps=0.25)", {"alpha": 3, "eps": 0.25}, more.cocob, note=NOTE)
add("cocob-l2", "cocob(alpha=3., eps=0.25, weight_decay=0.1)", {"alpha": 3, "eps": 0.25, "l2": 0.1}, more.cocob, note=NOTE)

A, CALL = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}, "adopt(0.02, b1=0.8, b2=0.95, eps=1e-3"
NOTE = "The first step only sets v = g^2; the bound of step t is (t - 1)^(1/4)."
add("adopt-default", "adopt(1e-3)", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.9999, "eps": 1e-6}, more.adopt, {"clip": True}, note=NOTE)
add("adopt", f"{CALL})", A, more.adopt, {"clip": True}, note=NOTE)
add(
    "adopt-nesterov", f"{CALL}, nesterov=True)", A, more.adopt, {"clip": True, "nesterov": True},
    note=NOTE + " nesterov: the bounded gradient is mixed in once more; not in the paper.",
)
add("adopt-unclipped", f"{CALL}, use_clipping=False)", A, more.adopt, {"clip": False}, note="Algorithm 1 of the paper.")



class Precise:
    """jax.numpy for optax's madgrad, which would take sqrt(t) of an integer, and so in f32."""

    def __getattr__(self, name):
        return getattr(jnp, name)

    def sqrt(self, x):
        return jnp.sqrt(jnp.asarray(x, jnp.result_type(float)))


sys.modules["optax.contrib._madgrad"].jnp = Precise()
G = {"learningRate": 0.1, "momentum": 0.8, "eps": 1e-3}
RATE = (
    "sqrt(t) was computed in the dtype of the case (optax: always f32). The rate is lr + eps, as in the authors' code; the paper's is lr (paper/madgrad). "
    "momentum is 1 - c of the paper. The decay is coupled."
)
add("madgrad-default", "madgrad(0.01)", {"learningRate": 0.01, "momentum": 0.9, "eps": 1e-6}, more.madgrad, {"rateEps": True}, note=RATE)
add("madgrad", "madgrad(0.1, momentum=0.8, eps=1e-3)", G, more.madgrad, {"rateEps": True}, note=RATE)
add("madgrad-l2", "madgrad(0.1, momentum=0.8, weight_decay=0.1, eps=1e-3)", {**G, "l2": 0.1}, more.madgrad, {"rateEps": True}, note=RATE)

# -- muon

U = {"learningRate": 0.05, "momentum": 0.8, "nesterov": True, "nsSteps": 5, "nsCoefficients": [3.4445, -4.775, 2.0315], "eps": 1e-3}
B = {"learningRate": 0.05, "b1": 0.9, "b2": 0.999, "eps": 1e-3, "nesterov": True, "weightDecay": 0}
FORM = {"form": "optax", "adjust": "widthTransfer", "adam": B}
NOTE = (
    "The momentum is debiased, and Nesterov's mixes as in nadam: (b m/(1 - b^(t+1)) + (1 - b) g/(1 - b^t)). The original (torch/muon) debiases nothing, and the "
    "proportions of m and g differ. A kernel is (in, out) here, so the scale is sqrt(max(1, columns/rows)). Other leaves: nadamw with the same eps."
)
CALL = "muon(0.05, beta=0.8, eps=1e-3"
# ns_steps=3 with the five of "dion" is an error in optax: its check for too few coefficients is upside down.
DION = [[4.0848, -6.8946, 2.927], [3.9505, -6.3029, 2.6377], [3.7418, -5.5913, 2.3037], [2.8769, -3.1427, 1.2046], [2.8366, -3.0525, 1.2012]]
assert [list(map(float, c)) for c in contrib._muon._DION_NS_COEFFS] == DION
MORE_ADAM = ", weight_decay=0.1, adam_b1=0.7, adam_b2=0.9, adam_eps_root=1e-2, adam_weight_decay=0.2, adam_learning_rate=0.03"
for name, call, hyper, variant, kw in [
    ("", "", {}, {}, {}),
    ("-tall", "", {}, {}, {"shape": tall}),
    ("-heavy-ball", ", nesterov=False", {"nesterov": False}, {"adam": {**B, "nesterov": False}}, {}),
    ("-adaptive", ", adaptive=True", {}, {"adaptive": True}, {}),
    ("-consistent-rms", ", consistent_rms=0.2", {"rmsRate": 0.2}, {"adjust": "matchRmsAdamw"}, {}),
    ("-spectral", ", preconditioning='spectral'", {}, {"preconditioning": "spectral"}, {}),
    ("-aol", ", preconditioning='aol'", {}, {"preconditioning": "aol"}, {}),
    ("-schatten", ", preconditioning='schatten'", {}, {"preconditioning": "schatten"}, {}),
    ("-dion", ", ns_coeffs='dion'", {"nsCoefficients": DION}, {}, {}),
    ("-decay", MORE_ADAM, {"weightDecay": 0.1}, {"adam": {"learningRate": 0.03, "b1": 0.7, "b2": 0.9, "eps": 1e-3, "epsRoot": 1e-2, "nesterov": True, "weightDecay": 0.2}}, {}),
]:
    add(f"muon{name}", f"{CALL}{call})", {**U, **hyper}, more.muon, {**FORM, **variant}, note=NOTE, compiled=True, **kw)
D = {**B, "learningRate": 0.02, "eps": 1e-8}
add("muon-default", "muon(0.02)", {**U, "learningRate": 0.02, "momentum": 0.95, "eps": 1e-8}, more.muon, {**FORM, "adam": D}, note=NOTE, compiled=True)

# -- the rate is found on the way


def estimate(state, _):
    return float(state.estim_lr)


def distance(state, _):
    return float(next(getattr(s, k) for s in state for k in ("max_dist", "estim_sq_dist") if hasattr(s, k)))


def estimated(name, *args, watch=estimate, **kw):
    add(name, *args, watch=watch, watched="estimLr", **kw)


BIAS = {"biasCorrection": True}
NOTE = (
    "Adam's bias correction is always on; it is not in the paper and off by default in the authors' code. The eps in the denominator is multiplied by the "
    "new estimate, as in the authors' code; the paper uses the old one (paper/prodigy)."
)
P, CALL = {"learningRate": 1, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "estimLr0": 1e-3}, "prodigy(betas=(0.8, 0.95), eps=1e-3, estim_lr0=1e-3"
estimated("prodigy-default", "prodigy()", {"learningRate": 1, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "estimLr0": 1e-6}, adaptive.prodigy, BIAS, note=NOTE)
estimated("prodigy", f"{CALL})", P, adaptive.prodigy, BIAS, note=NOTE)
estimated("prodigy-decay", f"{CALL}, learning_rate=0.5, weight_decay=0.1)", {**P, "learningRate": 0.5, "weightDecay": 0.1}, adaptive.prodigy, BIAS, note=NOTE)
estimated(
    "prodigy-options", f"{CALL}, beta3=0.9, estim_lr_coef=2., safeguard_warmup=True)", {**P, "b3": 0.9, "estimLrCoef": 2, "safeguardWarmup": True}, adaptive.prodigy, BIAS,
    note=NOTE,
)
NOTE = (
    "The products with s are weighted by the denominator of the step before (at first eps alone), as in the authors' code; the paper uses the new one. The "
    "bias correction is not in the paper (paper/dadapt-adamw)."
)
CALL = "dadapt_adamw(betas=(0.8, 0.95), eps=1e-3, estim_lr0=1e-2"
P = {**P, "estimLr0": 1e-2}
estimated("dadapt-adamw-default", "dadapt_adamw()", {"learningRate": 1, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "estimLr0": 1e-6}, adaptive.dadapt_adamw, BIAS, note=NOTE)
estimated("dadapt-adamw", f"{CALL})", P, adaptive.dadapt_adamw, BIAS, note=NOTE)
estimated("dadapt-adamw-decay", f"{CALL}, learning_rate=0.5, weight_decay=0.1)", {**P, "learningRate": 0.5, "weightDecay": 0.1}, adaptive.dadapt_adamw, BIAS, note=NOTE)
NOTE = "estimLr is the largest distance from the start so far. The norms go over the whole tree."
E = {"learningRate": 1, "eps": 1e-3}
estimated("dog-default", "dog()", {"learningRate": 1, "initStep": ["heuristic", 1e-6], "eps": 1e-8}, adaptive.dog, watch=distance, note=NOTE)
estimated("dog", "dog(init_step=('heuristic', 0.05), eps=1e-3)", {**E, "initStep": ["heuristic", 0.05]}, adaptive.dog, watch=distance, note=NOTE)
estimated("dog-distance", "dog(init_step=('distance', 0.1), eps=1e-3)", {**E, "initStep": ["distance", 0.1]}, adaptive.dog, watch=distance, note=NOTE)
estimated(
    "dog-learning-rate", "dog(0.7, init_step=('learning_rate', 0.1), eps=1e-3, weight_decay=0.1)",
    {**E, "learningRate": 0.7, "initStep": ["learningRate", 0.1], "weightDecay": 0.1}, adaptive.dog, watch=distance, note=NOTE + " The decay is coupled.",
)
NOTE = "estimLr is the largest squared distance from the start so far. eps is beside the root, and the first estimate unless one is given."
estimated("dowg-default", "dowg()", {"learningRate": 1, "initEstimSqDist": 1e-4, "eps": 1e-4}, adaptive.dowg, watch=distance, note=NOTE)
estimated("dowg", "dowg(init_estim_sq_dist=0.05, eps=1e-3)", {**E, "initEstimSqDist": 0.05}, adaptive.dowg, watch=distance, note=NOTE)
estimated(
    "dowg-l2", "dowg(0.7, eps=1e-2, weight_decay=0.1)", {"learningRate": 0.7, "initEstimSqDist": 1e-2, "eps": 1e-2, "weightDecay": 0.1}, adaptive.dowg, watch=distance,
    note=NOTE + " The decay is coupled.",
)

# -- the loss sets the rate


def by_loss(name, call, hyper, equation, variant=None, **kw):
    add(name, call, hyper, equation, {"stepShrinks": False, **(variant or {})}, needs_loss=True, **kw)


ESTIMATED, SHRINK = {"estimated": True}, "The decay shrinks the parameters only, against the paper and the authors' code (paper/momo-decay, paper/momo-adam-decay)."
M, CALL = {"learningRate": 0.7, "b1": 0.8, "fMin": 0.3}, "momo(0.7, beta=0.8, lower_bound=0.3"
by_loss("momo-default", "momo()", {"learningRate": 1, "b1": 0.9, "fMin": 0}, adaptive.momo)
by_loss("momo", f"{CALL})", M, adaptive.momo)
by_loss("momo-decay", f"{CALL}, weight_decay=0.1)", {**M, "weightDecay": 0.1}, adaptive.momo, note=SHRINK)
by_loss("momo-estimated", "momo(0.7, beta=0.8, lower_bound=-2., adapt_lower_bound=True)", {**M, "fMin": -2}, adaptive.momo, ESTIMATED)
by_loss(
    "momo-estimated-decay", "momo(0.7, beta=0.8, lower_bound=-2., weight_decay=0.1, adapt_lower_bound=True)", {**M, "fMin": -2, "weightDecay": 0.1}, adaptive.momo,
    ESTIMATED, note=SHRINK,
)
M, CALL = {"learningRate": 0.7, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "fMin": 0.3}, "momo_adam(0.7, b1=0.8, b2=0.95, eps=1e-3"
by_loss("momo-adam-default", "momo_adam()", {"learningRate": 1e-2, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "fMin": 0}, adaptive.momo_adam)
by_loss("momo-adam", f"{CALL}, lower_bound=0.3)", M, adaptive.momo_adam)
by_loss("momo-adam-decay", f"{CALL}, lower_bound=0.3, weight_decay=0.1)", {**M, "weightDecay": 0.1}, adaptive.momo_adam, note=SHRINK)
by_loss("momo-adam-estimated", f"{CALL}, lower_bound=-2., adapt_lower_bound=True)", {**M, "fMin": -2}, adaptive.momo_adam, ESTIMATED)
by_loss(
    "momo-adam-estimated-decay", f"{CALL}, lower_bound=-2., weight_decay=0.1, adapt_lower_bound=True)", {**M, "fMin": -2, "weightDecay": 0.1}, adaptive.momo_adam,
    ESTIMATED, note=SHRINK,
)

# -- galore


class Exact:
    """jax.numpy for optax's galore, which would decompose in f32."""

    def __getattr__(self, name):
        return jnp.result_type(float) if name == "float32" else getattr(jnp, name)


sys.modules["optax.contrib._galore"].jnp = Exact()
L = {"learningRate": 0.02, "rank": 1, "gap": 100, "scale": 0.3, "b1": 0.9, "b2": 0.999, "eps": 1e-8}
CALL, LARGER = "galore(0.02, rank=1, update_proj_gap=100, scale=0.3", {"larger": True}
NOTE = "The larger side of a matrix is projected, the paper's smaller. Decomposed in the dtype of the case (optax: always f32); directions are those of the first gradient."
add("galore-default", "galore(1e-3)", {**L, "learningRate": 1e-3, "rank": 128, "gap": 200, "scale": 1}, more.galore, LARGER, note=NOTE)
add("galore", f"{CALL})", L, more.galore, LARGER, note=NOTE)
add("galore-tall", f"{CALL}, weight_decay=0.1)", {**L, "weightDecay": 0.1}, more.galore, LARGER, note=NOTE, shape=tall)

# -- mechanize

T = {"learningRate": 1, "momentum": 0.8, "weightDecay": 1e-2, "eps": 1e-8, "sInit": 0.05, "numBetas": 6}
NOTE = "The sum of displacements is taken from the parameters and divided by s + eps; the paper carries it. h is bounded, and m gets + eps, as in the authors' code."
RECOVERED = {"recovered": True}
D = {"learningRate": 1, "momentum": 0, "weightDecay": 1e-2, "eps": 1e-8, "sInit": 1e-6, "numBetas": 6}
add("mechanize-default", "mechanize(optax.sgd(1.))", D, adaptive.mechanize(eq.sgd), RECOVERED, note=NOTE)
add("mechanize", "mechanize(optax.sgd(1., 0.8), s_init=0.05)", T, adaptive.mechanize(eq.sgd), RECOVERED, note=NOTE)
add("mechanize-options", "mechanize(optax.sgd(1., 0.8), weight_decay=0.1, eps=1e-3, s_init=0.05, num_betas=3)", {**T, "weightDecay": 0.1, "eps": 1e-3, "numBetas": 3}, adaptive.mechanize(eq.sgd), RECOVERED, note=NOTE)
add(
    "mechanize-adam", "mechanize(optax.adam(1., b1=0.8, b2=0.95, eps=1e-3), s_init=0.01)", {"adam": {"learningRate": 1, "b1": 0.8, "b2": 0.95, "eps": 1e-3}, "weightDecay": 1e-2, "eps": 1e-8, "sInit": 0.01, "numBetas": 6},
    adaptive.mechanize(eq.adam, "adam"), RECOVERED, note=NOTE,
)

# -- schedule-free: the parameters are y, where the gradient is taken


def x(state, params):
    return to_numpy(contrib.schedule_free_eval_params(state, params))


def free(name, *args, **kw):
    add(name, *args, watch=x, watched="evalParams", **kw)


class Warm:
    """optax's schedules of an integer count are f32; these are in the dtype of the case."""

    def warmup_constant_schedule(init_value, peak_value, warmup_steps):
        return lambda t: init_value + (peak_value - init_value) * jnp.minimum(jnp.asarray(t, jnp.result_type(float)), warmup_steps) / warmup_steps


sys.modules["optax.contrib._schedule_free"]._schedule = Warm
S, SGD, ADAMW = {"learningRate": 0.1, "b1": 0.8}, {"form": "optax", "inner": "sgd"}, {"form": "optax", "inner": "adamw"}
WARM = "With a warm-up, the step of the inner optimizer uses the rate at t - 1 (0 at first) and the weight of the average the rate at t. The paper uses the rate at t for both."
V = {**S, "b2": 0.95, "eps": 1e-3}
ROOT = "v is debiased; the paper multiplies the rate by sqrt(1 - b2^t) instead, which puts eps elsewhere and enters the weights."
CALL = "schedule_free_adamw(0.1, b1=0.8, b2=0.95, eps=1e-3"
free("schedule-free-sgd-default", "schedule_free_sgd()", {"learningRate": 1, "b1": 0.9}, adaptive.schedule_free, SGD)
free("schedule-free-sgd", "schedule_free_sgd(0.1, b1=0.8)", S, adaptive.schedule_free, SGD, twin="paper/schedule-free-sgd")
free(
    "schedule-free-sgd-warmup", "schedule_free_sgd(0.1, warmup_steps=4, b1=0.8, weight_decay=0.1)", {**S, "warmupSteps": 4, "weightDecay": 0.1}, adaptive.schedule_free, SGD,
    note=WARM,
)
free(
    "schedule-free-sgd-power", "schedule_free_sgd(0.1, warmup_steps=4, b1=0.8, weight_lr_power=1.)", {**S, "warmupSteps": 4, "weightLrPower": 1}, adaptive.schedule_free, SGD,
    note=WARM,
)
free("schedule-free-adamw-default", "schedule_free_adamw()", {"learningRate": 0.0025, "b1": 0.9, "b2": 0.999, "eps": 1e-8}, adaptive.schedule_free, ADAMW, note=ROOT)
free("schedule-free-adamw", f"{CALL})", V, adaptive.schedule_free, ADAMW, note=ROOT)
free(
    "schedule-free-adamw-warmup", f"{CALL}, warmup_steps=4, weight_decay=0.1)", {**V, "warmupSteps": 4, "weightDecay": 0.1}, adaptive.schedule_free, ADAMW,
    note=f"{ROOT} {WARM} The decay is of y.",
)

# -- differential privacy: three examples a step, of which the gradient is the mean

draw = np.random.default_rng(17)
EXAMPLES = [{k: np.round(64 * draw.normal(size=(3, *s)) * (t % 4) / 4) / 64 for k, s in LEAVES.items()} for t in range(STEPS)]
for t, examples in enumerate(EXAMPLES):
    for leaf in examples.values():
        leaf[t % 3] /= 16  # shorter than the norm to which others are clipped
MEANS = [{k: np.asarray(v.mean(0)) for k, v in examples.items()} for examples in EXAMPLES]


def noises(key, multiplier):
    """Of each step, in the order of the leaves; jax sorts them by name to draw."""
    jax.config.update("jax_enable_x64", True)
    state, out = jax.random.key(key), []
    for _ in range(STEPS):
        state, *own = jax.random.split(state, len(LEAVES) + 1)
        drawn = {k: np.asarray(jax.random.normal(r, LEAVES[k], "float64")) for k, r in zip(sorted(LEAVES), own)}
        out.append(multiplier * flatten({k: drawn[k] for k in LEAVES}))
    return out


def private(over):
    def rule(h, p):
        inner, d, noise = over(h, p), None, noises(h["key"], h["noiseMultiplier"])
        next(inner)
        while True:
            t, _, p, lr = yield d
            rows = np.stack([flatten({k: v[i] for k, v in h["examples"][t - 1].items()}) for i in range(3)])
            lengths = np.sqrt(np.sum(rows * rows, 1, keepdims=True))
            clipped = rows * (h["maxNorm"] / np.maximum(lengths, h["maxNorm"]))
            d = inner.send((t, (clipped.sum(0) + h["maxNorm"] * noise[t - 1]) / 3, p, lr))

    rule.whole = True
    return rule


def privately(name, call, hyper, equation):
    for dtype in ("f64", "f32"):
        jax.config.update("jax_enable_x64", dtype == "f64")
        make = eval(call, {"contrib": contrib, "optax": optax})
        trace, _ = run(make, dtype, PARAMS0, EXAMPLES)
        own = f"-{dtype}" if hyper["noiseMultiplier"] else ""  # normals of f32 and f64 come from different bits: two cases
        out.add(f"optax/{name}{own}", dtype, call, hyper, trace, equation=private(equation), grads=MEANS, examples=EXAMPLES)


P = {"learningRate": 0.1, "maxNorm": 1, "noiseMultiplier": 0, "key": 3}
privately("dpsgd", "contrib.dpsgd(0.1, 1., 0., 3)", P, eq.sgd)
privately("dpsgd-momentum", "contrib.dpsgd(0.1, 0.5, 0., 3, momentum=0.5)", {**P, "maxNorm": 0.5, "momentum": 0.5}, eq.sgd)
privately("dpsgd-nesterov", "contrib.dpsgd(0.1, 1., 0., 3, momentum=0.5, nesterov=True)", {**P, "momentum": 0.5, "nesterov": True}, eq.sgd)
privately("dpsgd-large-norm", "contrib.dpsgd(0.1, 1000., 0., 3)", {**P, "maxNorm": 1000}, eq.sgd)
privately("dpsgd-noise", "contrib.dpsgd(0.1, 1., 1.5, 3, momentum=0.5)", {**P, "noiseMultiplier": 1.5, "momentum": 0.5}, eq.sgd)
PRIVATE = "contrib.differentially_private_aggregate(0.5, 0.75, key=5)"
A = {"learningRate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "maxNorm": 0.5, "noiseMultiplier": 0.75, "key": 5}
privately("dp-adam", f"optax.chain({PRIVATE}, optax.adam(0.05, b1=0.8, b2=0.95, eps=1e-3))", A, eq.adam)
out.write()
