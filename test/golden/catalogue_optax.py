"""Trajectories of optax's own optimizers (those of optax.contrib: catalogue_contrib.py)."""

from catalogue_jax import VERSIONS, recorder, run, simple, to_numpy  # first: it puts this folder behind the standard library
import jax
import jax.numpy as jnp
import numpy as np
import optax

import catalogue_adaptive as adaptive
import catalogue_equations as eq
import catalogue_more as more
from catalogue import GRADS, PARAMS0, Catalogue, cube, tall

out = Catalogue(__file__, VERSIONS, {
    "extra": "losses: the loss given at each step; noise: the unit normals drawn; apart: how far an f32 case is from its f64 case, relative to the largest "
    "value so far; agreesWith: the case of another source that is equal",
})
case = recorder(out)
add = simple(case)
INSIDE, OUTSIDE = {"epsInside": True}, {"epsInside": False}

# -- adagrad, adadelta, rmsprop, rprop

add("adagrad-default", "adagrad(0.1)", {"learningRate": 0.1, "initialAccumulator": 0.1, "eps": 1e-7}, eq.adagrad, INSIDE)
add("adagrad", "adagrad(0.1, initial_accumulator_value=0.2, eps=1e-3)", {"learningRate": 0.1, "initialAccumulator": 0.2, "eps": 1e-3}, eq.adagrad, INSIDE)
add(
    "adagrad-zero", "adagrad(0.1, initial_accumulator_value=0., eps=1e-3)", {"learningRate": 0.1, "initialAccumulator": 0, "eps": 1e-3}, eq.adagrad, INSIDE,
    note="The update is 0 where the accumulator is.",
)
add(
    "adadelta-default", "adadelta(1.0)", {"learningRate": 1, "rho": 0.9, "eps": 1e-6}, eq.adadelta,
    note="Without a rate optax would ascend: scale_by_learning_rate(None) keeps the sign.", twin="torch/adadelta-default",
)
D = {"learningRate": 0.7, "rho": 0.8, "eps": 1e-3}
add("adadelta", "adadelta(0.7, rho=0.8, eps=1e-3)", D, eq.adadelta, twin="torch/adadelta")
add("adadelta-l2", "adadelta(0.7, rho=0.8, eps=1e-3, weight_decay=0.1)", {**D, "l2": 0.1}, eq.adadelta, note="weight_decay is coupled here.", twin="torch/adadelta-l2")

R, CALL = {"learningRate": 0.05, "decay": 0.8, "eps": 1e-3}, "rmsprop(0.05, decay=0.8, eps=1e-3"
add("rmsprop-default", "rmsprop(0.01)", {"learningRate": 0.01, "decay": 0.9, "eps": 1e-8}, eq.rmsprop, INSIDE)
for name, call, hyper, inside, twin in [
    ("", "", {}, True, "keras/rmsprop"),
    ("-outside", ", eps_in_sqrt=False", {}, False, "torch/rmsprop"),
    ("-centered", ", centered=True", {"centered": True}, True, "keras/rmsprop-centered"),
    ("-centered-outside", ", eps_in_sqrt=False, centered=True", {"centered": True}, False, "torch/rmsprop-centered"),
    ("-momentum", ", momentum=0.7", {"momentum": 0.7}, True, "keras/rmsprop-momentum"),
    ("-nesterov", ", momentum=0.7, nesterov=True", {"momentum": 0.7, "nesterov": True}, True, None),
    ("-centered-momentum", ", centered=True, momentum=0.7", {"centered": True, "momentum": 0.7}, True, "keras/rmsprop-centered-momentum"),
    ("-centered-nesterov", ", centered=True, momentum=0.7, nesterov=True", {"centered": True, "momentum": 0.7, "nesterov": True}, True, None),
    ("-initial-scale", ", initial_scale=0.5", {"initialScale": 0.5}, True, None),
    ("-bias-correction", ", bias_correction=True", {"biasCorrection": True}, True, None),
    ("-bias-correction-outside", ", eps_in_sqrt=False, bias_correction=True", {"biasCorrection": True}, False, None),
    ("-centered-bias-correction", ", centered=True, bias_correction=True", {"centered": True, "biasCorrection": True}, True, None),
]:
    variant = {"epsInside": inside, **({"momentumForm": "rateInside"} if "momentum" in hyper else {})}
    add(f"rmsprop{name}", f"{CALL}{call})", {**R, **hyper}, eq.rmsprop, variant, twin=twin)

