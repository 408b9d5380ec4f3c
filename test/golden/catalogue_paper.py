"""Trajectories of the rules as their papers give them, where no library does: the equations themselves, in numpy.

The equations are those every library case is checked against (catalogue_equations.py, catalogue_more.py), with the paper's choices.
Where a library agrees, the case names its twin there. The laws at the end are asserted, not recorded.
"""

from catalogue import GRADS, LOSSES, PARAMS0, STEPS, Catalogue, apart, cast, simulate  # first: it puts this folder behind the standard library
import numpy as np

import catalogue_adaptive as adaptive
import catalogue_equations as eq
import catalogue_more as more

out = Catalogue(__file__, {"numpy": np.__version__}, {
    "extra": "rates: the rate of each step; gradientPoints: where each gradient was taken; curvature, centre: f(p) = sum of curvature (p - centre)^2 / 2; evalParams: the "
    "parameters to evaluate after each step; alphas, b3s: values of a schedule at each step; apart, agreesWith: as elsewhere",
})


def case(name, hyper, reference, equation, variant=None, *, note=None, twin=None, **extra):
    for dtype in ("f64", "f32"):
        h = {"losses": LOSSES, **hyper, **(variant or {}), **extra}
        trace = simulate(equation, h, cast(PARAMS0, dtype), [cast(g, dtype) for g in GRADS])
        out.add(f"paper/{name}", dtype, reference, hyper, trace, variant=variant, note=note, twin=twin, **extra)


A = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}
RATES = [0.02 * 0.9**t for t in range(STEPS)]
INSIDE = {"epsInside": True}

# -- classical

case("sgd-dampening", {"learningRate": 0.1, "momentum": 0.8, "dampening": 0.3}, "b = 0.8 b + 0.7 g from b = 0; p -= 0.1 b", eq.sgd, note="PyTorch's first b is g, undamped.")
case("adagrad-default", {"learningRate": 0.01, "initialAccumulator": 0, "eps": 1e-8}, "a += g^2; p -= 0.01 g/sqrt(a + 1e-8)", eq.adagrad, INSIDE)
case("adagrad", {"learningRate": 0.1, "initialAccumulator": 0, "eps": 1e-3}, "a += g^2; p -= 0.1 g/sqrt(a + 1e-3)", eq.adagrad, INSIDE, twin="optax/adagrad-zero")
F = {"learningRate": 0.1, "beta": 1, "lambda1": 0, "lambda2": 0, "shrinkage": 0, "power": 0.5, "initialAccumulator": 0}
REFERENCE = "z += g - (sqrt(n + g^2) - sqrt n)/0.1 p; n += g^2; p = -(z - clip(z, -l1, l1))/((beta + sqrt n)/0.1 + l2)"
case("ftrl-default", {**F, "learningRate": 0.01}, REFERENCE.replace("0.1", "0.01"), eq.ftrl)
case("ftrl", {**F, "lambda1": 0.5, "lambda2": 0.25}, REFERENCE, eq.ftrl)
case("ftrl-adagrad", {**F, "beta": 0}, REFERENCE, eq.ftrl, note="Without beta and regularization it is AdaGrad; parameters without a gradient stay.")
case("rmsprop-default", {"learningRate": 1e-3, "decay": 0.9, "eps": 1e-8}, "v = 0.9 v + 0.1 g^2; p -= 1e-3 g/sqrt(v + 1e-8)", eq.rmsprop, INSIDE)
for name, h in [
    ("rprop-default", {"learningRate": 0.01, "etaMinus": 0.5, "etaPlus": 1.2, "minStep": 1e-6, "maxStep": 50}),
    ("rprop", {"learningRate": 0.1, "etaMinus": 0.4, "etaPlus": 1.5, "minStep": 0.02, "maxStep": 0.3}),
]:
    case(name, h, "the new step is applied", eq.rprop, note="Where the sign changed, nothing moves, and the next step keeps its size.", twin=f"torch/{name}")

CURVATURE = {"kernel": np.array([[1.0, 0.5, 2.0], [4.0, 0.25, 0.125]]), "bias": np.array([8.0, 1.0, 0.0]), "scalar": np.array(3.0)}
CENTRE = {"kernel": np.array([[0.0, 1.0, -1.0], [0.5, 0.5, 2.0]]), "bias": np.array([1.0, -1.0, 0.0]), "scalar": np.array(-2.0)}


