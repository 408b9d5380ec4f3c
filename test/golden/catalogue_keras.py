"""Trajectories of Keras's optimizers (jax backend), and what every one of them has: decay, clipping, averaging, accumulation."""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)
import os
import tempfile

os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"] = "jax", tempfile.mkdtemp()
import jax
import keras

import catalogue_adaptive as adaptive
import catalogue_equations as eq
import catalogue_more as more
from catalogue import GRADS, LEAVES, NUMPY, PARAMS0, Catalogue, apart, decoded, tall

jax.config.update("jax_platforms", "cpu")
# Keras takes means and norms of float64 in float32; these do not.
keras.src.backend.numpy.mean = lambda x, **kw: jax.numpy.mean(keras.ops.convert_to_tensor(x), **kw)
keras.src.backend.linalg.norm = lambda x, ord=None, **kw: jax.numpy.linalg.norm(x, ord, **kw)
out = Catalogue(__file__, {"keras": keras.__version__, "jax": jax.__version__}, {
    "extra": "average: Keras's moving average of the parameters after each step; evalParams: the parameters to evaluate after each step; apart: how far an f32 case is "
    "from its f64 case, relative to the largest value so far; agreesWith: the case of another source that is equal",
    "decay": "weight_decay is decoupled in every optimizer and comes first: p -= lr lambda p, then the step. Where the step looks at p (Lamb, Adafactor, ScheduleFreeAdamW), it sees the decayed p.",
})


def values(variables):
    return {k: jax.device_get(v.value) for k, v in variables.items()}


def run(make, dtype, params0, grads, watch):
    jax.config.update("jax_enable_x64", dtype == "f64")
    keras.config.set_floatx("float64" if dtype == "f64" else "float32")
    variables = {k: keras.Variable(params0[k].astype(NUMPY[dtype]), name=k) for k in LEAVES}
    opt, trace, seen = make(), [], []
    opt.build(list(variables.values()))
    for g in grads:
        opt.apply([jax.numpy.asarray(g[k], NUMPY[dtype]) for k in LEAVES])
        trace.append(values(variables))
        if watch:
            seen.append(watch(opt, trace[-1]))
    return trace, seen


def add(name, call, hyper, equation, variant=None, *, shape=None, watch=None, watched=None, **kw):
    params0, grads = (PARAMS0, GRADS) if not shape else (shape(PARAMS0), [shape(g) for g in GRADS])
    for dtype in ("f64", "f32"):
        trace, seen = run(lambda: eval(f"keras.optimizers.{call}", {"keras": keras}), dtype, params0, grads, watch)
        extra = {watched: seen} if watch else {}
        out.add(f"keras/{name}", dtype, call, hyper, trace, equation=equation, variant=variant, params0=params0, grads=grads, **extra, **kw)


# -- classical

