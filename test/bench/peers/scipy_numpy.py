"""Solves by scipy and numpy, on one thread, what `problems.ts` has."""

import functools
import os
import sys

os.environ |= {name: "1" for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")}

try:
    import numpy as np
    import scipy
    from scipy import linalg, optimize
except ImportError:
    sys.exit()  # whoever asked sees that nothing was said

from serve import serve


def rosenbrock(x):
    u, v = x[1::2] - x[::2] ** 2, 1 - x[::2]
    return 100 * u @ u + v @ v


def with_gradient(x):
    u, v = x[1::2] - x[::2] ** 2, 1 - x[::2]
    gradient = np.empty_like(x)
    gradient[::2] = -400 * x[::2] * u - 2 * v
    gradient[1::2] = 200 * u
    return 100 * u @ u + v @ v, gradient


def minimized(f, size, method, derived, **options):
    start = np.tile([-1.2, 1.0], size // 2)
    run = lambda: optimize.minimize(f, start, jac=derived, method=method, options=options)
    return run, lambda result: result.fun


def nelder_mead(size, iterations):
    limits = {"maxiter": iterations, "maxfev": 10**9}
    return minimized(rosenbrock, size, "Nelder-Mead", None, xatol=1e-6, fatol=1e-6, adaptive=True, **limits)


def lbfgs(size):
    return minimized(with_gradient, size, "L-BFGS-B", True, gtol=1e-6, ftol=0)


def conjugate_gradients(size):
    return minimized(with_gradient, size, "CG", True, gtol=1e-6)


def decay(x, a, b, c):
    return a * np.exp(-b * x) + c


def decay_jacobian(x, a, b, c):
    e = np.exp(-b * x)
    return np.stack([e, -a * x * e, np.ones_like(x)], 1)


def bell(x, a, b, c):
    return a * np.exp(-(((x - b) / c) ** 2))


def bell_jacobian(x, a, b, c):
    u = (x - b) / c
    e = np.exp(-u * u)
    return np.stack([e, 2 * a * e * u / c, 2 * a * e * u * u / c], 1)


def bells(x, *p):
    return bell(x, *p[:3]) + bell(x, *p[3:])


def bells_jacobian(x, *p):
    return np.concatenate([bell_jacobian(x, *p[:3]), bell_jacobian(x, *p[3:])], 1)


def fitted(model, jacobian, truth, start):
    def on(points):
        x = 10 * np.arange(points) / points
        y = model(x, *truth) + 0.05 * np.sin(np.arange(points, dtype=float) ** 2)
        run = lambda: optimize.curve_fit(model, x, y, start, jac=jacobian)[0]
        return run, lambda parameters: np.sum((model(x, *parameters) - y) ** 2)

    return on


def square(size):
    return np.sin(np.arange(size * size, dtype=float) ** 2).reshape(size, size)


def symmetric(size):
    return square(size) + square(size).T


def positive_definite(size):
    return square(size) @ square(size).T / size + np.eye(size)


def computed(matrix, f):
    def on(size):
        a = matrix(size)
        return lambda: f(a), lambda results: sum(np.abs(x).sum() for x in results)

    return on


works = {
    "nelderMead": nelder_mead,
    "lbfgs": lbfgs,
    "conjugateGradients": conjugate_gradients,
    "decay": fitted(decay, decay_jacobian, [2.5, 0.7, 0.3], [1, 1, 0]),
    "bells": fitted(bells, bells_jacobian, [2, 3, 1, 1, 6, 1.5], [1, 2.5, 1.5, 1, 6.5, 1]),
    "multiply": computed(square, lambda a: [a @ a]),
    "solve": computed(square, lambda a: [np.linalg.solve(a, a[0])]),
    "inverse": computed(square, lambda a: [np.linalg.inv(a)]),
    "lu": computed(square, lambda a: linalg.lu(a, p_indices=True)[1:]),
    "cholesky": computed(positive_definite, lambda a: [np.linalg.cholesky(a)]),
    "eigh": computed(symmetric, np.linalg.eigh),
    "qr": computed(square, np.linalg.qr),
    "svd": computed(square, np.linalg.svd),
}


@functools.lru_cache(2)
def prepared(name, *sizes):
    return works[name](*sizes)


def step_of(name, *sizes):
    kind, name = name.split(":")
    run, reached = prepared(name, *sizes)
    return run if kind == "run" else lambda: float(reached(run()))


serve(f"scipy {scipy.__version__}, numpy {np.__version__}", step_of)