def nag(dtype, rates, mu):
    """v = mu v + lr g(p - mu v); p -= v, of a quadratic."""
    p, a, c = cast(PARAMS0, dtype), cast(CURVATURE, dtype), cast(CENTRE, dtype)
    v, points, grads, trace = {k: np.zeros_like(x) for k, x in p.items()}, [], [], []
    for lr in rates:
        at = {k: p[k] - mu * v[k] for k in p}
        g = {k: a[k] * (at[k] - c[k]) for k in p}
        v = {k: mu * v[k] + lr * g[k] for k in p}
        p = {k: p[k] - v[k] for k in p}
        for row, x in zip((points, grads, trace), (at, g, p)):
            row.append(x)
    return points, grads, trace


for name, rates in (("nag", [0.1] * STEPS), ("nag-exponential", [0.1 * 0.9**t for t in range(STEPS)])):
    for dtype in ("f64", "f32"):
        points, grads, trace = nag(dtype, rates, 0.9)
        reference = "v = 0.9 v + lr g(p - 0.9 v); p -= v, with g(p) = curvature (p - centre)"
        out.add(
            f"paper/{name}", dtype, reference, {"learningRate": 0.1, "momentum": 0.9}, trace, grads=grads, rates=rates, gradientPoints=points, curvature=CURVATURE, centre=CENTRE,
            note="grads are those at gradientPoints. curvature 0: a gradient that is always zero.",
        )

# -- the Adam family

FACTOR = "lambda is multiplied by the schedule's factor but not by the base rate."
case("adamw", {**A, "weightDecay": 0.01}, "p -= 0.02 U + 0.01 p", eq.adamw_paper, {"baseRate": 0.02}, note=FACTOR)
case("adamw-exponential", {**A, "weightDecay": 0.01}, "p -= 0.9^t (0.02 U + 0.01 p), t from 0", eq.adamw_paper, {"baseRate": 0.02}, note=FACTOR, rates=RATES)
case("nadam", {**A, "momentumDecay": 0.1}, "mu_t = b1 (1 - 0.96^(0.1 t)/2)", eq.nadam, twin="torch/nadam")
case("nadam-psi-1", {**A, "momentumDecay": 1}, "mu_t = b1 (1 - 0.96^t/2)", eq.nadam, twin="keras/nadam")
case("amsgrad", A, "x = max(x, v); p -= 0.02 m/(sqrt x + eps)", eq.adam, {"amsgrad": "paper"}, note="Nothing is debiased.", twin="optax/amsgrad-paper")
case("radam", {**A, "threshold": 4}, "rectified where rho > 4", eq.radam, twin="optax/radam-threshold-4")
case("radam-default", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "threshold": 5}, "rectified where rho > 5", eq.radam)
BOUND, REFERENCE = {**A, "finalRate": 0.1, "gamma": 0.05}, "p -= clip(lr sqrt(c2)/c1/(sqrt v + eps), L, H) m"
LIMITS = "L = F (1 - 1/(gamma t + 1)), H = F (1 + 1/(gamma t)), F = finalRate lr/baseRate; m is not debiased."
DEFAULT = {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "finalRate": 0.1, "gamma": 1e-3}
for bound, variant in (("adabound", {}), ("amsbound", {"amsbound": True})):
    case(f"{bound}-default", DEFAULT, REFERENCE, eq.adabound, {"baseRate": 1e-3, **variant}, note=LIMITS)
    case(bound, BOUND, REFERENCE, eq.adabound, {"baseRate": 0.02, **variant}, note=LIMITS)
    case(f"{bound}-exponential", BOUND, f"{REFERENCE}; lr = 0.02 0.9^t, t from 0", eq.adabound, {"baseRate": 0.02, **variant}, note=LIMITS, rates=RATES)
    case(f"{bound}-tight", {**BOUND, "gamma": 1e6}, REFERENCE, eq.adabound, {"baseRate": 0.02, **variant}, note=f"{LIMITS} Nearly SGD at finalRate on the EMA.")