S, RATE = {"learningRate": 0.1}, {"rateInside": True}
add("sgd", "SGD(0.1)", S, eq.sgd)
add("sgd-momentum", "SGD(0.1, momentum=0.8)", {**S, "momentum": 0.8}, eq.sgd, RATE)
add("sgd-nesterov", "SGD(0.1, momentum=0.8, nesterov=True)", {**S, "momentum": 0.8, "nesterov": True}, eq.sgd, RATE)
add("sgd-momentum-decay", "SGD(0.1, momentum=0.8, weight_decay=0.1)", {**S, "momentum": 0.8, "weightDecay": 0.1}, eq.sgd, RATE, twin="combinators/decay-momentum")
INSIDE = {"epsInside": True}
add("adagrad-default", "Adagrad()", {"learningRate": 1e-3, "initialAccumulator": 0.1, "eps": 1e-7}, eq.adagrad, INSIDE)
G, CALL = {"learningRate": 0.1, "initialAccumulator": 0.2, "eps": 1e-3}, "Adagrad(0.1, initial_accumulator_value=0.2, epsilon=1e-3"
add("adagrad", f"{CALL})", G, eq.adagrad, INSIDE, twin="optax/adagrad")
add("adagrad-decay", f"{CALL}, weight_decay=0.1)", {**G, "weightDecay": 0.1}, eq.adagrad, INSIDE)
add("ftrl-default", "Ftrl()", {"learningRate": 1e-3, "beta": 0, "lambda1": 0, "lambda2": 0, "shrinkage": 0, "power": 0.5, "initialAccumulator": 0.1}, eq.ftrl, {"keras": True})
L, CALL = {"learningRate": 0.1, "beta": 0, "lambda1": 0, "lambda2": 0, "shrinkage": 0, "power": 0.5, "initialAccumulator": 0.2}, "Ftrl(0.1, initial_accumulator_value=0.2"
NOTE = "l2 and l2 shrinkage count twice; the paper's lambda_2 does not."
add("ftrl", f"{CALL})", L, eq.ftrl, {"keras": True})
add("ftrl-l1", f"{CALL}, l1_regularization_strength=0.75)", {**L, "lambda1": 0.75}, eq.ftrl, {"keras": True})
add(
    "ftrl-all", f"{CALL}, learning_rate_power=-0.8, beta=0.5, l1_regularization_strength=0.25, l2_regularization_strength=0.3, l2_shrinkage_regularization_strength=0.2)",
    {**L, "power": 0.8, "beta": 0.5, "lambda1": 0.25, "lambda2": 0.3, "shrinkage": 0.2}, eq.ftrl, {"keras": True}, note=NOTE,
)
add("ftrl-fixed", f"{CALL}, learning_rate_power=0.0, l1_regularization_strength=0.25)", {**L, "power": 0, "lambda1": 0.25}, eq.ftrl, {"keras": True})
add("adadelta-default", "Adadelta()", {"learningRate": 1e-3, "rho": 0.95, "eps": 1e-7}, eq.adadelta)
D, CALL = {"learningRate": 0.7, "rho": 0.8, "eps": 1e-3}, "Adadelta(0.7, rho=0.8, epsilon=1e-3"
add("adadelta", f"{CALL})", D, eq.adadelta, twin="torch/adadelta")
add("adadelta-decay", f"{CALL}, weight_decay=0.1)", {**D, "weightDecay": 0.1}, eq.adadelta)
R, CALL = {"learningRate": 0.05, "decay": 0.8, "eps": 1e-3}, "RMSprop(0.05, rho=0.8, epsilon=1e-3"
add("rmsprop-default", "RMSprop()", {"learningRate": 1e-3, "decay": 0.9, "eps": 1e-7}, eq.rmsprop, INSIDE)
for name, call, hyper in [
    ("", "", {}),
    ("-centered", ", centered=True", {"centered": True}),
    ("-momentum", ", momentum=0.7", {"momentum": 0.7}),
    ("-centered-momentum", ", centered=True, momentum=0.7", {"centered": True, "momentum": 0.7}),
    ("-decay", ", weight_decay=0.1", {"weightDecay": 0.1}),
]:
    add(f"rmsprop{name}", f"{CALL}{call})", {**R, **hyper}, eq.rmsprop, {**INSIDE, **({"momentumForm": "rateInside"} if "momentum" in hyper else {})})

# -- the Adam family

A, CALL, HAT = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}, "0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-3", {"epsHat": True}
DEFAULT = {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-7}
NOTE = "epsilon is the paper's epsilon hat: beside sqrt v, not sqrt(v/c2)."
add("adam-default", "Adam()", DEFAULT, eq.adam, HAT, note=NOTE)
add("adam", f"Adam({CALL})", A, eq.adam, HAT, note=NOTE)
add("adam-amsgrad", f"Adam({CALL}, amsgrad=True)", A, eq.adam, {**HAT, "amsgrad": "keras"}, note=NOTE + " The maximum is of v; the paper debiases nothing.")
add("adam-decay", f"Adam({CALL}, weight_decay=0.1)", {**A, "weightDecay": 0.1}, eq.adam, HAT, note=NOTE)
add("adamw-default", "AdamW()", {**DEFAULT, "weightDecay": 4e-3}, eq.adam, HAT, note=NOTE)
add("adamw", f"AdamW({CALL}, weight_decay=0.1)", {**A, "weightDecay": 0.1}, eq.adam, HAT, note=NOTE)
OUTSIDE = {"epsOutside": True}
NOTE = "epsilon is beside u, not inside the maximum; the paper has none."
add("adamax-default", "Adamax()", DEFAULT, eq.adamax, OUTSIDE, note=NOTE)
add("adamax", f"Adamax({CALL})", A, eq.adamax, OUTSIDE, note=NOTE)
add("adamax-decay", f"Adamax({CALL}, weight_decay=0.1)", {**A, "weightDecay": 0.1}, eq.adamax, OUTSIDE, note=NOTE)
NOTE = "mu_t = b1 (1 - 0.96^t/2): PyTorch's momentum_decay would be 1."
add("nadam-default", "Nadam()", {**DEFAULT, "momentumDecay": 1}, eq.nadam, note=NOTE)
add("nadam", f"Nadam({CALL})", {**A, "momentumDecay": 1}, eq.nadam, note=NOTE)
add("nadam-decay", f"Nadam({CALL}, weight_decay=0.1)", {**A, "momentumDecay": 1, "weightDecay": 0.1}, eq.nadam, note=NOTE)
add("lion-default", "Lion()", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.99}, more.lion)
add("lion", "Lion(0.02, beta_1=0.8, beta_2=0.95)", {"learningRate": 0.02, "b1": 0.8, "b2": 0.95}, more.lion)
add("lion-decay", "Lion(0.02, beta_1=0.8, beta_2=0.95, weight_decay=0.1)", {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "weightDecay": 0.1}, more.lion)
NOTE = "The paper puts lambda p into the update before the ratio; Keras decays p first, so neither the ratio's numerator is that of the old p nor its denominator sees the decay."
add("lamb-default", "Lamb()", DEFAULT, more.lamb)
add("lamb", f"Lamb({CALL})", A, more.lamb)
add("lamb-decay", f"Lamb({CALL}, weight_decay=0.1)", {**A, "weightDecay": 0.1}, more.lamb, {"decayOutside": True}, note=NOTE)

