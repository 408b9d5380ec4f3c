"""The nonlinear regression sets of NIST's Statistical Reference Datasets, and what scipy.optimize.least_squares needs for them.

Data, starts and certified values are NIST's (https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml), works of the government of the
United States and in the public domain. The files come with lmfit's sources (BSD-3), in the folder that is this script's argument:

    pip download lmfit==1.0.2 --no-binary :all: --no-deps && tar xzf lmfit-1.0.2.tar.gz
    python test/golden/nist.py lmfit-1.0.2/NIST_STRD

Models are written once more here; their Jacobians are jax's, in f64.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import re
import warnings
from pathlib import Path

import jax
import numpy as np
from scipy.optimize import least_squares

from golden_json import scalar, write

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
jnp = jax.numpy
exp, pi = jnp.exp, np.pi
warnings.filterwarnings("ignore")


def peaks(b, x):
    return b[0] * exp(-b[1] * x) + b[2] * exp(-((x - b[3]) ** 2) / b[4] ** 2) + b[5] * exp(-((x - b[6]) ** 2) / b[7] ** 2)


def waves(b, x):
    wave = lambda cosine, sine, period: cosine * jnp.cos(2 * pi * x / period) + sine * jnp.sin(2 * pi * x / period)
    return b[0] + wave(b[1], b[2], 12) + wave(b[4], b[5], b[3]) + wave(b[7], b[8], b[6])


def cubics(b, x):
    return (b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3) / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3)


def decays(b, x):
    return b[0] * exp(-b[1] * x) + b[2] * exp(-b[3] * x) + b[4] * exp(-b[5] * x)


MODELS = {
    "Misra1a": lambda b, x: b[0] * (1 - exp(-b[1] * x)),
    "Chwirut2": lambda b, x: exp(-b[0] * x) / (b[1] + b[2] * x),
    "Chwirut1": lambda b, x: exp(-b[0] * x) / (b[1] + b[2] * x),
    "Lanczos3": decays,
    "Gauss1": peaks,
    "Gauss2": peaks,
    "DanWood": lambda b, x: b[0] * x ** b[1],
    "Misra1b": lambda b, x: b[0] * (1 - (1 + b[1] * x / 2) ** -2),
    "Kirby2": lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2),
    "Hahn1": cubics,
    "Nelson": lambda b, x: b[0] - b[1] * x[0] * exp(-b[2] * x[1]),
    "MGH17": lambda b, x: b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4]),
    "Lanczos1": decays,
    "Lanczos2": decays,
    "Gauss3": peaks,
    "Misra1c": lambda b, x: b[0] * (1 - (1 + 2 * b[1] * x) ** -0.5),
    "Misra1d": lambda b, x: b[0] * b[1] * x / (1 + b[1] * x),
    "Roszman1": lambda b, x: b[0] - b[1] * x - jnp.arctan(b[2] / (x - b[3])) / pi,
    "ENSO": waves,
    "MGH09": lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "Thurber": cubics,
    "BoxBOD": lambda b, x: b[0] * (1 - exp(-b[1] * x)),
    "Rat42": lambda b, x: b[0] / (1 + exp(b[1] - b[2] * x)),
    "MGH10": lambda b, x: b[0] * exp(b[1] / (x + b[2])),
    "Eckerle4": lambda b, x: b[0] / b[1] * exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Rat43": lambda b, x: b[0] / (1 + exp(b[1] - b[2] * x)) ** (1 / b[3]),
    "Bennett5": lambda b, x: b[0] * (b[1] + x) ** (-1 / b[2]),
}


def read(name):
    lines = (Path(sys.argv[1]) / f"{name}.dat").read_text().splitlines()
    level = re.search(r"(Lower|Average|Higher) Level", "\n".join(lines[:40])).group(1).lower()
    rows = [[float(x) for x in line.split("=")[1].split()] for line in lines[40:60] if re.match(r"\s*b\d+\s*=", line)]
    total = next(float(line.split(":")[1]) for line in lines if "Residual Sum of Squares" in line)
    values = np.array([[float(x) for x in line.split()] for line in lines[60:] if line.strip()])
    first, second, certified, errors = (list(column) for column in zip(*rows))
    x = values[:, 1:].T
    return {
        "name": name,
        "level": level,
        "starts": [first, second],
        "certified": certified,
        "standardErrors": errors,
        "sumOfSquares": total,
        "y": values[:, 0].tolist(),
        "x": x.tolist() if len(x) > 1 else x[0].tolist(),
    }


TOLERANCE = 1e-12
METHODS = {"lm": {}, "trf": {"x_scale": "jac"}}


def case(name):
    data = read(name)
    x, y = jnp.array(data["x"]), jnp.array(data["y"])
    y = jnp.log(y) if name == "Nelson" else y
    residuals = jax.jit(lambda b: MODELS[name](b, x) - y)
    jacobian = jax.jit(jax.jacfwd(residuals))
    peers = []
    for start in data["starts"]:
        runs = {}
        for method, more in METHODS.items():
            found = least_squares(
                lambda b: np.asarray(residuals(b)), start, jac=lambda b: np.asarray(jacobian(b)), method=method,
                ftol=TOLERANCE, xtol=TOLERANCE, gtol=TOLERANCE, max_nfev=5000, **more)  # fmt: skip
            runs[method] = {
                "at": [scalar(b) for b in found.x],
                "value": scalar(found.cost),
                "residuals": int(found.nfev),
                "jacobians": int(found.njev or 0),
            }
        peers.append(runs)
    start = np.array(data["starts"][1])
    return {**data, "valueAtSecond": float(0.5 * np.sum(np.asarray(residuals(start)) ** 2)), "scipy": peers}


write(__file__, {"tolerance": TOLERANCE, "cases": [case(name) for name in MODELS]})
