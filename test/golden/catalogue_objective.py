"""Trajectories of optimizers that need the objective, a function of the parameters that changes from step to step.

f(x) = |x - y|^2/2 + q |x^2|^2/4 + c sum (x_i+1 - x_i)^2/2, of all elements in one row (kernel, bias, scalar), with the target y of the step.
With c = 0 its Hessian is diagonal, so that Hutchinson's estimate of it is exact whatever signs are drawn.
"""

from catalogue_jax import VERSIONS, to_jax, to_numpy  # first: it puts this folder behind the standard library

import importlib.metadata
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytorch_optimizer
import torch
from optax import contrib

import catalogue_equations as eq
from catalogue import LEAVES, NUMPY, PARAMS0, STEPS, Catalogue, cast, cube, flatten, unflatten

TORCH = {"f64": torch.float64, "f32": torch.float32}
torch.set_num_threads(1)
out = Catalogue(__file__, {**VERSIONS, "torch": torch.__version__, "pytorch_optimizer": importlib.metadata.version("pytorch_optimizer")}, {
    "extra": "targets, quartic, coupling: y of each step, q and c of the objective, whose gradients at the parameters are grads; lengths: what a line search found at each step; apart: how far an f32 case is from its f64 case, relative to the largest value so far",
    "objective": "f(x) = |x - y|^2/2 + q |x^2|^2/4 + c sum (x_i+1 - x_i)^2/2, of the elements of kernel, bias and scalar in one row",
})
rng = np.random.default_rng(5)
TARGETS = [{k: np.asarray(np.round(64 * rng.normal(size=s)) / 64) for k, s in LEAVES.items()} for _ in range(STEPS)]


def value(x, y, quartic, coupling):
    """Of numpy, jax and torch alike."""
    d = x[1:] - x[:-1]
    return ((x - y) ** 2).sum() / 2 + quartic * (x**4).sum() / 4 + coupling * (d * d).sum() / 2


def slope(x, y, quartic, coupling):
    d = np.concatenate([[0], x[1:] - x[:-1], [0]])
    return x - y + quartic * x**3 + coupling * (d[:-1] - d[1:])


def jax_row(t):
    return jnp.concatenate([jnp.ravel(t[k]) for k in LEAVES])


def jax_objective(t, dtype, h):
    y = jax_row(to_jax(h["targets"][t], dtype))
    return lambda p: value(jax_row(p), y, h["quartic"], h["coupling"])


def jax_case(name, reference, make, told, hyper, equation, *, quartic=0.25, coupling=0.5, targets=TARGETS, variant=None, lengths=None, **kw):
    """`told(f, p, g)`: what update is given besides, of the objective f. `lengths`: seen in the state after each step."""
    h = {"targets": targets, "quartic": quartic, "coupling": coupling}
    for dtype in ("f64", "f32"):
        jax.config.update("jax_enable_x64", dtype == "f64")
        opt, params = make(dtype), to_jax(PARAMS0, dtype)
        state, trace, grads, seen = opt.init(params), [], [], []
        for t in range(STEPS):
            f = jax_objective(t, dtype, h)
            g = jax.grad(f)(params)
            updates, state = opt.update(g, state, params, **told(f, params, g))
            params = optax.apply_updates(params, updates)
            grads.append(to_numpy(g))
            if lengths:
                seen.append(lengths(state))
            trace.append(to_numpy(params))
        out.add(name, dtype, reference, hyper, trace, equation=equation, variant=variant, grads=grads, **h, **({"lengths": seen} if lengths else {}), **kw)


def torch_case(name, reference, make, step, hyper, equation, *, quartic=0.25, coupling=0.5, targets=TARGETS, variant=None, **kw):
    """`make(params)`; `step(opt, closure)`, after the gradient at the parameters was taken."""
    h = {"targets": targets, "quartic": quartic, "coupling": coupling}
    for dtype in ("f64", "f32"):
        params = {k: torch.tensor(v, dtype=TORCH[dtype], requires_grad=True) for k, v in PARAMS0.items()}
        opt, trace, grads = make(list(params.values())), [], []
        for t in range(STEPS):
            y = torch.tensor(flatten(targets[t]), dtype=TORCH[dtype])

            def closure():
                opt.zero_grad()
                loss = value(torch.cat([p.reshape(-1) for p in params.values()]), y, quartic, coupling)
                loss.backward(create_graph=True)
                return loss

            closure()
            grads.append({k: p.grad.detach().numpy().copy() for k, p in params.items()})
            step(opt, closure)
            trace.append({k: p.detach().numpy().copy() for k, p in params.items()})
        out.add(name, dtype, reference, hyper, trace, equation=equation, variant=variant, grads=grads, **h, **kw)


