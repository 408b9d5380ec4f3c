"""What the catalogue_*.py scripts share: inputs, recording, and the check of every f64 case against equations.

Run as a script it runs them all, then compares the cases that name a `twin` in another source.

The gradients are given, not computed: step t of every case of a dtype uses the same tree unless the case brings its own. They hold
zeros (before, between and after others), changes of sign, 1e-7 and 50, and never more: f32 trajectories stay comparable.
`hyper` uses thalweg's names; `variant` holds choices of form; `reference` is the call that was made; `note` says where it leaves its paper.
"""

import subprocess
import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import json
from pathlib import Path

import numpy as np

from golden_json import nested, render

HERE = Path(__file__).parent
SCRIPTS = ["catalogue_torch", "catalogue_optax", "catalogue_contrib", "catalogue_keras", "catalogue_pytorch_optimizer", "catalogue_paper", "catalogue_objective", "catalogue_matrix", "catalogue_combinators", "catalogue_parameters", "catalogue_transforms", "schedules"]
STEPS = 14
LEAVES = {"kernel": (2, 3), "bias": (3,), "scalar": ()}
NUMPY = {"f64": np.float64, "f32": np.float32}
rng = np.random.default_rng(11)


def gradients():
    """Multiples of 1/64 (but 1e-7), so that f32 holds them exactly."""
    out = [{k: np.asarray(np.round(64 * rng.normal(size=s) * (0.3 if t % 3 == 1 else 1.0)) / 64) for k, s in LEAVES.items()} for t in range(STEPS)]
    for t, g in enumerate(out):
        kernel = g["kernel"]
        kernel[0, 0] = abs(kernel[0, 0]) * (-1) ** t  # changes sign at every step
        kernel[0, 1] = float(f"{kernel[0, 1] * 10:.0f}e-8")  # tiny
        kernel[0, 2] = 0.5  # constant
        kernel[1, 0] = 0 if t < 4 else kernel[1, 0]  # zero at first
        kernel[1, 1] = kernel[1, 1] if t < 5 else 0  # zero at last
        g["bias"][2] = 0  # zero always
        g["bias"][1] = g["bias"][1] if t % 2 else 0  # zero at every other step
    out[4]["bias"][0] = 1e-7
    out[6]["kernel"][1, 2] = 50
    out[7]["kernel"][1, 2] = -50
    out[9]["scalar"] = np.array(0.0)
    out[11]["scalar"] = np.array(-50.0)
    return out


PARAMS0 = {"kernel": np.array([[0.5, -1.25, 2.0], [0.0, 3.5, -0.75]]), "bias": np.array([0.125, -0.25, 0.3125]), "scalar": np.array(1.5)}
GRADS = gradients()
LOSSES = [2.5, 1.75, 3.0, 0.5, 1.25, -0.5, 4.0, 40.0, 0.75, 0.0, 1.0, 30.0, 2.0, 0.25]  # given too, for what needs the loss


def cast(t, dtype):
    return {k: np.asarray(v, NUMPY[dtype]) for k, v in t.items()}


def tree(t):
    return {k: nested(np.asarray(v)) for k, v in t.items()}