# -- adafactor, muon, schedule-free

F, CALL, FORM = {"learningRate": 0.05, "beta2Decay": 0.6, "eps1": 1e-3, "eps2": 0.5, "clip": 0.9}, "Adafactor(0.05, beta_2_decay=-0.6, epsilon_1=1e-3, epsilon_2=0.5, clip_threshold=0.9", {"form": "keras"}
add("adafactor-default", "Adafactor()", {"learningRate": 1e-3, "beta2Decay": 0.8, "eps1": 1e-30, "eps2": 1e-3, "clip": 1}, more.adafactor, FORM)
add("adafactor", f"{CALL})", F, more.adafactor, FORM)
add("adafactor-tall", f"{CALL})", F, more.adafactor, FORM, shape=tall)
add("adafactor-absolute", f"{CALL}, relative_step=False)", F, more.adafactor, FORM, note="relative_step=False changes nothing: the rate is min(lr, 1/sqrt t) in any case.")
add("adafactor-decay", f"{CALL}, weight_decay=0.1)", {**F, "weightDecay": 0.1}, more.adafactor, FORM, note="The scale is the RMS of the decayed p; the decay is multiplied by lr.")

U = {"learningRate": 0.02, "weightDecay": 4e-3, "momentum": 0.95, "nesterov": True, "nsSteps": 5, "nsCoefficients": [3.4445, -4.775, 2.0315], "eps": 1e-7, "rmsRate": 0.2}
B = {"learningRate": 0.02, "b1": 0.9, "b2": 0.999, "eps": 1e-7, "epsHat": True, "weightDecay": 4e-3}
KERAS = {"form": "keras", "adjust": "matchRmsAdamw", "adam": B}
NOTE = "m = mu m + g, Nesterov g + mu m; scaled by 0.2 sqrt(max(rows, columns)). The norm gets + 1e-7 whatever epsilon is. Other leaves: AdamW in Keras's form."
add("muon-default", "Muon(0.02)", U, more.muon, KERAS, note=NOTE)
CALL = "Muon(0.05, momentum=0.8, adam_beta_1=0.8, adam_beta_2=0.95, epsilon=1e-3"
U, B = {**U, "learningRate": 0.05, "momentum": 0.8}, {**B, "learningRate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3}
KERAS = {**KERAS, "adam": B}
add("muon", f"{CALL})", U, more.muon, KERAS, note=NOTE)
add("muon-tall", f"{CALL})", U, more.muon, KERAS, note=NOTE, shape=tall)
add("muon-heavy-ball", f"{CALL}, nesterov=False)", {**U, "nesterov": False}, more.muon, KERAS, note=NOTE)
add(
    "muon-options", f"{CALL}, weight_decay=0.1, adam_weight_decay=0.2, adam_lr_ratio=0.5, ns_steps=3, rms_rate=None)", {**U, "weightDecay": 0.1, "nsSteps": 3, "rmsRate": None}, more.muon,
    {**KERAS, "adjust": "none", "adam": {**B, "learningRate": 0.025, "decayRate": 0.05, "weightDecay": 0.2}}, note=NOTE + " The decay of the other leaves is multiplied by the plain rate, not by adam_lr_ratio.",
)


def x(b1):
    """y = (1 - b1) z + b1 x."""
    return lambda opt, y: {k: (y[k] - (1 - b1) * jax.device_get(z.value)) / b1 for k, z in zip(LEAVES, opt._momentums)}


V, FREE = {"learningRate": 0.1, "b1": 0.8, "b2": 0.95, "eps": 1e-3}, {"form": "keras", "inner": "adamw"}
NOTE = "The average weighs every step 1/t, during warm-up too; the paper weighs by the squared rate. params are y; x is not offered, evalParams was computed from y and z."
WATCH = {"watch": x(0.8), "watched": "evalParams", "note": NOTE}
CALL = "ScheduleFreeAdamW(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3"
add("schedule-free-adamw", f"{CALL})", V, adaptive.schedule_free, FREE, **WATCH, twin="optax/schedule-free-adamw")
add("schedule-free-adamw-warmup", f"{CALL}, warmup_steps=4)", {**V, "warmupSteps": 4}, adaptive.schedule_free, FREE, **WATCH)
WATCH["note"] += " The decay of y reaches x alone (divided by b1), not z; and not through the warm-up."
add("schedule-free-adamw-decay", f"{CALL}, warmup_steps=4, weight_decay=0.1)", {**V, "warmupSteps": 4, "weightDecay": 0.1}, adaptive.schedule_free, FREE, **WATCH)

# -- what every optimizer has

M, CALL = {**S, "momentum": 0.8}, "SGD(0.1, momentum=0.8"
add("clipnorm", f"{CALL}, clipnorm=1.0)", {**M, "maxLeafNorm": 1}, eq.sgd, RATE, note="Each leaf by its own norm.")
add(
    "global-clipnorm", f"{CALL}, global_clipnorm=1.5)", {**M, "maxNorm": 1.5}, eq.sgd, RATE, twin="combinators/clip-by-norm",
    note="g min(N/|g|, 1), and NaN everywhere where |g| is not finite.",
)
add("clipvalue", f"{CALL}, clipvalue=0.5)", {**M, "maxValue": 0.5}, eq.sgd, RATE, twin="combinators/clip-by-value")
add(
    "clipnorm-decay", f"AdamW({CALL.replace('SGD(', '')}, weight_decay=0.1, clipnorm=1.0)".replace("0.1, momentum=0.8", "0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-3"),
    {**A, "weightDecay": 0.1, "maxLeafNorm": 1}, eq.adam, HAT,
)


def average(opt, _):
    return values(dict(zip(LEAVES, opt._model_variables_moving_average)))


EMA = "average: m average + (1 - m) p after each step, a copy at the first; no debiasing."
add("ema", f"{CALL}, use_ema=True, ema_momentum=0.9)", {**M, "emaDecay": 0.9}, eq.sgd, RATE, watch=average, watched="average", note=EMA)
add(
    "ema-overwrite", f"{CALL}, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4)", {**M, "emaDecay": 0.9, "every": 4}, None, RATE, watch=average, watched="average",
    note=f"{EMA} After every fourth step the parameters become the average; velocity and average stay.",
)
add(
    "accumulate", f"{CALL}, gradient_accumulation_steps=3)", {**M, "every": 3}, None, RATE,
    note="The mean of three gradients, one step after the third; nothing moves between.", twin="combinators/accumulate-momentum",
)


def averages(every):
    """Velocity inside, averaging, and an overwrite after every so many steps."""
    p, v, mean, trace, seen = dict(PARAMS0), {k: 0.0 for k in LEAVES}, None, [], []
    for t, g in enumerate(GRADS, 1):
        v = {k: 0.8 * v[k] - 0.1 * g[k] for k in p}
        p = {k: p[k] + v[k] for k in p}
        mean = p if t == 1 else {k: 0.9 * mean[k] + 0.1 * p[k] for k in p}
        p = mean if every and t % every == 0 else p
        trace.append(p)
        seen.append(mean)
    return trace, seen


for name, every in (("ema", 0), ("ema-overwrite", 4)):
    found = next(c for c in out.cases if c["name"] == f"keras/{name}/f64")
    for ours, theirs in zip(averages(every), (found["params"], found["extra"]["average"])):
        assert apart(ours, [decoded(t) for t in theirs]) < 1e-12, name
out.write()