# -- equations


def at(h, t, x):
    return slope(x, flatten(h["targets"][t - 1]), h["quartic"], h["coupling"])


def sharpness_aware(over):
    def rule(h, p):
        inner, d = over(h, p), None
        next(inner)
        while True:
            t, g, p, lr = yield d
            size = np.abs(p) + h["eta"] if "eta" in h else np.ones_like(p)
            worst = p + h["rho"] * size * size * g / np.sqrt(np.sum((size * g) ** 2))
            d = inner.send((t, at(h, t, worst), p, lr))

    rule.whole = True
    return rule


# -- sam and asam

S = {"learningRate": 0.02, "momentum": 0.5, "rho": 0.5}
A = {"learningRate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "rho": 0.5}
SGD, ADAM = "optax.sgd(0.02, momentum=0.5)", "optax.adam(0.05, b1=0.8, b2=0.95, eps=1e-3)"
for name, inner, hyper, rule in (("sam", SGD, S, eq.sgd), ("sam-adam", ADAM, A, eq.adam)):
    ascent = "optax.chain(contrib.normalize(), optax.sgd(0.5))"
    jax_case(
        f"optax/{name}", f"contrib.sam({inner}, {ascent}, opaque_mode=True)", lambda dtype: contrib.sam(eval(inner), eval(ascent), opaque_mode=True),
        lambda f, p, g: {"grad_fn": lambda p, _: jax.grad(f)(p)}, hyper, sharpness_aware(rule),
    )



def norm_in_own_dtype(groups, weight_adaptive=True):
    """The square of the norm; pytorch_optimizer would sum in f32."""
    scaled = [(p.abs() if group["adaptive"] else 1) * p.grad for group in groups for p in group["params"]]
    return torch.stack([s.square().sum() for s in scaled]).sum().reshape(1)


sys.modules["pytorch_optimizer.optimizer.sam"].get_global_gradient_norm = norm_in_own_dtype
IN_OWN_DTYPE = "The norm was summed in the dtype of the case (pytorch_optimizer: always f32)."
for name, adaptive in (("sam", False), ("asam", True)):
    torch_case(
        f"pytorch_optimizer/{name}", f"SAM(…, torch.optim.SGD, rho=0.5, adaptive={adaptive}, lr=0.02, momentum=0.5)",
        lambda params: pytorch_optimizer.SAM(params, torch.optim.SGD, rho=0.5, adaptive=adaptive, lr=0.02, momentum=0.5, foreach=False),
        lambda opt, closure: opt.step(closure), {**S, **({"eta": 0} if adaptive else {})}, sharpness_aware(eq.sgd),
        note=f"{IN_OWN_DTYPE} eta is 0; the paper has one, for stability (paper/asam)." if adaptive else IN_OWN_DTYPE,
    )


def paper_case(name, reference, hyper, equation, *, quartic=0.25, coupling=0.5, targets=TARGETS, variant=None, shape=lambda t: t, **kw):
    """By equations alone, in the precision of the case."""
    h = {"targets": [shape(y) for y in targets], "quartic": quartic, "coupling": coupling}
    params0 = shape(PARAMS0)
    for dtype in ("f64", "f32"):
        narrow = lambda t: cast(t, dtype)
        p, trace, grads = narrow(params0), [], []
        told = {**hyper, **(variant or {}), **h, "targets": [narrow(y) for y in h["targets"]]}
        whole = getattr(equation, "whole", False)
        rules = {"all": equation(told, flatten(p))} if whole else {k: equation({**told, "leaf": k}, v) for k, v in p.items()}
        for rule in rules.values():
            next(rule)
        for t in range(1, STEPS + 1):
            g, lr = unflatten(NUMPY[dtype](at(told, t, flatten(p))), p), hyper.get("learningRate", 1)
            d = unflatten(rules["all"].send((t, flatten(g), flatten(p), lr)), p) if whole else {k: rules[k].send((t, g[k], p[k], lr)) for k in p}
            decay = 0 if getattr(equation, "decays", False) else lr * hyper.get("weightDecay", 0)
            p = narrow({k: p[k] + d[k] - decay * p[k] for k in p})
            grads.append(g)
            trace.append(p)
        out.add(f"paper/{name}", dtype, reference, hyper, trace, equation=equation, variant=variant, grads=grads, params0=params0, **h, **kw)


paper_case("asam", "e = rho T^2 g/|T g|, T = |p| + eta; sgd(g(p + e))", {**S, "eta": 0.25}, sharpness_aware(eq.sgd))

# -- L-BFGS, on one function


def lbfgs(h, p):
    """`lengths`: those that the line search found, or one for all."""
    pairs, before, d = [], None, None
    while True:
        t, g, p, lr = yield d
        if before:
            pairs = [*pairs, (p - before[0], g - before[1])][-h["memory"] :]
        q, alphas = g, []
        for s, y in reversed(pairs):
            alphas.append(s @ q / (s @ y))
            q = q - alphas[-1] * y
        s, y = pairs[-1] if pairs else (None, None)
        q = q * (s @ y / (y @ y)) if pairs else q * min(1, 1 / np.sqrt(g @ g))
        for (s, y), alpha in zip(pairs, reversed(alphas)):
            q = q + s * (alpha - y @ q / (s @ y))
        before, d = (p, g), -(h["lengths"][t - 1] if "lengths" in h else lr) * q


lbfgs.whole = True
ONE = [TARGETS[0]] * STEPS
jax_case(
    "optax/scale-by-lbfgs", "chain(scale_by_lbfgs(memory_size=4), scale(-0.5))", lambda dtype: optax.chain(optax.scale_by_lbfgs(memory_size=4), optax.scale(-0.5)),
    lambda f, p, g: {}, {"learningRate": 0.5, "memory": 4}, lbfgs, targets=ONE,
)
jax_case(
    "optax/lbfgs", "lbfgs(memory_size=4)", lambda dtype: optax.lbfgs(memory_size=4),
    lambda f, p, g: {"value": f(p), "grad": g, "value_fn": f}, {"memory": 4}, lbfgs, targets=ONE, lengths=lambda state: float(state[-1].learning_rate),
)


# -- the diagonal of the Hessian, which is 1 + 3 q x^2


def curvature(h, p):
    return 1 + 3 * h["quartic"] * p * p


def adahessian(h, p):
    """spatialAverage: over all axes but the last two."""
    b1, b2, m, v, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        D = curvature(h, p)
        if h.get("spatialAverage") and p.ndim > 2:
            D = np.broadcast_to(np.mean(np.abs(D), axis=tuple(range(p.ndim - 2)), keepdims=True), p.shape)
        m, v = eq.lerp(b1, m, g), eq.lerp(b2, v, D * D)
        d = -lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)) ** (h["hessianPower"] / 2) + h["eps"])