add(
    "rprop", "rprop(0.1, eta_minus=0.4, eta_plus=1.5, min_step_size=0.02, max_step_size=0.3)",
    {"learningRate": 0.1, "etaMinus": 0.4, "etaPlus": 1.5, "minStep": 0.02, "maxStep": 0.3}, eq.rprop, {"delayed": True},
    note="optax applies the step found one call earlier (nothing at the first), and drops it where the sign changed: do not copy. paper/rprop and torch/rprop apply the new step.",
)

# -- the Adam family

A, CALL = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}, "0.02, b1=0.8, b2=0.95, eps=1e-3"
P = {"b1": 0.9, "b2": 0.999}
ADAMAX = "eps is added to |g| inside the maximum; the paper has none."
add("adamax-default", "adamax(2e-3)", {"learningRate": 2e-3, **P, "eps": 1e-8}, eq.adamax, note=ADAMAX, twin="torch/adamax-default")
add("adamax", "adamax(0.05, b1=0.8, b2=0.95, eps=1e-3)", {**A, "learningRate": 0.05}, eq.adamax, note=ADAMAX, twin="torch/adamax")
add("adamaxw-default", "adamaxw(2e-3)", {"learningRate": 2e-3, **P, "eps": 1e-8, "weightDecay": 1e-4}, eq.adamax, note=ADAMAX)
add("adamaxw", f"adamaxw({CALL}, weight_decay=0.1)", {**A, "weightDecay": 0.1}, eq.adamax, note=ADAMAX)
DOZAT = "Dozat's Algorithm 2 also multiplies v/c2 by b2; no library does."
add("nadam-default", "nadam(1e-3)", {"learningRate": 1e-3, **P, "eps": 1e-8}, eq.adam, {"nesterov": True}, note=DOZAT)
add("nadam", f"nadam({CALL})", A, eq.adam, {"nesterov": True}, note=DOZAT)
add("nadam-eps-root", f"nadam({CALL}, eps_root=1e-2)", {**A, "epsRoot": 1e-2}, eq.adam, {"nesterov": True}, note=DOZAT)
add("nadamw-default", "nadamw(1e-3)", {"learningRate": 1e-3, **P, "eps": 1e-8, "weightDecay": 1e-4}, eq.adam, {"nesterov": True}, note=DOZAT)
add("nadamw", f"nadamw({CALL}, weight_decay=0.1)", {**A, "weightDecay": 0.1}, eq.adam, {"nesterov": True}, note=DOZAT)
AMS = "The maximum is of v/c2, and m is debiased; the paper debiases neither (optax/amsgrad-paper)."
add("amsgrad-default", "amsgrad(1e-3)", {"learningRate": 1e-3, **P, "eps": 1e-8}, eq.adam, {"amsgrad": "optax"}, note=AMS)
add("amsgrad", f"amsgrad({CALL})", A, eq.adam, {"amsgrad": "optax"}, note=AMS)
add("amsgrad-eps-root", f"amsgrad({CALL}, eps_root=1e-2)", {**A, "epsRoot": 1e-2}, eq.adam, {"amsgrad": "optax"}, note=AMS)
add("amsgrad-paper", f"amsgrad({CALL}, bias_correction_mu=False, bias_correction_nu=False)", A, eq.adam, {"amsgrad": "paper"}, twin="paper/amsgrad")
BELIEF = "eps_root is added to the state at every step, as in the paper (there it is the same eps)."
add("adabelief-default", "adabelief(1e-3)", {"learningRate": 1e-3, **P, "eps": 1e-16, "epsRoot": 1e-16}, eq.adabelief, note=BELIEF)
B = {**A, "epsRoot": 1e-2}
add("adabelief", f"adabelief({CALL}, eps_root=1e-2)", B, eq.adabelief, note=BELIEF)
add("adabelief-nesterov", f"adabelief({CALL}, eps_root=1e-2, nesterov=True)", B, eq.adabelief, {"nesterov": True}, note=BELIEF)
THRESHOLD = {"inclusive": True}
RADAM = "Rectifies where rho >= threshold; the paper where rho > 4."
add("radam-default", "radam(1e-3)", {"learningRate": 1e-3, **P, "eps": 1e-8, "threshold": 5}, eq.radam, THRESHOLD, note=RADAM)
add("radam", f"radam({CALL})", {**A, "threshold": 5}, eq.radam, THRESHOLD, note=RADAM)
add("radam-threshold-4", f"radam({CALL}, threshold=4.)", {**A, "threshold": 4}, eq.radam, THRESHOLD, note=RADAM, twin="paper/radam")
add("radam-eps-root", f"radam({CALL}, eps_root=1e-2)", {**A, "threshold": 5, "epsRoot": 1e-2}, eq.radam, THRESHOLD, note=RADAM)
add("radam-nesterov", f"radam({CALL}, nesterov=True)", {**A, "threshold": 5}, eq.radam, {**THRESHOLD, "nesterov": True}, note=RADAM)
YOGI = "Starts m and v at 1e-6 and debiases both, so the first debiased m is 1e-6 b1/(1-b1) too large; the paper debiases neither and starts m at 0."
Y = {"initialMoment": 1e-6, "initialAccumulator": 1e-6}
add("yogi-default", "yogi(0.01)", {"learningRate": 0.01, **P, "eps": 1e-3, **Y}, eq.yogi, {"debias": True}, note=YOGI)
add("yogi", f"yogi({CALL})", {**A, **Y}, eq.yogi, {"debias": True}, note=YOGI)
add(
    "yogi-accumulator", "chain(optax.scale_by_yogi(b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-2, initial_accumulator_value=0.1), optax.scale_by_learning_rate(0.02))",
    {**A, "epsRoot": 1e-2, "initialMoment": 0.1, "initialAccumulator": 0.1}, eq.yogi, {"debias": True}, note=YOGI.replace("1e-6", "0.1"),
)
ADAN = (
    "b1, b2, b3 are decay rates, one minus the paper's. The paper multiplies the difference by 1 - beta2, which is b2 here (and in the authors' code); optax "
    "multiplies it by 1 - b2, in the average and in the square: do not copy (paper/adan). The decay is additive, not (1 + lr lambda)^-1."
)
MIX = {"differenceFactor": "oneMinusDecay"}
add("adan-default", "adan(1e-3)", {"learningRate": 1e-3, "b1": 0.98, "b2": 0.92, "b3": 0.99, "eps": 1e-8, "epsRoot": 1e-8}, more.adan, MIX, note=ADAN)
N = {"learningRate": 0.02, "b1": 0.8, "b2": 0.7, "b3": 0.95, "eps": 1e-3, "epsRoot": 1e-2}
add("adan", "adan(0.02, b1=0.8, b2=0.7, b3=0.95, eps=1e-3, eps_root=1e-2)", N, more.adan, MIX, note=ADAN)
add("adan-decay", "adan(0.02, b1=0.8, b2=0.7, b3=0.95, eps=1e-3, eps_root=1e-2, weight_decay=0.1)", {**N, "weightDecay": 0.1}, more.adan, MIX, note=ADAN)

