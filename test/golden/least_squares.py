"""Fits by scipy.optimize: least_squares under robust losses and bounds, curve_fit with sigma. Jacobians are jax's, in f64."""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import jax
import numpy as np
from scipy.optimize import curve_fit, least_squares

from golden_json import nested, scalar, write

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
jnp = jax.numpy

EXACT = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "x_scale": "jac", "max_nfev": 5000}

rng = np.random.default_rng(7)
T = np.linspace(0, 10, 25)
Y = 0.5 + 2 * np.exp(-0.4 * T) + 0.05 * rng.normal(size=25)
Y[[3, 11, 19]] += [1.5, -1.2, 0.8]
SIGMA = 0.05 + 0.02 * np.arange(25) / 25

decay = lambda x, t: x[0] + x[1] * jnp.exp(-x[2] * t)
rosenbrock = lambda x: jnp.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def wood(x):
    a, b, c, d = x
    return jnp.array([10 * (b - a * a), 1 - a, 90**0.5 * (d - c * c), 1 - c, 10**0.5 * (b + d - 2), (b - d) / 10**0.5])


PROBLEMS = {
    "decay": (lambda x: decay(x, T) - Y, [1.0, 1.0, 1.0]),
    "rosenbrock": (rosenbrock, [-1.2, -0.5]),
    "wood": (wood, [-3.0, -1.0, -3.0, -1.0]),
}


def fitted(f, start, **options):
    residuals, jacobian = jax.jit(f), jax.jit(jax.jacfwd(f))
    return least_squares(
        lambda x: np.asarray(residuals(x)), start, jac=lambda x: np.asarray(jacobian(x)), **EXACT | options)  # fmt: skip


def robust(loss, scale):
    f, start = PROBLEMS["decay"]
    found = fitted(f, start, loss=loss, f_scale=scale)
    covariance = np.linalg.inv(found.jac.T @ found.jac) * 2 * found.cost / (len(T) - len(start))
    return {
        "loss": {"soft_l1": "softL1"}.get(loss, loss),
        "scale": scale,
        "at": nested(found.x),
        "value": scalar(found.cost),
        "covariance": nested(covariance),
    }


def bounded(name, lower, upper, start=None, loss="linear"):
    f, first = PROBLEMS[name]
    start = first if start is None else start
    found = fitted(f, start, bounds=(lower, upper), loss=loss)
    # the solver stays inside of the bounds: what it leaves is closed by fixing what it says is active
    active = found.active_mask != 0
    x = np.where(found.active_mask < 0, lower, np.where(found.active_mask > 0, upper, found.x))
    if (~active).any():
        inner = lambda free: f(jnp.array(x).at[~active].set(free))
        x[~active] = fitted(inner, x[~active], loss=loss).x
    residuals = np.asarray(f(jnp.array(x)))
    value = 0.5 * np.sum(residuals**2) if loss == "linear" else found.cost
    return {
        "problem": name,
        "start": start,
        "lower": [scalar(b) for b in lower],
        "upper": [scalar(b) for b in upper],
        "at": nested(x),
        "value": scalar(value),
        "evaluations": int(found.nfev),
    }


def weighted(absolute):
    model = lambda t, *x: np.asarray(decay(jnp.array(x), t))
    jac = lambda t, *x: np.asarray(jax.jacfwd(lambda x: decay(x, t))(jnp.array(x)))
    at, covariance = curve_fit(
        model, T, Y, [1.0, 1.0, 1.0], SIGMA, absolute_sigma=absolute, jac=jac, ftol=1e-15, xtol=1e-15, gtol=1e-15)  # fmt: skip
    return {"absolute": absolute, "at": nested(at), "covariance": nested(covariance)}


INF = np.inf
write(__file__, {
    "t": nested(T),
    "y": nested(Y),
    "sigma": nested(SIGMA),
    "robust": [robust(loss, scale) for loss in ("linear", "huber", "soft_l1", "cauchy", "arctan") for scale in (0.1, 1.0)],
    "bounded": [
        bounded("rosenbrock", [-2, -1], [0.5, 2]),
        bounded("rosenbrock", [-2, 1.5], [INF, INF], [-1.2, 2.0]),
        bounded("rosenbrock", [-1.5, -1], [-0.5, 3]),
        bounded("rosenbrock", [-50, -50], [50, 50]),
        bounded("decay", [0, 0, 0.5], [INF, 2, 5]),
        bounded("decay", [0.7, -INF, -INF], [INF, 1.5, INF]),
        bounded("wood", [-INF, -INF, -INF, -INF], [0, INF, 0, INF]),
        bounded("wood", [-5, -5, -5, -5], [5, 0.5, 5, 0.9]),
    ],
    "weighted": [weighted(False), weighted(True)],
})  # fmt: skip