case(
    "yogi", {**A, "initialMoment": 0, "initialAccumulator": 1e-6}, "v -= (1 - b2) sign(v - g^2) g^2; p -= 0.02 m/(sqrt v + eps)", eq.yogi, {"debias": False},
    note="Nothing is debiased.",
)
case(
    "adan", {"learningRate": 0.02, "b1": 0.8, "b2": 0.7, "b3": 0.95, "eps": 1e-3, "weightDecay": 0.1}, "p = (p - lr (m/c1 + b2 v/c2)/(sqrt(n/c3) + eps))/(1 + lr lambda)",
    more.adan, {"differenceFactor": "decay", "proximal": True},
    note="b's are decay rates, one minus the paper's. n averages (g + b2 (g - g before))^2. The bias corrections are those of the authors' code; Algorithm 1 starts from m = g instead.",
)

for blocks in ("last", "first"):
    case(f"adam-mini-{blocks}", {**A, "blocks": blocks, "weightDecay": 0.1}, "v = 0.95 v + 0.05 mean(g^2) of each block", more.adam_mini)
case("adam-mini-default", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "blocks": "last", "weightDecay": 0}, "blocks along the last axis", more.adam_mini)

# -- mechanize

T = {"learningRate": 1, "momentum": 0.8, "weightDecay": 1e-2, "eps": 1e-3, "sInit": 0.05, "numBetas": 6}
case("mechanize", T, "p = p0 + sum(s) D, D += u, of u = SGD(1., momentum=0.8)", adaptive.mechanize(eq.sgd), note="h is bounded, and m gets + eps, as in the authors' code.")

# -- cautious

C = {"xi": 1, "least": 0.3}
case("cautious-momentum", {"learningRate": 0.1, "momentum": 0.8, **C}, "SGD(0.1, momentum=0.8), then d' = d [d g < 0] size/(count + 1)", more.cautious(eq.sgd))
case("cautious-adam", {**A, "xi": 0.5, "least": 0.3}, "Adam(0.02, 0.8, 0.95, eps=1e-3), then d' = d [d g < 0] size/(count + 0.5)", more.cautious(eq.adam))
case("cautious-bounded", {**A, **C}, "Adam(0.02, 0.8, 0.95, eps=1e-3), then d' = d [d g < 0]/max(count/size, 0.3)", more.cautious(eq.adam, "bounded"))

# -- matrices

N = {"learningRate": 0.05, "momentum": 0.8, "nesterov": False, "b2": 0.9, "nsSteps": 5, "nsCoefficients": [3.4445, -4.775, 2.0315], "eps": 1e-7, "unitEps": 0.1, "norm": "rms", "targetRms": 0.3, "weightDecay": 0.1}
ELSEWHERE = {"adam": {**A, "weightDecay": 0}}
case("normuon", N, "u = o/(sqrt v + 0.1); p -= 0.05 (0.3 sqrt(size) u/|u| + 0.1 p)", more.normuon, ELSEWHERE)

G = {**A, "rank": 1, "gap": 5, "scale": 0.3, "weightDecay": 0.1}
REFERENCE = "p -= 0.02 (0.3 P Adam(P^T g) + 0.1 p), P the first left singular vector of every fifth g"
NOTE = "Of each left singular vector the first component that is at least half as large as the largest is positive."
case("galore", G, REFERENCE, more.galore, note=NOTE)
case("galore-full", {**G, "rank": 9, "gap": 1, "weightDecay": 0}, REFERENCE, more.galore, note=NOTE)

# -- beyond

