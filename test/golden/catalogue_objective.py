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
from catalogue import LEAVES, NUMPY, PARAMS0, STEPS, Catalogue, cast, flatten, unflatten

TORCH = {"f64": torch.float64, "f32": torch.float32}
torch.set_num_threads(1)
out = Catalogue(__file__, {**VERSIONS, "torch": torch.__version__, "pytorch_optimizer": importlib.metadata.version("pytorch_optimizer")}, {
    "extra": "targets, quartic, coupling: y of each step, q and c of the objective, whose gradients at the parameters are grads; apart: how far an f32 case is from its f64 case, relative to the largest value so far",
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


def jax_case(name, reference, make, told, hyper, equation, *, quartic=0.25, coupling=0.5, targets=TARGETS, variant=None, **kw):
    """`told(f)`: what update is given besides, of the objective f."""
    h = {"targets": targets, "quartic": quartic, "coupling": coupling}
    for dtype in ("f64", "f32"):
        jax.config.update("jax_enable_x64", dtype == "f64")
        opt, params = make(dtype), to_jax(PARAMS0, dtype)
        state, trace, grads = opt.init(params), [], []
        for t in range(STEPS):
            f = jax_objective(t, dtype, h)
            g = jax.grad(f)(params)
            updates, state = opt.update(g, state, params, **told(f))
            params = optax.apply_updates(params, updates)
            grads.append(to_numpy(g))
            trace.append(to_numpy(params))
        out.add(name, dtype, reference, hyper, trace, equation=equation, variant=variant, grads=grads, **h, **kw)


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
        lambda f: {"grad_fn": lambda p, _: jax.grad(f)(p)}, hyper, sharpness_aware(rule),
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


def paper_case(name, reference, hyper, equation, *, quartic=0.25, coupling=0.5, targets=TARGETS, variant=None, **kw):
    """By equations alone, in the precision of the case."""
    h = {"targets": targets, "quartic": quartic, "coupling": coupling}
    for dtype in ("f64", "f32"):
        p, trace, grads = cast(PARAMS0, dtype), [], []
        narrow = lambda x: np.asarray(x, NUMPY[dtype])
        rule = equation({**hyper, **(variant or {}), **h, "targets": [cast(y, dtype) for y in targets]}, flatten(p))
        next(rule)
        for t in range(1, STEPS + 1):
            g = narrow(at(h, t, flatten(p)))
            p = unflatten(narrow(flatten(p) + rule.send((t, g, flatten(p), hyper.get("learningRate", 1)))), p)
            grads.append(unflatten(g, p))
            trace.append(p)
        out.add(f"paper/{name}", dtype, reference, hyper, trace, equation=equation, variant=variant, grads=grads, **h, **kw)


paper_case("asam", "e = rho T^2 g/|T g|, T = |p| + eta; sgd(g(p + e))", {**S, "eta": 0.25}, sharpness_aware(eq.sgd))

out.write()
