"""Trajectories of PyTorch's optimizers."""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)
import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

import catalogue_equations as eq
import catalogue_more as more
from catalogue import GRADS, LEAVES, PARAMS0, Catalogue, tall

torch.set_num_threads(1)
TORCH = {"f64": torch.float64, "f32": torch.float32}
out = Catalogue(__file__, {"torch": torch.__version__.split("+")[0]}, {
    "extra": "average: the average of the parameters after each step; rates: the rate of each step; apart: how far an f32 case is from its f64 case, relative to the largest value so far; "
    "agreesWith: the case of another source that is equal",
})


def values(params):
    return {k: v.detach().numpy().copy() for k, v in params.items()}


def run(make, dtype, params0, grads, watch=None):
    # The default dtype holds NAdam's mu_product and ASGD's eta, which are float32 otherwise, even for float64 parameters.
    torch.set_default_dtype(TORCH[dtype])
    p = {k: torch.tensor(v, dtype=TORCH[dtype], requires_grad=True) for k, v in params0.items()}
    opts, trace, seen = make(p), [], []
    for g in grads:
        for k in p:
            p[k].grad = torch.tensor(g[k], dtype=TORCH[dtype])
        for opt in opts if isinstance(opts, list) else [opts]:
            opt.step()
        trace.append(values(p))
        if watch:
            seen.append(watch(opts, p))
    return trace, seen


def same(t):
    return t


def case(name, hyper, reference, make, equation, *, params0=PARAMS0, grads=GRADS, watch=None, watched="average", view=(same, same), **kw):
    """`view` is how torch sees a tree, and back."""
    see, back = view
    for dtype in ("f64", "f32"):
        trace, seen = run(make, dtype, see(params0), [see(g) for g in grads], watch and watch(dtype))
        out.add(f"torch/{name}", dtype, reference, hyper, [back(t) for t in trace], equation=equation, params0=params0, grads=grads, **({watched: seen} if watch else {}), **kw)


def simple(name, cls, call, hyper, equation, variant=None, **kw):
    """`call` is the argument list as one would write it."""
    make = lambda p: eval(f"torch.optim.{cls}(list(p.values()), {call}{', ' if call else ''}foreach=False)", {"torch": torch, "p": p})
    case(name, hyper, f"{cls}({call})", make, equation, variant=variant, **kw)


# -- Adagrad, Adadelta, RMSprop, Rprop

OUTSIDE = {"epsInside": False}
simple("adagrad-default", "Adagrad", "", {"learningRate": 0.01, "rateDecay": 0, "initialAccumulator": 0, "eps": 1e-10}, eq.adagrad, OUTSIDE)
G = {"learningRate": 0.1, "rateDecay": 0.05, "initialAccumulator": 0.2, "eps": 1e-3}
simple("adagrad", "Adagrad", "lr=0.1, lr_decay=0.05, initial_accumulator_value=0.2, eps=1e-3", G, eq.adagrad, OUTSIDE)
simple("adagrad-zero", "Adagrad", "lr=0.1, eps=1e-3", {"learningRate": 0.1, "initialAccumulator": 0, "eps": 1e-3}, eq.adagrad, OUTSIDE)
simple("adagrad-l2", "Adagrad", "lr=0.1, eps=1e-3, weight_decay=0.1", {"learningRate": 0.1, "initialAccumulator": 0, "eps": 1e-3, "l2": 0.1}, eq.adagrad, OUTSIDE)
simple("adadelta-default", "Adadelta", "", {"learningRate": 1, "rho": 0.9, "eps": 1e-6}, eq.adadelta)
simple("adadelta", "Adadelta", "lr=0.7, rho=0.8, eps=1e-3", {"learningRate": 0.7, "rho": 0.8, "eps": 1e-3}, eq.adadelta)
simple("adadelta-l2", "Adadelta", "lr=0.7, rho=0.8, eps=1e-3, weight_decay=0.1", {"learningRate": 0.7, "rho": 0.8, "eps": 1e-3, "l2": 0.1}, eq.adadelta)