HORIZON, B3, ALPHA = 10, 0.99, 3
ln = lambda b: float(np.log(b))
alphas = [min(t * ALPHA / HORIZON, ALPHA) for t in range(1, STEPS + 1)]
b3s = [min(float(np.exp(ln(0.8) * ln(B3) / ((1 - t / HORIZON) * ln(B3) + t / HORIZON * ln(0.8)))), B3) if t < HORIZON else B3 for t in range(1, STEPS + 1)]
case(
    "ademamix", {**A, "b3": B3, "alpha": ALPHA, "warmupSteps": HORIZON, "weightDecay": 0.1},
    "alpha_t = min(t alpha/T, alpha), b3_t = min(exp(ln b1 ln b3/((1 - t/T) ln b3 + t/T ln b1)), b3), t from 1", more.ademamix, alphas=alphas, b3s=b3s,
)
case("optimistic-adam", {**A, "alpha": 1, "beta": 1}, "p -= 0.02 (2 U - U before), U that of Adam", more.optimistic_adam, {"start": "zero"}, note="U before the first is 0, as in the authors' code.")
case(
    "acprop", {**A, "epsRoot": 1e-2}, "p -= 0.02 g/(sqrt(s/c2) + eps) with s and c2 of before; m = lerp(b1, m, g); s = lerp(b2, s, (g - m)^2) + epsRoot", more.acprop, {"centre": "after"},
    note="s/c2 is 1 at first, as in the authors' code.",
)
case("cocob", {"alpha": 3, "eps": 0}, "p = p0 - theta/(L max(G + L, 3 L)) (L + R)", more.cocob, note="0/0 is 0.")
case("madgrad", {"learningRate": 0.1, "momentum": 0.8, "eps": 1e-3}, "lambda = 0.1 sqrt t", more.madgrad, note="optax and the authors' code use lr + eps for lr.")
L = {"learningRate": 0.1, "trustCoefficient": 0.05, "momentum": 0.8, "eps": 1e-3}
case("lars-plain", L, "v = 0.8 v + 0.1 0.05 |p|/(|g| + eps) g; p -= v", more.lars, {"ratio": "separate"}, twin="optax/lars")
case("lars", {**L, "weightDecay": 0.1}, "v = 0.8 v + 0.1 0.05 |p|/(|g| + 0.1 |p| + eps) (g + 0.1 p); p -= v", more.lars, {"ratio": "separate"})
F = {"learningRate": 0.05, "beta2Decay": 0.6, "eps1": 1e-3, "eps2": 0.5, "clip": 0.9}
case("adafactor", F, "alpha = max(eps2, RMS p) min(lr, 1/sqrt t)", more.adafactor, {"form": "paper"}, twin="keras/adafactor")
case(
    "adafactor-default", {"learningRate": 0.01, "beta2Decay": 0.8, "eps1": 1e-30, "eps2": 1e-3, "clip": 1}, "alpha = max(eps2, RMS p) min(lr, 1/sqrt t)", more.adafactor,
    {"form": "paper"},
)
P = {"learningRate": 1, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "estimLr0": 1e-2}
case("prodigy", P, "p -= lr d_k m/(sqrt v + d_k eps)", adaptive.prodigy, {"biasCorrection": False, "oldEps": True})
AUTHORS = "The authors' code weights <g, s> by the denominator of the step before; the paper, as understood here, by the new one. Neither debiases."
case("dadapt-adamw", P, "r = q r + (1 - q) d lr <g, s>/(sqrt v_new + eps), q = sqrt b2", adaptive.dadapt_adamw, {"biasCorrection": False, "newDenominator": True}, note=AUTHORS)
case("dadapt-adamw-authors", P, "r = q r + (1 - q) d lr <g, s>/(sqrt v_old + eps), q = sqrt b2", adaptive.dadapt_adamw, {"biasCorrection": False}, note=AUTHORS)
case(
    "polyak-sgd", {"scaling": 0.5, "maxLearningRate": 0.6, "fMin": 0.3, "eps": 0}, "p -= min((f - fMin)/(0.5 |g|^2), 0.6) g, 0 below fMin", adaptive.polyak_sgd,
    {"form": "sps+", "scalingInside": False}, note="SPS_max; scaling is the paper's c. It needs f >= fMin.", losses=LOSSES,
)

M, BOTH = {"learningRate": 0.7, "b1": 0.8, "fMin": 0.3, "weightDecay": 0.1}, {"stepShrinks": True}
for name, rule, more_hyper in (("momo", adaptive.momo, {}), ("momo-adam", adaptive.momo_adam, {"b2": 0.95, "eps": 1e-3})):
    case(f"{name}-decay", {**M, **more_hyper}, "p = (p - tau d)/(1 + 0.07)", rule, BOTH, losses=LOSSES)
    case(f"{name}-estimated", {**M, **more_hyper, "fMin": -2}, "p = (p - tau d)/(1 + 0.07), the bound estimated", rule, {**BOTH, "estimated": True}, losses=LOSSES)