# -- signs

add("lion-default", "lion(1e-3)", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.99, "weightDecay": 1e-3}, more.lion)
add("lion", "lion(0.02, b1=0.8, b2=0.95, weight_decay=0.)", {"learningRate": 0.02, "b1": 0.8, "b2": 0.95}, more.lion, twin="keras/lion")
add("lion-decay", "lion(0.02, b1=0.8, b2=0.95, weight_decay=0.1)", {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "weightDecay": 0.1}, more.lion, twin="keras/lion-decay")
for mode in ("smooth", "refined"):
    add(
        f"lion-{mode}", f"chain(optax.scale_by_lion(b1=0.8, b2=0.95, mode='{mode}', smooth_beta=2.), optax.scale_by_learning_rate(0.02))",
        {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "smoothBeta": 2}, more.lion, {"mode": mode}, note="Not in the paper.",
    )
add("sign-sgd", "sign_sgd(0.05)", {"learningRate": 0.05}, more.sign_sgd)
add("signum-default", "signum(0.05)", {"learningRate": 0.05, "b1": 0.9}, more.signum)
add("signum", "signum(0.05, beta=0.7)", {"learningRate": 0.05, "b1": 0.7}, more.signum)

# -- by layer

L = {"learningRate": 0.1, "trustCoefficient": 0.05, "momentum": 0.8, "eps": 1e-3}
CALL = "lars(0.1, trust_coefficient=0.05, momentum=0.8, eps=1e-3"
LARS = {"ratio": "joint"}
SEPARATE = "The ratio divides by |g + lambda p|; the paper by |g| + lambda |p|. Where a norm is 0 the ratio is 1, not the coefficient. The rate is inside the velocity, as in the paper."
add("lars-default", "lars(0.1)", {"learningRate": 0.1, "trustCoefficient": 1e-3, "momentum": 0.9, "eps": 0}, more.lars, LARS, note=SEPARATE)
add("lars", f"{CALL})", L, more.lars, LARS, note=SEPARATE, twin="paper/lars-plain")
add("lars-decay", f"{CALL}, weight_decay=0.1)", {**L, "weightDecay": 0.1}, more.lars, LARS, note=SEPARATE)
add("lars-nesterov", f"{CALL}, weight_decay=0.1, nesterov=True)", {**L, "weightDecay": 0.1}, more.lars, {**LARS, "nesterov": True}, note=SEPARATE)
A = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}
CALL = "0.02, b1=0.8, b2=0.95, eps=1e-3"
add("lamb-default", "lamb(0.01)", {"learningRate": 0.01, **P, "eps": 1e-6}, more.lamb, note="The ratio's scaling function is the identity.")
add("lamb", f"lamb({CALL})", A, more.lamb, twin="keras/lamb")
add("lamb-decay", f"lamb({CALL}, weight_decay=0.1, eps_root=1e-2)", {**A, "epsRoot": 1e-2, "weightDecay": 0.1}, more.lamb)
V = {"learningRate": 0.05, "b1": 0.8, "b2": 0.6, "eps": 1e-3, "epsRoot": 1e-2}
add("novograd-default", "novograd(0.01)", {"learningRate": 0.01, "b1": 0.9, "b2": 0.25, "eps": 1e-6}, more.novograd)
add("novograd", "novograd(0.05, b1=0.8, b2=0.6, eps=1e-3, eps_root=1e-2)", V, more.novograd)
add("novograd-decay", "novograd(0.05, b1=0.8, b2=0.6, eps=1e-3, eps_root=1e-2, weight_decay=0.1)", {**V, "weightDecay": 0.1}, more.novograd)
add("fromage", "fromage(0.1)", {"learningRate": 0.1, "minNorm": 1e-6}, more.fromage)
add("fromage-min-norm", "fromage(0.1, min_norm=0.8)", {"learningRate": 0.1, "minNorm": 0.8}, more.fromage, note="Both norms are at least min_norm; the paper bounds neither.")
SM3 = "SM3-II. The momentum is an EMA of the scaled gradient. The scalar was handed over as an array of one: optax fails on rank 0."
for name, shape in (("", None), ("-tall", tall), ("-cube", cube)):
    add(f"sm3{name}", "sm3(0.1, momentum=0.7)", {"learningRate": 0.1, "momentum": 0.7, "eps": 1e-8}, more.sm3, note=SM3, shape=shape, unit_scalar=True)