simple("rmsprop-default", "RMSprop", "", {"learningRate": 0.01, "decay": 0.99, "eps": 1e-8}, eq.rmsprop, OUTSIDE)
R, CALL = {"learningRate": 0.05, "decay": 0.8, "eps": 1e-3}, "lr=0.05, alpha=0.8, eps=1e-3"
RATE_OUTSIDE = {**OUTSIDE, "momentumForm": "rateOutside"}
simple("rmsprop", "RMSprop", CALL, R, eq.rmsprop, OUTSIDE)
simple("rmsprop-centered", "RMSprop", f"{CALL}, centered=True", {**R, "centered": True}, eq.rmsprop, OUTSIDE)
simple("rmsprop-momentum", "RMSprop", f"{CALL}, momentum=0.7", {**R, "momentum": 0.7}, eq.rmsprop, RATE_OUTSIDE)
simple("rmsprop-centered-momentum", "RMSprop", f"{CALL}, centered=True, momentum=0.7", {**R, "centered": True, "momentum": 0.7}, eq.rmsprop, RATE_OUTSIDE)
simple("rmsprop-l2", "RMSprop", f"{CALL}, weight_decay=0.1", {**R, "l2": 0.1}, eq.rmsprop, OUTSIDE)
simple("rmsprop-momentum-l2", "RMSprop", f"{CALL}, momentum=0.7, weight_decay=0.1", {**R, "momentum": 0.7, "l2": 0.1}, eq.rmsprop, RATE_OUTSIDE)

ETAS = {"etaMinus": 0.5, "etaPlus": 1.2}
ZERO = "Where the sign changed, nothing moves and the next step keeps its size (Rprop without weight backtracking)."
simple("rprop-default", "Rprop", "", {"learningRate": 0.01, **ETAS, "minStep": 1e-6, "maxStep": 50}, eq.rprop, note=ZERO, twin="paper/rprop-default")
simple(
    "rprop", "Rprop", "lr=0.1, etas=(0.4, 1.5), step_sizes=(0.02, 0.3)", {"learningRate": 0.1, "etaMinus": 0.4, "etaPlus": 1.5, "minStep": 0.02, "maxStep": 0.3},
    eq.rprop, note=ZERO, twin="paper/rprop",
)

# -- the Adam family

A, BETAS = {"b1": 0.8, "b2": 0.95, "eps": 1e-3}, "betas=(0.8, 0.95), eps=1e-3"
AMS = {"amsgrad": "torch"}
simple(
    "adam-amsgrad", "Adam", f"lr=0.02, {BETAS}, amsgrad=True", {"learningRate": 0.02, **A}, eq.adam, AMS,
    note="The maximum is of v before debiasing, and debiased afterwards; the paper debiases nothing.",
)
simple("adamw-amsgrad", "AdamW", f"lr=0.02, {BETAS}, weight_decay=0.1, amsgrad=True", {"learningRate": 0.02, **A, "weightDecay": 0.1}, eq.adam, AMS)
simple("adamax-default", "Adamax", "", {"learningRate": 2e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8}, eq.adamax)
ADAMAX = "eps is added to |g| inside the maximum; the paper has none."
simple("adamax", "Adamax", f"lr=0.05, {BETAS}", {"learningRate": 0.05, **A}, eq.adamax, note=ADAMAX)
simple("adamax-l2", "Adamax", f"lr=0.05, {BETAS}, weight_decay=0.1", {"learningRate": 0.05, **A, "l2": 0.1}, eq.adamax, note=ADAMAX)
PSI = "mu_product is float32 unless the default dtype is float64, which it was here."
simple("nadam-default", "NAdam", "", {"learningRate": 2e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "momentumDecay": 0.004}, eq.nadam, note=PSI)
N = {"learningRate": 0.02, **A, "momentumDecay": 0.1}
NCALL = f"lr=0.02, {BETAS}, momentum_decay=0.1"
simple("nadam", "NAdam", NCALL, N, eq.nadam, note=PSI, twin="paper/nadam")
simple("nadam-l2", "NAdam", f"{NCALL}, weight_decay=0.1", {**N, "l2": 0.1}, eq.nadam, note=PSI)
simple("nadam-decoupled", "NAdam", f"{NCALL}, weight_decay=0.1, decoupled_weight_decay=True", {**N, "weightDecay": 0.1}, eq.nadam, note=PSI)
HAT, THRESHOLD = {"epsHat": True}, "The paper rectifies where rho > 4, PyTorch where rho > 5; eps is beside sqrt(v), not sqrt(v/c2)."
simple("radam-default", "RAdam", "", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "threshold": 5}, eq.radam, HAT, note=THRESHOLD)
simple("radam", "RAdam", f"lr=0.02, {BETAS}", {"learningRate": 0.02, **A, "threshold": 5}, eq.radam, HAT, note=THRESHOLD)
simple("radam-l2", "RAdam", f"lr=0.02, {BETAS}, weight_decay=0.1", {"learningRate": 0.02, **A, "threshold": 5, "l2": 0.1}, eq.radam, HAT, note=THRESHOLD)
simple(
    "radam-decoupled", "RAdam", f"lr=0.02, {BETAS}, weight_decay=0.1, decoupled_weight_decay=True",
    {"learningRate": 0.02, **A, "threshold": 5, "weightDecay": 0.1}, eq.radam, HAT, note=THRESHOLD,
)

