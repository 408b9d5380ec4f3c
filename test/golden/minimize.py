"""The problems of More, Garbow and Hillstrom (ACM TOMS 7, 1981), written once more, and what scipy.optimize needs for them.

Gradients and Hessian products are jax's, in f64. Every method has the tolerance 1e-6 on the largest element of the gradient, but
Newton-CG, which has none such (xtol 1e-8), and Nelder-Mead (1e-6 on simplex and values).
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import warnings

import jax
import numpy as np
from scipy.optimize import minimize

from golden_json import scalar, write
from minimize_problems import PROBLEMS, jnp

warnings.filterwarnings("ignore")

TOLERANCE = 1e-6
METHODS = {
    "lbfgs": ("L-BFGS-B", {"gtol": TOLERANCE, "ftol": 0, "maxiter": 2000, "maxfun": 100000}),
    "bfgs": ("BFGS", {"gtol": TOLERANCE, "maxiter": 2000}),
    "conjugateGradients": ("CG", {"gtol": TOLERANCE, "maxiter": 2000}),
    "newtonCg": ("Newton-CG", {"xtol": 1e-8, "maxiter": 2000}),
    "nelderMead": ("Nelder-Mead", {"xatol": TOLERANCE, "fatol": TOLERANCE, "adaptive": True, "maxiter": 10000, "maxfev": 100000}),
}


def case(name, start, residuals):
    f = jax.jit(lambda x: jnp.sum(residuals(x) ** 2))
    gradient = jax.jit(jax.grad(f))
    product = jax.jit(lambda x, v: jax.jvp(gradient, (x,), (v,))[1])
    x0 = np.array(start, dtype=np.float64)
    runs = {}
    for own, (method, options) in METHODS.items():
        calls = {"products": 0}

        def hessp(x, v):
            calls["products"] += 1
            return np.asarray(product(x, v))

        more = {} if own == "nelderMead" else {"jac": lambda x: np.asarray(gradient(x))}
        more |= {"hessp": hessp} if own == "newtonCg" else {}
        found = minimize(lambda x: float(f(x)), x0, method=method, options=options, **more)
        runs[own] = {
            "value": scalar(found.fun),
            "gradientNorm": scalar(np.max(np.abs(gradient(found.x)))),
            "iterations": int(found.nit),
            "values": int(found.nfev),
            "gradients": int(found.get("njev", 0)),
            "hessianProducts": calls["products"],
        }
    v = np.cos(np.arange(len(x0)))
    return {
        "name": name,
        "start": x0.tolist(),
        "value": float(f(x0)),
        "gradient": np.asarray(gradient(x0)).tolist(),
        "direction": v.tolist(),
        "hessianProduct": np.asarray(product(x0, v)).tolist(),
        "scipy": runs,
    }


write(__file__, {"tolerance": TOLERANCE, "cases": [case(*p) for p in PROBLEMS]})