add(
    "sm3-eps", "chain(optax.scale_by_sm3(0.7, eps=1e-3), optax.scale(-0.1))", {"learningRate": 0.1, "momentum": 0.7, "eps": 1e-3}, more.sm3,
    note=SM3 + " eps is under the root; 0 where the accumulator is 0.", unit_scalar=True,
)

# -- adafactor: optax computes its decay in f32 and momentum in f32, so the f64 cases are the same chain with both in f64

F = {"learningRate": 0.05, "eps1": 1e-3, "eps2": 1e-3, "beta2Decay": 0.6, "clip": 0.9}
NOTE = (
    "No relative step size: the rate is the rate. The decay is not multiplied by it. eps1 is added to g^2 before the mean. The scale of the parameter is at "
    "least 1e-3. Not factored: rank < 2, or the second-largest axis < min_dim_size_to_factor."
)


def adafactor(dtype, lr=0.05, factored=True, scale=True, clip=0.9, momentum=None, decay=None):
    if dtype == "f32":
        return optax.adafactor(
            lr, min_dim_size_to_factor=2, decay_rate=0.6, eps=1e-3, factored=factored, multiply_by_parameter_scale=scale, clipping_threshold=clip, momentum=momentum, weight_decay_rate=decay
        )
    double = lambda i, exponent: 1.0 - jnp.asarray(i + 1, jnp.float64) ** (-exponent)
    parts = [optax.scale_by_factored_rms(factored, 0.6, 0, 2, 1e-3, double)]
    parts += [] if clip is None else [optax.clip_by_block_rms(clip)]
    parts += [optax.scale_by_learning_rate(lr, flip_sign=False)]
    parts += [optax.scale_by_param_block_rms()] if scale else []
    parts += [] if momentum is None else [optax.ema(momentum, debias=False, accumulator_dtype=jnp.float64)]
    parts += [] if decay is None else [optax.add_decayed_weights(decay)]
    return optax.chain(*parts, optax.scale(-1))