# -- ASGD, and the averages of swa_utils over SGD


def asgd(name, call, hyper):
    make = lambda p: eval(f"torch.optim.ASGD(list(p.values()), {call}{', ' if call else ''}foreach=False)", {"torch": torch, "p": p})
    look = lambda opt, p: ({k: opt.state[v]["ax"].numpy().copy() for k, v in p.items()}, float(opt.state[p["scalar"]]["eta"]))
    for dtype in ("f64", "f32"):
        trace, seen = run(make, dtype, PARAMS0, GRADS, look)
        average, rates = [ax for ax, _ in seen], [hyper["learningRate"], *(eta for _, eta in seen)][:-1]
        out.add(f"torch/{name}", dtype, f"ASGD({call})", hyper, trace, equation=eq.asgd, note=AVERAGE, average=average, rates=rates)


AVERAGE = "average: a copy of the parameters up to step t0 + 1, then average += (p - average)/max(1, t - t0) with the t of the step before; skip is t0 + 1."
S, CALL = {"learningRate": 0.1, "weightDecay": 0.05, "power": 0.75, "skip": 5}, "lr=0.1, lambd=0.05, alpha=0.75, t0=4"
asgd("asgd-default", "", {"learningRate": 0.01, "weightDecay": 1e-4, "power": 0.75, "skip": 1000001})
asgd("asgd", CALL, S)
asgd("asgd-l2", f"{CALL}, weight_decay=0.1", {**S, "l2": 0.1})
asgd("asgd-maximize", f"{CALL}, weight_decay=0.1, maximize=True", {**S, "l2": 0.1, "maximize": True})
asgd("asgd-soon", "lr=0.5, lambd=0.4, alpha=1, t0=0", {"learningRate": 0.5, "weightDecay": 0.4, "power": 1, "skip": 1})


def averaging(avg_fn=None):
    def watch(_):
        model = []

        def look(opt, p):
            if not model:
                module = torch.nn.Module()
                module.ps = torch.nn.ParameterList([v for v in p.values()])
                model.extend([module, AveragedModel(module, avg_fn=avg_fn)])
            model[1].update_parameters(model[0])
            return {k: v.detach().numpy().copy() for k, v in zip(p, model[1].module.ps)}

        return look

    return watch


SGD = {"learningRate": 0.1, "momentum": 0.9}
simple(
    "sgd-average", "SGD", "lr=0.1, momentum=0.9", SGD, eq.sgd, watch=averaging(),
    note="average: AveragedModel updated after every step; the mean of the parameters after each step, the initial ones not counted.",
)
simple(
    "sgd-ema", "SGD", "lr=0.1, momentum=0.9", {**SGD, "emaDecay": 0.9}, eq.sgd, watch=averaging(get_ema_avg_fn(0.9)),
    note="average: AveragedModel(avg_fn=get_ema_avg_fn(0.9)); starts as a copy of the parameters after step 1, no debiasing.",
)



def check_average(name, weight):
    """average += weight(t) (p - average)."""
    found = next(c for c in out.cases if c["name"] == f"torch/{name}/f64")
    for k in LEAVES:
        mean = 0.0
        for t, (p, theirs) in enumerate(zip(found["params"], found["extra"]["average"]), 1):
            mean = mean + weight(t) * (np.asarray(p[k]) - mean)
            np.testing.assert_allclose(theirs[k], mean, rtol=1e-12, atol=1e-13)


check_average("asgd-default", lambda t: 1)
for name in ("asgd", "asgd-l2", "asgd-maximize"):
    check_average(name, lambda t: 1 / max(1, t - 1 - 4))
check_average("asgd-soon", lambda t: 1 / max(1, t - 1))
check_average("sgd-average", lambda t: 1 / t)
check_average("sgd-ema", lambda t: 0.1 if t > 1 else 1)

# -- Adafactor

F = {"learningRate": 0.05, "beta2Decay": 0.6, "eps1": 0.3, "eps2": 0.5, "clip": 1.5}
AF = "eps1 bounds the mean of the row sums from below and eps1^2 the estimate of g^2; the paper adds it to g^2. The rate of the decay is lr, not alpha. The scale is that of p before the decay."
FCALL = "lr=0.05, beta2_decay=-0.6, eps=(0.3, 0.5), d=1.5"
FORM = {"form": "torch"}
for name, shape in (("", lambda t: t), ("-tall", tall)):
    p0, gs = shape(PARAMS0), [shape(g) for g in GRADS]
    simple(f"adafactor{name}", "Adafactor", FCALL, F, more.adafactor, FORM, note=AF, params0=p0, grads=gs)
