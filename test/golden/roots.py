"""Roots: the square systems of More, Garbow and Hillstrom from their starts and from 10 times as far, and functions of one variable
between two ends; and what scipy.optimize needs for them. Jacobians are jax's, in f64.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import math

import numpy as np
from scipy.optimize import brentq, root
from scipy.optimize.elementwise import find_root

from golden_json import nested, scalar, write
from minimize_problems import PROBLEMS, chebyquad, jax

SYSTEMS = [p for p in PROBLEMS if p[0] != "Chebyquad" and len(p[2](jax.numpy.array(p[1], dtype=float))) == len(p[1])]
SYSTEMS.append(("Chebyquad", [j / 8 for j in range(1, 8)], chebyquad))


def system(name, start, residuals, factor):
    f = jax.jit(residuals)
    jacobian = jax.jit(jax.jacrev(residuals))
    x0 = factor * np.array(start, dtype=np.float64)
    found = root(lambda x: np.asarray(f(x)), x0, jac=lambda x: np.asarray(jacobian(x)), method="hybr", options={"xtol": 1e-10})
    return {
        "name": f"{name} x{factor}",
        "problem": name,
        "start": x0.tolist(),
        "residuals": nested(f(x0)),
        "scipy": {
            "at": nested(found.x),
            "residual": scalar(np.max(np.abs(f(found.x)))),
            "values": int(found.nfev),
            "jacobians": int(found.njev),
        },
    }


BETWEEN = [
    ("sqrt 2", "x^2 - 2", lambda x: x * x - 2, 0, 2),
    ("cos x = x", "cos(x) - x", lambda x: math.cos(x) - x, 0, 1),
    ("Kepler, e = 0.99", "x - 0.99 sin(x) - 0.03", lambda x: x - 0.99 * math.sin(x) - 0.03, 0, math.pi),
    ("cubic with a flat middle", "(x - 1)^3", lambda x: (x - 1) ** 3, 0, 3),
    ("ninth power", "x^9", lambda x: x**9, -1, 1.5),
    ("steep", "exp(x) - 1e-5", lambda x: math.exp(x) - 1e-5, -20, 5),
    ("step", "tanh(1000 (x - 0.3))", lambda x: math.tanh(1000 * (x - 0.3)), -1, 1),
    ("far ends", "x^3 - 2x - 5", lambda x: x**3 - 2 * x - 5, -100, 1000),
    ("Wallis", "x^3 - 2x - 5", lambda x: x**3 - 2 * x - 5, 2, 3),
]


def between(name, formula, f, low, high):
    x, info = brentq(f, low, high, xtol=1e-12, maxiter=1000, full_output=True)
    other = find_root(np.vectorize(f), (low, high), tolerances={"xatol": 1e-12, "xrtol": 0, "fatol": 0})
    return {
        "name": name,
        "formula": formula,
        "ends": [low, high],
        "scipy": {"at": scalar(x), "brentq": int(info.function_calls), "chandrupatla": int(other.nfev)},
    }


write(
    __file__,
    {
        "cases": [system(*p, factor) for p in SYSTEMS for factor in (1, 10)],
        "between": [between(*p) for p in BETWEEN],
    },
)