CALL = "adafactor(0.05, min_dim_size_to_factor=2, decay_rate=0.6, eps=1e-3, clipping_threshold=0.9"
for name, call, kw, hyper, variant, shape in [
    ("", "", {}, {}, {}, None),
    ("-tall", "", {}, {}, {}, tall),
    ("-cube", "", {}, {}, {}, cube),
    ("-unfactored", ", factored=False", {"factored": False}, {}, {"factored": False}, None),
    ("-unscaled", ", multiply_by_parameter_scale=False", {"scale": False}, {}, {"scaleByParameter": False}, None),
    ("-unclipped", ", clipping_threshold=None", {"clip": None}, {"clip": None}, {}, None),
    ("-momentum-decay", ", momentum=0.7, weight_decay_rate=0.01", {"momentum": 0.7, "decay": 0.01}, {"momentum": 0.7, "weightDecay": 0.01}, {}, None),
]:
    variant = {"form": "optax", "scaleByParameter": True, **variant}
    reference = (CALL.replace(", clipping_threshold=0.9", "") if "clip" in kw else CALL) + call + ")"
    case(f"adafactor{name}", {**F, **hyper}, reference, lambda dtype: adafactor(dtype, **kw), more.adafactor, variant=variant, note=NOTE, shape=shape)
TINY = {k: v / 4096 for k, v in PARAMS0.items()}
case("adafactor-tiny", F, f"{CALL})", adafactor, more.adafactor, variant={"form": "optax", "scaleByParameter": True}, note=NOTE, params0=TINY)

# -- the rest

O = {"learningRate": 0.1, "alpha": 0.8, "beta": 0.6}
add("optimistic-gradient-descent-default", "optimistic_gradient_descent(0.1)", {**O, "alpha": 1, "beta": 1}, more.optimistic_gradient_descent)
add("optimistic-gradient-descent", "optimistic_gradient_descent(0.1, alpha=0.8, beta=0.6)", O, more.optimistic_gradient_descent, note="The gradient before the first is the first.")