# so large a lr that the rate in force, min(lr, 1/sqrt(t)), is soon another
simple("adafactor-decay", "Adafactor", f"{FCALL.replace('0.05', '0.5', 1)}, weight_decay=0.1", {**F, "learningRate": 0.5, "weightDecay": 0.1}, more.adafactor, FORM, note=AF)
for dtype in ("f64", "f32"):  # eps1 is the machine epsilon of the dtype: two calls of one name
    trace, _ = run(lambda p: torch.optim.Adafactor(list(p.values()), foreach=False), dtype, PARAMS0, GRADS)
    h = {"learningRate": 0.01, "beta2Decay": 0.8, "eps1": float(torch.finfo(TORCH[dtype]).eps), "eps2": 1e-3, "clip": 1}
    out.add("torch/adafactor-default", dtype, "Adafactor()", h, trace, equation=more.adafactor, variant=FORM, note=AF + " eps1 is the machine epsilon of the dtype.")

# -- Muon: matrices only, AdamW beside it for the other leaves

M = {"learningRate": 0.02, "weightDecay": 0.1, "momentum": 0.8, "nesterov": True, "nsSteps": 5, "nsCoefficients": [3.4445, -4.775, 2.0315], "eps": 1e-7}
ADAMW = {"adam": {"learningRate": 0.02, **A, "weightDecay": 0.1}}


def muon(call):
    def make(p):
        rest = [v for v in p.values() if v.ndim != 2]
        mine = eval(f"torch.optim.Muon([p['kernel']], {call})", {"torch": torch, "p": p})
        return [mine, torch.optim.AdamW(rest, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1, foreach=False)]

    return make


def muon_case(name, call, hyper, adjust, exact, on="kernel", **kw):
    bfloat16 = torch.Tensor.bfloat16
    if exact:
        torch.Tensor.bfloat16 = torch.Tensor.clone
    note = "Newton-Schulz in the dtype of the parameters." if exact else "PyTorch runs Newton-Schulz in bfloat16 whatever the dtype: compare to about 0.02 of the rate."
    variant = {"form": "torch", "adjust": adjust, **ADAMW}
    case(
        name, hyper, f"Muon({call}) on {on}{', bfloat16() patched to clone()' if exact else ''}; AdamW(lr=0.02, {BETAS}, weight_decay=0.1) elsewhere", muon(call),
        more.muon if exact else None, variant=variant, note=note, **kw,
    )
    torch.Tensor.bfloat16 = bfloat16


MCALL = "lr=0.02, momentum=0.8"
muon_case("muon-bfloat16", MCALL, M, "original", False)
muon_case("muon", MCALL, M, "original", True)
muon_case("muon-tall", MCALL, M, "original", True, params0=tall(PARAMS0), grads=[tall(g) for g in GRADS])
muon_case("muon-heavy-ball", f"{MCALL}, nesterov=False", {**M, "nesterov": False}, "original", True)
muon_case("muon-match-rms-adamw", f"{MCALL}, adjust_lr_fn='match_rms_adamw'", M, "matchRmsAdamw", True)
muon_case(
    "muon-coefficients", f"{MCALL}, weight_decay=0.0, ns_coefficients=(1.5, -0.5, 0.0), ns_steps=3, eps=0.5",
    {**M, "weightDecay": 0, "nsSteps": 3, "nsCoefficients": [1.5, -0.5, 0.0], "eps": 0.5}, "original", True,
)

# The kernel of a convolution, [h, w, in, out] as given, [out, in, h, w] in torch, flattened as in github.com/KellerJordan/Muon.
# As [h·w·in, out] it is the transpose but for the order of the rows: torch's rows are our columns.
WINDOW, OUT = (1, 2, 2), 5
rng = np.random.default_rng(12)
kernels = [np.round(64 * rng.normal(size=(*WINDOW, OUT))) / 64 for _ in range(len(GRADS) + 1)]
flattened = (
    lambda t: {**t, "kernel": np.transpose(t["kernel"], (3, 2, 0, 1)).reshape(OUT, -1)},
    lambda t: {**t, "kernel": np.transpose(t["kernel"].reshape(OUT, WINDOW[2], *WINDOW[:2]), (2, 3, 1, 0))},
)
CONV = {"params0": {**PARAMS0, "kernel": kernels[0]}, "grads": [{**g, "kernel": k} for g, k in zip(GRADS, kernels[1:])], "view": flattened, "on": "kernel.flatten(1) of a convolution"}
FLAT = {**M, "flatten": True}
muon_case("muon-conv", MCALL, FLAT, "widthTransfer", True, **CONV)
muon_case("muon-conv-match-rms-adamw", f"{MCALL}, adjust_lr_fn='match_rms_adamw'", FLAT, "matchRmsAdamw", True, **CONV)
out.write()