def sophia(h, p):
    """biasCorrection and estimate "old": optax. The estimate of every k-th step, from the first."""
    b1, b2, m, hessian, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        m, old = eq.lerp(b1, m, g), hessian
        if (t - 1) % h["every"] == 0:
            hessian = eq.lerp(b2, hessian, curvature(h, p))
        u = m / (1 - b1**t) if h.get("biasCorrection") else m
        d = -lr * np.clip(u / np.maximum(h["gamma"] * (old if h["estimate"] == "old" else hessian), h["eps"]), -h["clip"], h["clip"])


H = {"learningRate": 0.1, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "hessianPower": 1}
for name, hyper in (("adahessian", H), ("adahessian-power", {**H, "hessianPower": 0.5, "weightDecay": 0.1})):
    torch_case(
        f"pytorch_optimizer/{name}", f"AdaHessian({hyper})",
        lambda params: pytorch_optimizer.AdaHessian(params, 0.1, (0.8, 0.95), eps=1e-3, hessian_power=hyper["hessianPower"], weight_decay=hyper.get("weightDecay", 0), foreach=False),
        lambda opt, _: opt.step(), hyper, adahessian, coupling=0,
    )
paper_case("adahessian-spatial", "D = mean |1 + 3 q x^2| over the window; adam with D in the second moment", H, adahessian, coupling=0, variant={"spatialAverage": True}, shape=cube)

S = {"learningRate": 0.1, "b1": 0.8, "b2": 0.5, "gamma": 0.5, "eps": 1e-3, "clip": 1, "every": 3}
OPTAX = {"biasCorrection": True, "estimate": "old"}
NOTE = "The mean gradient is debiased, and an estimate comes in after the step that makes it, against the paper (paper/sophia); signs in place of normal numbers."
for name, hyper in (("sophia", S), ("sophia-decay", {**S, "clip": 0.5, "every": 1, "weightDecay": 0.1})):
    jax_case(
        f"optax/{name}", f"contrib.sophia({hyper})",
        lambda dtype: contrib.sophia(0.1, b1=0.8, b2=0.5, eps=1e-3, gamma=0.5, clip_threshold=hyper["clip"], update_interval=hyper["every"], weight_decay=hyper.get("weightDecay", 0)),
        lambda f, p, g: {"obj_fn": f}, hyper, sophia, coupling=0, variant=OPTAX, note=NOTE,
    )
paper_case("sophia", "m = EMA g; h = EMA diag every 3 steps; p -= lr clip(m/max(gamma h, eps), 1)", S, sophia, coupling=0, variant={"estimate": "new"})

out.write()
