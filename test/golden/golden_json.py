"""How the golden files are written: small, readable, and the same bytes on every run."""

import json
import math
from pathlib import Path

import numpy as np

DTYPES = {"float32": "f32", "float64": "f64", "int32": "i32", "int64": "i32", "uint32": "u32", "bool": "bool"}


def scalar(x):
    """A JSON value for one number: exact, with names for what JSON cannot say."""
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, (int, np.integer)):
        return int(x)
    x = float(x)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return x


def flat(a):
    """The elements in row-major order. An f32 element is given as the double it equals."""
    return [scalar(x) for x in np.asarray(a).reshape(-1).tolist()]


def array(a):
    a = np.asarray(a)
    return {"dtype": DTYPES[a.dtype.name], "shape": list(a.shape), "data": flat(a)}


def nested(a):
    """Nested lists, as one writes a small tensor by hand; a scalar is a bare number."""
    a = np.asarray(a)
    return [nested(x) for x in a] if a.ndim else scalar(a[()])


def compact(x):
    return json.dumps(x, separators=(",", ":"), allow_nan=False)


def render(x, indent=0, width=160):
    """Compact where it fits on a line, one member a line where it does not; long rows of scalars are filled."""
    one_line = compact(x)
    if len(one_line) + indent <= width or not isinstance(x, (dict, list)):
        return one_line
    pad, inner = " " * indent, " " * (indent + 1)
    if isinstance(x, dict):
        members = [f"{inner}{compact(k)}:{render(v, indent + 1, width)}" for k, v in x.items()]
        return "{\n" + ",\n".join(members) + "\n" + pad + "}"
    if any(isinstance(v, (dict, list)) for v in x):
        return "[\n" + ",\n".join(inner + render(v, indent + 1, width) for v in x) + "\n" + pad + "]"
    lines, line = [], inner
    for i, v in enumerate(x):
        token = compact(v) + ("," if i + 1 < len(x) else "")
        if len(line) + len(token) > width and line != inner:
            lines.append(line)
            line = inner
        line += token
    return "[\n" + "\n".join([*lines, line]) + "\n" + pad + "]"


def write(script, data):
    """Writes `<script>.json` beside the script, then reads it back and compares."""
    path = Path(script).with_suffix(".json")
    path.write_text(render(data) + "\n")
    assert json.loads(path.read_text()) == data
    names = [c["name"] for c in data.get("cases", [])]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    print(f"{path.name}: {len(names)} cases, {path.stat().st_size} bytes")