case("momo-debiased", M, "averages begin at 0; p = (p - tau d)/(1 + 0.07)", adaptive.momo, {**BOTH, "biasCorrection": True}, losses=LOSSES)
case(
    "momo-debiased-estimated", {**M, "fMin": -2}, "averages begin at 0; p = (p - tau d)/(1 + 0.07), the bound estimated", adaptive.momo,
    {**BOTH, "biasCorrection": True, "estimated": True}, losses=LOSSES,
)


def schedule_free(name, hyper, reference, inner, **kw):
    variant = {"form": "paper", "inner": inner}
    for dtype in ("f64", "f32"):
        y, x = (simulate(adaptive.schedule_free, {**hyper, **variant, "evaluate": x}, cast(PARAMS0, dtype), [cast(g, dtype) for g in GRADS]) for x in (False, True))
        out.add(f"paper/{name}", dtype, reference, hyper, y, variant=variant, evalParams=x, **kw)


S = {"learningRate": 0.1, "b1": 0.8}
schedule_free(
    "schedule-free-sgd", S, "z -= lr g; x = (1 - 1/t) x + z/t; y = 0.2 z + 0.8 x", "sgd", twin="optax/schedule-free-sgd", note="params are y, where the gradient is taken.",
)
schedule_free(
    "schedule-free-sgd-warmup", {**S, "warmupSteps": 4, "weightDecay": 0.1}, "lr_t = lr min(1, t/4); c = lr_t^2/sum lr^2; z -= lr_t (g + lambda y)", "sgd", note="params are y, where the gradient is taken."
)
schedule_free(
    "schedule-free-adamw", {**S, "b2": 0.95, "eps": 1e-3, "warmupSteps": 4, "weightDecay": 0.1}, "lr_t = lr sqrt(1 - b2^t) min(1, t/4); z -= lr_t (g/(sqrt v + eps) + lambda y)", "adamw",
    note="params are y, where the gradient is taken. lr_t, and so the weight of the average, includes sqrt(1 - b2^t).",
)

# -- laws, asserted


def trajectory(equation, **h):
    return simulate(equation, h, PARAMS0, GRADS)


def close(a, b, tolerance=1e-12):
    assert apart(a, b) < tolerance, apart(a, b)


def nesterov_of_nag():
    """PyTorch's nesterov at theta = p - mu v is nag at p, for a constant rate."""
    points, grads, _ = nag("f64", [0.1] * STEPS, 0.9)
    theirs = simulate(eq.sgd, {"learningRate": 0.1, "momentum": 0.9, "nesterov": True}, PARAMS0, grads)
    close(theirs[:-1], points[1:])


nesterov_of_nag()
AB = {"learningRate": 0.02, "eps": 1e-3, "b2": 0.95}
close(trajectory(eq.adam, **AB, b1=0, nesterov=True), trajectory(eq.adam, **AB, b1=0))
close(trajectory(eq.nadam, **AB, b1=0.8, momentumDecay=1e6), trajectory(eq.adam, **AB, b1=0.8, nesterov=True))
close(trajectory(eq.adam, **AB, b1=0), trajectory(eq.rmsprop, learningRate=0.02, eps=1e-3, decay=0.95, epsInside=False, biasCorrection=True))
close(trajectory(eq.adam, **AB, b1=0.8, epsHat=True), trajectory(eq.adam, **AB, b1=0.8), 0.05)  # another epsilon: near, not equal
assert apart(trajectory(eq.adam, **AB, b1=0.8, epsHat=True), trajectory(eq.adam, **AB, b1=0.8)) > 1e-5
assert apart(trajectory(eq.radam, **AB, b1=0.8, threshold=4), trajectory(eq.radam, **AB, b1=0.8, threshold=5)) > 1e-3  # the thresholds differ here
close(trajectory(eq.adabound, **AB, b1=0.8, finalRate=0.1, gamma=1e12, baseRate=0.02), trajectory(eq.sgd, learningRate=0.1, momentum=0.8, dampening=0.8), 1e-9)
out.write()
