"""Problems with bounds on their variables, and what scipy.optimize's L-BFGS-B needs for them.

Those of Hock and Schittkowski (Test examples for nonlinear programming codes, 1981) that have no other constraint, from their
starts (moved to the nearest point within); and those of More, Garbow and Hillstrom, with bounds that cut their minima off: every
second variable, beginning with the first, has to stay below its value there by a tenth of it (of 1, where it is smaller); the one
after it has to stay above its value less 1. That value is what L-BFGS-B finds. Gradients are jax's, in f64; the tolerance is 1e-6 on the projected gradient.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import numpy as np
from scipy.optimize import minimize

from golden_json import nested, scalar, write
from minimize_problems import PROBLEMS, gulf, jax, jnp, wood

TOLERANCE = 1e-6
INF = np.inf


def gulf_of_hs25(x):
    i = jnp.arange(1.0, 100)
    u = 25 + (-50 * jnp.log(i / 100)) ** (2 / 3)
    return jnp.sum((jnp.exp(-((u - x[1]) ** x[2]) / x[0]) - i / 100) ** 2)


rosenbrock = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
HOCK_SCHITTKOWSKI = [
    ("HS 1", rosenbrock, [-2, 1], [-INF, -1.5], [INF, INF]),
    ("HS 2", rosenbrock, [-2, 1], [-INF, 1.5], [INF, INF]),
    ("HS 3", lambda x: x[1] + 1e-5 * (x[1] - x[0]) ** 2, [10, 1], [-INF, 0], [INF, INF]),
    ("HS 4", lambda x: (x[0] + 1) ** 3 / 3 + x[1], [1.125, 0.125], [1, 0], [INF, INF]),
    ("HS 5", lambda x: jnp.sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - 1.5 * x[0] + 2.5 * x[1] + 1, [0, 0], [-1.5, -3], [4, 3]),
    ("HS 25", gulf_of_hs25, [100, 12.5, 3], [0.1, 0, 0], [100, 25.6, 5]),
    ("HS 38", lambda x: jnp.sum(wood(x) ** 2), [-3, -1, -3, -1], [-10] * 4, [10] * 4),
    ("HS 45", lambda x: 2 - jnp.prod(x) / 120, [2] * 5, [0] * 5, [1, 2, 3, 4, 5]),
    ("HS 110", lambda x: jnp.sum(jnp.log(x - 2) ** 2 + jnp.log(10 - x) ** 2) - jnp.prod(x) ** 0.2, [9] * 10, [2.001] * 10, [9.999] * 10),
]
OPTIONS = {"gtol": TOLERANCE, "ftol": 0, "maxiter": 2000, "maxfun": 100000}


def run(f, start, bounds=None):
    value = jax.jit(f)
    gradient = jax.jit(jax.grad(f))
    return minimize(lambda x: float(value(x)), start, jac=lambda x: np.asarray(gradient(x)), method="L-BFGS-B", bounds=bounds, options=OPTIONS)


def case(name, f, start, lower, upper):
    lower, upper = np.array(lower, dtype=np.float64), np.array(upper, dtype=np.float64)
    start = np.clip(np.array(start, dtype=np.float64), lower, upper)
    found = run(f, start, list(zip(lower, upper)))
    gradient = np.asarray(jax.grad(f)(found.x))
    projected = np.clip(found.x - gradient, lower, upper) - found.x
    return {
        "name": name,
        "start": start.tolist(),
        "lower": nested(lower),
        "upper": nested(upper),
        "valueAtStart": float(f(start)),
        "scipy": {
            "at": nested(found.x),
            "value": scalar(found.fun),
            "gradientNorm": scalar(np.max(np.abs(projected))),
            "iterations": int(found.nit),
            "values": int(found.nfev),
        },
    }


def cut(name, start, residuals):
    f = lambda x: jnp.sum(residuals(x) ** 2)
    start = np.array(start, dtype=np.float64)
    least = np.round(run(f, start).x, 6)
    first = np.arange(len(start)) % 2 == 0
    lower = np.where(first, -INF, least - 1)
    upper = np.where(first, least - 0.1 * np.maximum(1, np.abs(least)), INF)
    return case(name, f, start, lower, upper)


write(__file__, {"tolerance": TOLERANCE, "cases": [case(*p) for p in HOCK_SCHITTKOWSKI] + [cut(*p) for p in PROBLEMS]})