def plain(x):
    """What goes into `extra`: trees, lists, numbers."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    return x if isinstance(x, (str, bool)) else nested(x)


def tall(t):
    """The kernel transposed: more rows than columns."""
    return {**t, "kernel": np.asarray(t["kernel"]).T}


def cube(t):
    """The kernel as 3 x 1 x 2, for what treats axes unequally."""
    return {**t, "kernel": np.asarray(t["kernel"]).reshape(3, 1, 2)}


# -- running equations


def norm(t):
    return np.sqrt(sum(np.sum(v * v) for v in t.values()))


def rate(h, t):
    r = h.get("rates", h.get("learningRate", 1))
    return r[t - 1] if isinstance(r, list) else r


def prepared(h, g, p):
    """The gradient that reaches the equation. Keras, PyTorch and optax all clip before a coupled decay would be added."""
    if h.get("maximize"):
        g = {k: -v for k, v in g.items()}
    if "maxNorm" in h:
        n = norm(g)
        g = {k: v * (h["maxNorm"] / n) if n > h["maxNorm"] else v for k, v in g.items()}
    if "maxLeafNorm" in h:
        g = {k: v * (h["maxLeafNorm"] / max(np.sqrt(np.sum(v * v)), h["maxLeafNorm"])) for k, v in g.items()}
    if "maxValue" in h:
        g = {k: np.clip(v, -h["maxValue"], h["maxValue"]) for k, v in g.items()}
    return {k: v + h.get("l2", 0) * p[k] for k, v in g.items()}


def flatten(t):
    return np.concatenate([np.ravel(v) for v in t.values()])


def unflatten(x, like):
    ends = np.cumsum([v.size for v in like.values()])
    return {k: part.reshape(v.shape) for (k, v), part in zip(like.items(), np.split(x, ends[:-1]))}


def simulate(equation, h, params0, grads):
    """The trajectory of an equation: a coroutine made from (h, p0) that takes (t, g, p, rate), t from 1, and yields the displacement.
    It sees one leaf, or all of them as one vector if it is marked `whole`. Decoupled decay is added here unless it is marked `decays`."""
    p = dict(params0)
    if getattr(equation, "whole", False):
        rules = {"all": equation(h, flatten(p))}
    else:
        rules = {k: equation({**h, "leaf": k}, v) for k, v in p.items()}
    for rule in rules.values():
        next(rule)
    out = []
    for t, raw in enumerate(grads, 1):
        g, lr = prepared(h, raw, p), rate(h, t)
        if "all" in rules:
            d = unflatten(rules["all"].send((t, flatten(g), flatten(p), lr)), p)
        else:
            d = {k: rules[k].send((t, g[k], p[k], lr)) for k in p}
        decay = 0 if getattr(equation, "decays", False) else lr * h.get("weightDecay", 0)
        p = {k: p[k] + d[k] - decay * p[k] for k in p}
        out.append(p)
    return out


def apart(ours, theirs):
    """The largest difference, relative to the largest value that element had so far (or 1 if that is less)."""
    worst, scale = 0.0, None
    for a, b in zip(ours, theirs, strict=True):
        a, b = (np.concatenate([np.ravel(np.asarray(t[k], np.float64)) for k in t]) for t in (a, b))
        scale = np.maximum(np.abs(b), 1 if scale is None else scale)
        worst = max(worst, float(np.max(np.abs(a - b) / scale)))
    return worst


# -- recording


def write_wide(script, data):
    """As golden_json.write, with a tree a line."""
    path = Path(script).with_suffix(".json")
    path.write_text(render(data, width=400) + "\n")
    assert json.loads(path.read_text()) == data
    names = [c["name"] for c in data["cases"]]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    print(f"{path.name}: {len(names)} cases, {path.stat().st_size} bytes")


class Catalogue:
    def __init__(self, script, versions, about=None):
        self.script, self.cases, self.inputs, self.ran = script, [], {}, {}
        self.meta = {"script": Path(script).name, "versions": versions, **(about or {})}

    def add(self, name, dtype, reference, hyper, params, *, equation=None, variant=None, note=None, twin=None, grads=None, params0=None, tolerance=1e-11, **extra):
        grads, params0 = GRADS if grads is None else grads, PARAMS0 if params0 is None else params0
        assert len(params) == len(grads) >= 12, name
        assert all(np.asarray(v).dtype == NUMPY[dtype] for p in params for v in p.values()), f"{name}: not {dtype}"
        case = {"name": f"{name}/{dtype}", "dtype": dtype, "reference": reference, "hyper": hyper}
        if variant:
            case["variant"] = variant
        if note:
            case["note"] = note
        if equation and dtype == "f64":
            h = {"losses": LOSSES, **hyper, **(variant or {}), **extra}
            off = apart(simulate(equation, h, params0, grads), params)
            assert off < tolerance, f"{name}: the equation is {off} away"
            if "evalParams" in extra:
                off = apart(simulate(equation, {**h, "evaluate": True}, params0, grads), extra["evalParams"])
                assert off < tolerance, f"{name}: the equation's evalParams are {off} away"
        if dtype == "f64":
            self.ran[name] = params
        elif name in self.ran:
            extra["apart"] = float(f"{apart(params, self.ran[name]):.1e}")
            assert extra["apart"] < 1e-3, f"{name}: f32 is {extra['apart']} from f64"
        if twin:
            extra["agreesWith"] = f"{twin}/{dtype}"
        self.cases.append({**case, **self.shared(params0, grads, dtype), "params": [tree(p) for p in params], "extra": plain(extra)})

    def shared(self, params0, grads, dtype):
        """The name of the usual inputs, written once a file; or the inputs themselves."""
        given = lambda p, gs: {"params0": tree(cast(p, dtype)), "grads": [tree(cast(g, dtype)) for g in gs]}
        mine = given(params0, grads)
        for name, shape in (("given", lambda t: t), ("tall", tall), ("cube", cube)):
            if mine == given(shape(PARAMS0), [shape(g) for g in GRADS]):
                self.inputs[f"{name}/{dtype}"] = mine
                return {"inputs": f"{name}/{dtype}"}
        return mine

    def write(self):
        write_wide(self.script, {"meta": self.meta, "inputs": self.inputs, "cases": self.cases})


def decoded(x):
    """Lists and trees read back as arrays."""
    return {k: np.asarray(v, np.float64) for k, v in x.items()}


def loaded(path):
    """The cases of a file, each with its inputs."""
    file = json.loads(path.read_text())
    return [{**file.get("inputs", {}).get(c.get("inputs"), {}), **c} for c in file["cases"]]


def cross_check():
    cases = {c["name"]: c for path in HERE.glob("catalogue_*.json") for c in loaded(path)}
    twins = [(c, cases[c["extra"]["agreesWith"]]) for c in cases.values() if "agreesWith" in c.get("extra", {})]
    for a, b in twins:
        assert a["grads"] == b["grads"] and a["params0"] == b["params0"], a["name"]
        off = apart([decoded(p) for p in a["params"]], [decoded(p) for p in b["params"]])
        assert off < (1e-11 if a["dtype"] == "f64" else 2e-5), f"{a['name']} and {b['name']} are {off} apart"
    print(f"{len(cases)} cases, {len(twins)} agree with their twin in another source")


if __name__ == "__main__":
    for script in SCRIPTS:
        subprocess.run([sys.executable, str(HERE / f"{script}.py")], check=True)
    cross_check()