A, CALL = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}, "0.02, b1=0.8, b2=0.95, eps=1e-3"
OWN = {"start": "own"}
LOOK = {**OWN, "nesterov": True}
LAST = "The update before the first is the first; in the authors' code it is 0 (paper/optimistic-adam)."
AHEAD = LAST + " nesterov is on by default, against the paper and the docstring's equations."
add("optimistic-adam-default", "optimistic_adam_v2(1e-3)", {"learningRate": 1e-3, **P, "eps": 1e-8, "alpha": 1, "beta": 1}, more.optimistic_adam, LOOK, note=AHEAD)
add("optimistic-adam", f"optimistic_adam_v2({CALL}, nesterov=False)", {**A, "alpha": 1, "beta": 1}, more.optimistic_adam, OWN, note=LAST)
add(
    "optimistic-adam-weights", f"optimistic_adam_v2({CALL}, alpha=0.8, beta=0.6, eps_root=1e-2)", {**A, "epsRoot": 1e-2, "alpha": 0.8, "beta": 0.6},
    more.optimistic_adam, LOOK, note=AHEAD,
)
OLD = " The deprecated form: lr U + optimism (U - U before), optimism lr unless given."
add("optimistic-adam-v1", f"optimistic_adam({CALL})", {**A, "alpha": 1, "beta": 1}, more.optimistic_adam, LOOK, note=AHEAD + OLD)
add("optimistic-adam-v1-optimism", f"optimistic_adam({CALL}, optimism=0.05)", {**A, "alpha": 1, "beta": 2.5}, more.optimistic_adam, LOOK, note=AHEAD + OLD)

SD = "The standard deviation at step t (from 1) is sqrt(eta/t^gamma)."
Z = {"learningRate": 0.1, "eta": 0, "gamma": 0.55}
silent = [{k: np.zeros_like(v) for k, v in g.items()} for g in GRADS]
add("noisy-sgd-silent", "noisy_sgd(0.1, eta=0., gamma=0.55, key=3)", Z, more.noisy_sgd, note=SD + " eta 0: plain SGD.", noise=silent)
for dtype in ("f64", "f32"):
    jax.config.update("jax_enable_x64", dtype == "f64")
    unit, state, noise = optax.add_noise(1.0, 0.0, 3), None, []
    zeros = {k: jnp.zeros(v.shape, dtype.replace("f", "float")) for k, v in GRADS[0].items()}
    state = unit.init(zeros)
    for _ in GRADS:
        n, state = unit.update(zeros, state)
        noise.append(to_numpy(n))
    opt = optax.noisy_sgd(0.1, eta=0.04, gamma=0.7, key=3)
    trace, _ = run(opt, dtype, PARAMS0, GRADS)
    # normals of f32 and f64 come from different bits: the two dtypes are two cases
    out.add(
        f"optax/noisy-sgd-{dtype}", dtype, "noisy_sgd(0.1, eta=0.04, gamma=0.7, key=3)", {"learningRate": 0.1, "eta": 0.04, "gamma": 0.7, "key": 3}, trace,
        equation=more.noisy_sgd, note=SD + " Each step splits the key in two, keeps the first, and splits the second by leaf, in the order of the sorted keys.", noise=noise,
    )

K, FORM = {"scaling": 1, "maxLearningRate": 1, "fMin": 0, "eps": 0}, {"form": "sps", "scalingInside": True}
add("polyak-sgd-default", "polyak_sgd()", K, adaptive.polyak_sgd, FORM, needs_loss=True)
K = {"scaling": 1, "maxLearningRate": 0.6, "fMin": 0.3, "eps": 1e-3}
CALL = "polyak_sgd(max_learning_rate=0.6, f_min=0.3, eps=1e-3"
NEGATIVE = "A loss below f_min gives a negative step: it ascends."
add("polyak-sgd", f"{CALL})", K, adaptive.polyak_sgd, FORM, needs_loss=True, note=NEGATIVE)
add("polyak-sgd-plus", f"{CALL}, variant='sps+')", K, adaptive.polyak_sgd, {**FORM, "form": "sps+"}, needs_loss=True)
add(
    "polyak-sgd-scaling", f"{CALL}, scaling=0.5)", {**K, "scaling": 0.5}, adaptive.polyak_sgd, FORM, needs_loss=True,
    note="Against its docstring (scaling min(gap/(|g|^2 + eps), max)): the gradient is scaled first, so the step is scaling min(gap/(scaling^2 |g|^2 + eps), max), "
    "which is larger for a smaller scaling; it acts as the paper's c.",
)
out.write()
