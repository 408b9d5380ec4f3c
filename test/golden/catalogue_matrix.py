"""Trajectories of optimizers that keep a matrix for every axis, of the PyPI package pytorch_optimizer."""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)

import importlib.metadata

import numpy as np
import pytorch_optimizer
import torch

from catalogue import GRADS, LEAVES, NUMPY, PARAMS0, Catalogue, cube, tall

TORCH = {"f64": torch.float64, "f32": torch.float32}
torch.set_num_threads(1)
out = Catalogue(__file__, {"torch": torch.__version__, "pytorch_optimizer": importlib.metadata.version("pytorch_optimizer")}, {
    "extra": "apart: how far an f32 case is from its f64 case, relative to the largest value so far",
})


def inverse_root(a, k):
    values, vectors = np.linalg.eigh(a)
    return vectors * values ** (-1 / k) @ vectors.T


def shampoo(h, p):
    """The roots of every `every`-th step, from the first."""
    sums, roots, d = [h["eps"] * np.eye(n) for n in p.shape], None, None
    while True:
        t, g, p, lr = yield d
        flat = [np.moveaxis(g, i, 0).reshape(n, -1) for i, n in enumerate(p.shape)]
        sums = [s + x @ x.T for s, x in zip(sums, flat)]
        if (t - 1) % h.get("every", 1) == 0:
            roots = [inverse_root(s, 2 * p.ndim) for s in sums]
        u = g
        for i, root in enumerate(roots):
            u = np.moveaxis(np.tensordot(root, u, axes=([1], [i])), 0, i)
        d = -lr * u



def case(name, hyper, call, make, *, shape=lambda t: t, **kw):
    params0, grads = shape(PARAMS0), [shape(g) for g in GRADS]
    for dtype in ("f64", "f32"):
        params = {k: torch.tensor(np.asarray(params0[k], NUMPY[dtype]), requires_grad=True) for k in LEAVES}
        opt, trace = make(list(params.values())), []
        for g in grads:
            for k, p in params.items():
                p.grad = torch.tensor(np.asarray(g[k], NUMPY[dtype]))
            opt.step()
            trace.append({k: p.detach().numpy().copy() for k, p in params.items()})
        out.add(f"pytorch_optimizer/{name}", dtype, call, hyper, trace, params0=params0, grads=grads, **kw)


H = {"learningRate": 0.5, "eps": 0.5}
for name, shape in (("shampoo", lambda t: t), ("shampoo-tall", tall), ("shampoo-cube", cube)):
    case(name, H, "Shampoo(params, lr=0.5, matrix_eps=0.5)", lambda p: pytorch_optimizer.Shampoo(p, lr=0.5, matrix_eps=0.5), shape=shape, equation=shampoo)
out.write()
