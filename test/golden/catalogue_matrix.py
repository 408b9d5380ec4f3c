"""Trajectories of optimizers that keep a matrix for every axis, of the PyPI package pytorch_optimizer."""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)

import importlib.metadata
import sys

import numpy as np
import pytorch_optimizer
import torch

from catalogue import GRADS, LEAVES, NUMPY, PARAMS0, Catalogue, cast, cube, simulate, tall

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
        torch.set_default_dtype(TORCH[dtype])
        params = {k: torch.tensor(np.asarray(params0[k], NUMPY[dtype]), requires_grad=True) for k in LEAVES}
        opt, trace = make(list(params.values())), []
        for g in grads:
            for k, p in params.items():
                p.grad = torch.tensor(np.asarray(g[k], NUMPY[dtype]))
            opt.step()
            trace.append({k: p.detach().numpy().copy() for k, p in params.items()})
        out.add(f"pytorch_optimizer/{name}", dtype, call, hyper, trace, params0=params0, grads=grads, **kw)


def paper(name, hyper, reference, equation, **kw):
    """By equations alone, in the precision of the case."""
    for dtype in ("f64", "f32"):
        trace = simulate(equation, {**hyper, **kw.get("variant", {})}, cast(PARAMS0, dtype), [cast(g, dtype) for g in GRADS])
        out.add(f"paper/{name}", dtype, reference, hyper, [cast(p, dtype) for p in trace], equation=equation, **kw)


H = {"learningRate": 0.5, "eps": 0.5}
for name, shape in (("shampoo", lambda t: t), ("shampoo-tall", tall), ("shampoo-cube", cube)):
    case(name, H, "Shampoo(params, lr=0.5, matrix_eps=0.5)", lambda p: pytorch_optimizer.Shampoo(p, lr=0.5, matrix_eps=0.5), shape=shape, equation=shampoo)


# -- soap


def soap(h, p):
    """The first step finds the directions only. sort: in order of the eigenvalues, largest first, before they are renewed."""
    b1, b2, m, v, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    axes = range(p.ndim) if p.ndim > 1 else ()
    L, Q = [np.zeros((n, n)) for n in p.shape], [np.eye(n) for n in p.shape]

    def turned(x, way):
        for i in axes:
            x = np.moveaxis(np.tensordot(way(Q[i]), x, axes=([1], [i])), 0, i)
        return x

    while True:
        t, g, p, lr = yield d
        d, s = np.zeros_like(p), t - 1
        if s > 0:
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * turned(g, np.transpose) ** 2
            c1, c2 = 1 - b1**s, 1 - b2**s
            below = np.sqrt(v / c2) + h["eps"] / (np.sqrt(c2) if h.get("epsHat") else 1)
            d = -lr * turned(turned(m, np.transpose) / c1 / below, lambda q: q)
        for i in axes:
            x = np.moveaxis(g, i, 0).reshape(len(Q[i]), -1)
            L[i] = b2 * L[i] + (1 - b2) * x @ x.T
            if s == 0:
                Q[i] = np.linalg.eigh(L[i])[1][:, ::-1]
            elif s % h["every"] == 0:
                if h.get("sort"):
                    order = np.argsort(-np.sum(Q[i] * (L[i] @ Q[i]), axis=0), kind="stable")
                    Q[i], v = Q[i][:, order], np.take(v, order, axis=i)
                Q[i] = np.linalg.qr(L[i] @ Q[i])[0]


class Wide:
    """torch for SOAP, which would factorize in f32."""

    def __getattr__(self, name):
        return torch.get_default_dtype() if name == "float32" else getattr(torch, name)


sys.modules["pytorch_optimizer.optimizer.soap"].torch = Wide()
H = {"learningRate": 0.05, "b1": 0.8, "b2": 0.9, "eps": 1e-3, "every": 3}
CALL = "SOAP(params, lr=0.05, betas=(0.8, 0.9), eps=1e-3, weight_decay=0., precondition_frequency=3)"
NOTE = "Factorized in the dtype of the case (pytorch_optimizer: always float32). Directions are sorted before they are renewed, and eps stands beside sqrt v, which the paper has not."
for name, shape in (("soap", lambda t: t), ("soap-tall", tall), ("soap-cube", cube)):
    case(
        name, H, CALL, lambda p: pytorch_optimizer.SOAP(p, lr=0.05, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.0, precondition_frequency=3),
        shape=shape, equation=soap, variant={"sort": True, "epsHat": True}, note=NOTE,
    )
paper("soap", {**H, "every": 1, "weightDecay": 0.1}, "Algorithms 3 and 4; the first gradient gives the first directions, and moves nothing", soap)

out.write()
