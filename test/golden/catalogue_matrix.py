"""Trajectories of optimizers that keep a matrix for every axis, of the PyPI package pytorch_optimizer."""

from catalogue_jax import VERSIONS  # first: it puts this folder behind the standard library

import importlib.metadata
import sys

import jax

import numpy as np
import pytorch_optimizer
import torch

from catalogue import GRADS, LEAVES, NUMPY, PARAMS0, Catalogue, cast, cube, simulate, tall

TORCH = {"f64": torch.float64, "f32": torch.float32}
torch.set_num_threads(1)
out = Catalogue(__file__, {"jax": VERSIONS["jax"], "torch": torch.__version__, "pytorch_optimizer": importlib.metadata.version("pytorch_optimizer")}, {
    "extra": "noise, fits, balances: what was drawn, by jax, for each step; apart: how far an f32 case is from its f64 case, relative to the largest value so far",
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


# -- kron

psgd = sys.modules["pytorch_optimizer.optimizer.psgd"]
psgd.solve_triangular_right = lambda x, a: torch.linalg.solve_triangular(a, x.reshape(-1, x.size(-1)), upper=True, left=False).reshape_as(x)


def along(q, x, i):
    return np.moveaxis(np.tensordot(q, x, axes=([1], [i])), 0, i)


def lower_bound(a):
    x = a @ a[:, np.argmax(np.sum(a * a, axis=0))]
    return np.linalg.norm(a @ (x / np.linalg.norm(x)))


def kron(h, p):
    """`fits`, `balances`: whether, step by step; `noise`: the normals of each step. Diagonals are kept as matrices here."""
    mu, b, d = np.zeros_like(p), h["momentum"], None
    n = max(p.ndim, 1)
    x = p.reshape(p.shape or (1,))
    longest = x.shape[::-1].index(max(x.shape))
    full = [h["triangles"] and p.ndim >= 2 and k > 1 and not (h["triangles"] == "allButLongest" and i == n - 1 - longest) for i, k in enumerate(x.shape)]
    Q = [h["initialScale"] ** (1 / n) * np.eye(k) for k in x.shape]
    while True:
        t, g, p, lr = yield d
        mu = b * mu + (1 - b) * g
        m = (mu / (1 - b**t)).reshape(x.shape)
        if h["fits"][t - 1]:
            if h["balances"][t - 1] and p.ndim > 1:
                sizes = [np.max(np.abs(q)) for q in Q]
                Q = [q * np.prod(sizes) ** (1 / n) / s for q, s in zip(Q, sizes)]
            A, B = m if h.get("fitTo") != "gradient" else g.reshape(x.shape), h["noise"][t - 1][h["leaf"]].reshape(x.shape)
            for i, q in enumerate(Q):
                A, B = along(q, A, i), along(np.linalg.inv(q).T, B, i)
            for i, q in enumerate(Q):
                rows, other = (np.moveaxis(y, i, 0).reshape(len(q), -1) for y in (A, B))
                P, R = rows @ rows.T, other @ other.T
                if not full[i]:
                    P, R = np.diag(np.diag(P)), np.diag(np.diag(R))
                below = lower_bound(P + R) if full[i] else np.max(P + R)
                Q[i] = q - h["factorRate"] * np.triu(P - R) / below @ q
        u = m
        for i, q in enumerate(Q):
            u = along(q.T @ q, u, i)
        d = -lr * (u * min(1, h["clip"] / (np.sqrt(np.mean(u * u)) + h["eps"]))).reshape(p.shape)


def draws(seed, dtype, shape, probability, balancing):
    """What thalweg draws: each step splits the key in one for the next, one for each decision, and one for each leaf, in the order of the sorted keys."""
    jax.config.update("jax_enable_x64", True)
    key, fits, balances, noise = jax.random.key(seed), [], [], []
    for _ in GRADS:
        key, of_fit, of_balance, *keys = jax.random.split(key, 3 + len(LEAVES))
        fits.append(bool(jax.random.bernoulli(of_fit, np.float64(probability))))
        balances.append(bool(jax.random.bernoulli(of_balance, np.float64(balancing))))
        noise.append({k: np.asarray(jax.random.normal(own, shape[k], NUMPY[dtype])) for k, own in zip(sorted(LEAVES), keys)})
    return {"fits": fits, "balances": balances, "noise": [{k: n[k] for k in LEAVES} for n in noise]}


def kron_case(name, changes, options, *, shape=lambda t: t):
    hyper = {
        "learningRate": 0.05, "momentum": 0.8, "key": 3, "probability": 0.6, "balancing": 0.5, "factorRate": 0.1, "initialScale": 1, "clip": 1.1, "eps": 1e-6, **changes,
    }
    variant = {"triangles": "all", **({"triangles": "allButLongest"} if "memory_save_mode" in options else {}), **({} if options.get("momentum_into_precondition_update", True) else {"fitTo": "gradient"})}
    params0, grads = shape(PARAMS0), [shape(g) for g in GRADS]
    call = f"Kron(params, lr=0.05, momentum=0.8, balance_prob=0.5{''.join(f', {k}={v!r}' for k, v in options.items())})"
    for dtype in ("f64", "f32"):
        drawn = draws(3, dtype, {k: np.shape(v) for k, v in params0.items()}, hyper["probability"], hyper["balancing"])
        params = {k: torch.tensor(np.asarray(params0[k], NUMPY[dtype]), requires_grad=True) for k in LEAVES}
        fits = iter(drawn["fits"])
        make = {"lr": 0.05, "momentum": 0.8, "balance_prob": 0.5, "precondition_dtype": TORCH[dtype], **options}
        opt = pytorch_optimizer.Kron(list(params.values()), pre_conditioner_update_probability=lambda _: torch.tensor(float(next(fits))), **make)
        trace = []
        for t, g in enumerate(grads):
            normals = iter(drawn["noise"][t].values())
            psgd.torch = type("Drawn", (), {"__getattr__": lambda _, n: (lambda *a, **k: torch.tensor(next(normals))) if n == "randn_like" else getattr(torch, n)})()
            psgd.np = type("Drawn", (), {"__getattr__": lambda _, n: type("R", (), {"random": staticmethod(lambda: 0.0 if drawn["balances"][t] else 1.0)}) if n == "random" else getattr(np, n)})()
            for k, p in params.items():
                p.grad = torch.tensor(np.asarray(g[k], NUMPY[dtype]))
            opt.step()
            trace.append({k: p.detach().numpy().copy() for k, p in params.items()})
        # normals of f32 and f64 come from different bits: the two dtypes are two cases
        note = "What was drawn was given: whether to fit (pytorch_optimizer: in every 1/probability-th step), whether to balance, and the noise. Triangular systems were solved in the dtype of the case (pytorch_optimizer: f32)."
        out.add(f"pytorch_optimizer/{name}-{dtype}", dtype, call, hyper, trace, equation=kron, variant=variant, params0=params0, grads=grads, note=note, **drawn)


kron_case("kron", {}, {})
kron_case("kron-tall", {"probability": 1}, {}, shape=tall)
kron_case("kron-cube", {}, {"momentum_into_precondition_update": False}, shape=cube)
kron_case("kron-diagonal", {}, {"memory_save_mode": "one_diag"})
out.write()
