"""Values of the named operations in float64: numpy and Python's math, scipy for erfInv, torch and JAX for softmax of what is
not finite, JAX for convolution and pooling, and where elements are equal (with gradients). Inputs are small, of odd shapes, rounded to be readable. The last bit of exp, pow and their like is
the machine's.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import math

import jax
import jax.numpy as jnp
import numpy as np
import scipy
import scipy.special
import torch
from jax import lax

from golden_json import array, write

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
np.seterr(all="ignore")

rng = np.random.default_rng(20240517)
cases = []
nan, inf = math.nan, math.inf


def draw(*shape, scale=1.0):
    return np.round(rng.normal(size=shape) * scale, 3)


def f(*xs):
    return np.array(xs, dtype=np.float64)


def case(name, inputs, output, attrs=None, **more):
    """`name` is the operation, then after a slash what is special about the case."""
    inputs = [array(x) for x in inputs]
    cases.append({"name": name, "op": name.split("/")[0], "inputs": inputs, "attrs": attrs or {}, "output": array(output), **more})


# -- elementwise, with broadcasting

pairs = {
    "same shape": (draw(2, 3), draw(2, 3)),
    "row": (draw(2, 3), draw(3)),
    "column": (draw(2, 3), draw(2, 1)),
    "outer": (draw(3, 1), draw(1, 5)),
    "rank 3": (draw(2, 1, 3), draw(5, 1)),
    "scalar": (draw(3), draw()),
    "empty": (draw(0, 3), draw(3)),
}
binary = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "maximum": np.maximum, "minimum": np.minimum}
for op, fn in binary.items():
    for how, (a, b) in pairs.items():
        case(f"{op}/{how}", [a, b], fn(a, b))
zeros_and_infinities = (f(1, -1, 0, 1, -1, inf, inf, 0.0, -0.0), f(0.0, 0.0, 0.0, -0.0, inf, inf, -inf, 5, 5))
case("div/zero and infinity", zeros_and_infinities, np.divide(*zeros_and_infinities))
for op in ("maximum", "minimum"):
    a, b = f(nan, 1, nan, -inf, 2, 3), f(1, nan, nan, inf, 2, -3)
    case(f"{op}/not a number", [a, b], binary[op](a, b))
for how, (a, b) in {
    "positive": (np.abs(pairs["rank 3"][0]) + 0.1, pairs["rank 3"][1]),
    "integer exponents": (f(-2, -2, -2, -0.5, 0, 0, 3), f(3, 2, -3, -2, 0, 2, 0)),
    "edge": (f(-8, 0.0, 0.0, inf, inf, -inf, 1, nan, 0.5, 2), f(1 / 3, -1, 0.5, 2, -2, 3, nan, 0, inf, -inf)),
}.items():
    # 1**nan is 1 in C and numpy, NaN in JavaScript's own Math.pow.
    case(f"pow/{how}", [a, b], np.power(a, b))
a, b = f(7, -7, 7, -7, 5.5, -5.5, 0.3, -0.3, 6, -6, 0.0, 5, inf, 5), f(3, 3, -3, -3, 2, 2, 0.1, 0.1, 3, 3, 2, 0, 2, inf)
case("rem/sign of the dividend", [a, b], np.fmod(a, b))
case("mod/sign of the divisor", [a, b], np.mod(a, b))
i, j = np.array([7, -7, 7, -7, 6, -6], np.int32), np.array([3, 3, -3, -3, 3, 3], np.int32)
case("rem/integers", [i, j], np.fmod(i, j))
case("mod/integers", [i, j], np.mod(i, j))
a, b = f(0.0, 0.0, -0.0, -0.0, 1, 1, -1, -1, inf, -inf, 1, 1, 2), f(1, -1, 1, -1, 0.0, -0.0, 0.0, 1, inf, inf, inf, -inf, nan)
case("atan2/quadrants", [a, b], np.arctan2(a, b))
case("atan2/rank 3", pairs["rank 3"], np.arctan2(*pairs["rank 3"]))

halves = f(-2.5, -1.5, -0.5, -0.3, -0.0, 0.0, 0.3, 0.5, 1.5, 2.5, 2.4999999999999996, 4503599627370495.5, 1e300, inf, -inf, nan)
case("floor", [halves], np.floor(halves))
case("ceil", [halves], np.ceil(halves))
case("round/half to even", [halves], np.round(halves))
case("sign", [halves], np.sign(halves))
case("abs", [halves], np.abs(halves))


def each(fn, x):
    return np.array([fn(v) for v in x.reshape(-1).tolist()]).reshape(x.shape)


x = f(-30, -6, -3, -1, -0.5, -1e-3, -1e-10, -0.0, 0.0, 1e-300, 1e-10, 1e-3, 0.25, 0.5, 0.84375, 1, 1.25, 2, 3.5, 5.9, 6, 30)
case("erf", [np.append(x, [inf, -inf, nan])], np.append(each(math.erf, x), [1, -1, nan]))
case("erfc", [x], each(math.erfc, x))
x = f(-1, -0.9999999, -0.999, -0.9, -0.5, -1e-5, 0, 1e-300, 1e-12, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.99999, 0.9999999999, 1, 1.5)
case("erfInv", [x], scipy.special.erfinv(x))
x = f(-1, -0.999999, -0.5, -1e-5, -1e-18, -0.0, 0.0, 1e-18, 1e-8, 1e-3, 0.4, 1, 10, 1e10, inf, -2, nan)
case("log1p", [x], np.log1p(x))
x = f(-inf, -1000, -40, -1, -0.5, -1e-5, -1e-18, -0.0, 0.0, 1e-18, 1e-8, 1e-3, 0.4, 1, 10, 700, 1000, nan)
case("expm1", [x], np.expm1(x))
case("exp", [x], np.exp(x))
case("tanh", [x], np.tanh(x))


def sigmoid(v):
    return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))


x = f(-1000, -745, -100, -40, -5, -1, -1e-10, 0, 1e-10, 1, 5, 37, 40, 100, 1000)
case("sigmoid/extremes", [x], each(sigmoid, x))
case("logSigmoid/extremes", [x], each(lambda v: min(v, 0) - math.log1p(math.exp(-abs(v))), x))
case("softplus/extremes", [x], each(lambda v: max(v, 0) + math.log1p(math.exp(-abs(v))), x))
x = f(0.0, 1e-300, 0.5, 1, math.e, 10, inf, -1)
case("log", [x], np.log(x))
case("sqrt", [x], np.sqrt(x))

# -- reductions

x = draw(2, 3, 5)
reductions = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "mean": np.mean, "var": np.var, "std": np.std}
every_axes = [(None, False), (None, True), ((0,), False), ((1,), False), ((-1,), True), ((0, 2), False), ((0, 2), True), ((2, 1), False)]
for op, fn in reductions.items():
    for axes, keep in every_axes:
        attrs = {"axes": None if axes is None else list(axes), "keepDims": keep}
        case(f"{op}/{attrs['axes']}{' kept' if keep else ''}", [x], fn(x, axis=axes, keepdims=keep), attrs)
empty = draw(0, 3)
case("sum/of none", [empty], np.sum(empty, axis=0), {"axes": [0], "keepDims": False})
case("prod/of none", [empty], np.prod(empty, axis=0), {"axes": [0], "keepDims": False})
case("var/far from zero", [f(1e8, 1e8 + 1, 1e8 + 2)], np.var(f(1e8, 1e8 + 1, 1e8 + 2)), {"axes": None, "keepDims": False})
for op in ("max", "min"):
    v = np.array([[1.0, nan, 2], [-inf, inf, 0]])
    case(f"{op}/not a number", [v], reductions[op](v, axis=1), {"axes": [1], "keepDims": False})

ties = np.array([[1.0, 3, 3, 2], [4, 0, 4, 0], [-1, -1, -1, -1]])
for op, fn in {"argmax": np.argmax, "argmin": np.argmin}.items():
    case(f"{op}/ties, axis 1", [ties], fn(ties, axis=1), {"axis": 1})
    case(f"{op}/ties, axis 0", [ties], fn(ties, axis=0), {"axis": 0})
    case(f"{op}/all", [ties], fn(ties), {"axis": None})
    case(f"{op}/rank 3", [x], fn(x, axis=-2), {"axis": -2})
v = f(3, 1, 2, 3, 1, 2, -0.0, 0.0, 1)
case("argsort/stable", [v], np.argsort(v, kind="stable"), {"axis": -1, "descending": False})
case("argsort/stable descending", [v], np.asarray(jnp.argsort(v, stable=True, descending=True)), {"axis": -1, "descending": True})
case("argsort/axis 0", [ties], np.argsort(ties, axis=0, kind="stable"), {"axis": 0, "descending": False})
case("sort", [x], np.sort(x, axis=1), {"axis": 1})
for axis in (0, 1, -1):
    case(f"cumsum/{axis}", [x], np.cumsum(x, axis=axis), {"axis": axis, "reverse": False})
    case(f"cumsum/{axis} reverse", [x], np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis), {"axis": axis, "reverse": True})
    case(f"cumprod/{axis}", [x], np.cumprod(x, axis=axis), {"axis": axis, "reverse": False})
case("cumprod/with zero", [f(2, -3, 0, 5)], np.cumprod(f(2, -3, 0, 5)), {"axis": 0, "reverse": False})

logits = {
    "small": (draw(2, 3, 5), (-1, 0, 1)),
    "large": (np.array([[1000.0, 1001, 999.5], [-1000, -1001.25, -1000], [0, 1000, -1000]]), (-1, 0)),
    "infinite": (np.array([[-inf, 0.0, 1], [-inf, -inf, 2.0]]), (-1,)),
}
for how, (v, axes) in logits.items():
    for axis in axes:
        top = np.max(v, axis=axis, keepdims=True)
        e = np.exp(v - top)
        total = np.sum(e, axis=axis, keepdims=True)
        lse = top + np.log(total)
        case(f"logsumexp/{how}, axis {axis}", [v], np.squeeze(lse, axis), {"axis": axis})
        case(f"softmax/{how}, axis {axis}", [v], e / total, {"axis": axis})
        case(f"logSoftmax/{how}, axis {axis}", [v], v - lse, {"axis": axis})
wild = np.array([[inf, 0, 1], [inf, inf, -1], [inf, -inf, 0], [-inf, -inf, -inf], [nan, 0, 1]])
for op, of_torch, of_jax in (("softmax", torch.softmax, jax.nn.softmax), ("logSoftmax", torch.log_softmax, jax.nn.log_softmax)):
    output = of_torch(torch.tensor(wild), -1).numpy()
    assert np.array_equal(output, np.asarray(of_jax(wild)), equal_nan=True)
    case(f"{op}/of which there is none", [wild], output, {"axis": -1})
everywhere = f(-inf, -inf)
case("logsumexp/nothing", [everywhere], np.float64(-inf), {"axis": 0})

v = draw(2, 3, 2)
case("norm/all", [v], np.sqrt(np.sum(v * v)), {"axes": None, "keepDims": False, "ord": 2})
for axes, keep in (((-1,), False), ((0,), True), ((1, 2), False)):
    case(f"norm/{list(axes)}", [v], np.sqrt(np.sum(v * v, axis=axes, keepdims=keep)), {"axes": list(axes), "keepDims": keep, "ord": 2})
case("norm/1", [v], np.sum(np.abs(v), axis=1), {"axes": [1], "keepDims": False, "ord": 1})
case("norm/inf", [v], np.max(np.abs(v), axis=1), {"axes": [1], "keepDims": False, "ord": "inf"})

# -- products

for subscripts, *shapes in (
    ("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)), ("ij,j->i", (2, 3), (3,)), ("bhqd,bhkd->bhqk", (2, 2, 3, 2), (2, 2, 4, 2)),
    ("bhqk,bhkd->bhqd", (2, 2, 3, 4), (2, 2, 4, 2)), ("ij->ji", (2, 3)), ("abc->cab", (2, 3, 4)), ("ij->", (2, 3)), ("abc->b", (2, 3, 4)), ("i,i->", (5,), (5,)),
    ("i,j->ij", (3,), (5,)), ("ij,ij->ij", (2, 3), (2, 3)), ("ij,kj->ik", (2, 3), (4, 3)), ("abc,cd->dba", (2, 3, 4), (4, 2)), ("ijk,jil->kl", (2, 3, 4), (3, 2, 2)),
    ("ij,kj,lk->il", (2, 3), (4, 3), (2, 4)), ("ij,k->ij", (2, 3), (4,)), ("ii->i", (3, 3)), ("ii->", (3, 3)), ("bii->bi", (2, 3, 3)),
):
    xs = [draw(*s) for s in shapes]
    case(f"einsum/{subscripts}", xs, np.einsum(subscripts, *xs), {"subscripts": subscripts})
for how, (s, t) in {
    "matrices": ((2, 3), (3, 4)), "vector matrix": ((3,), (3, 4)), "matrix vector": ((2, 3), (3,)), "vectors": ((3,), (3,)),
    "batch": ((5, 2, 3), (5, 3, 2)), "broadcast batch": ((2, 1, 3, 4), (5, 4, 2)), "one on the left": ((3, 4), (2, 4, 2)), "one on the right": ((2, 3, 4), (4, 2)),
    "batch vector": ((2, 3, 4), (4,)), "inner size 0": ((2, 0), (0, 3)),
}.items():
    a, b = draw(*s), draw(*t)
    case(f"matmul/{how}", [a, b], np.matmul(a, b))
a, b = draw(3), draw(4)
case("outer", [a, b], np.outer(a, b))

# -- moving elements

x = draw(3, 4)
for how, config in {"edges": ((1, 2, 0), (0, 1, 0)), "interior": ((0, 0, 1), (1, 0, 2)), "negative": ((-1, 1, 0), (2, -2, 0)), "negative after interior": ((0, -1, 1), (-2, 0, 1))}.items():
    attrs = {"value": 9.5, "low": [c[0] for c in config], "high": [c[1] for c in config], "interior": [c[2] for c in config]}
    case(f"pad/{how}", [x], np.asarray(lax.pad(x, np.float64(9.5), config)), attrs)
x = draw(5, 7)
for start, limit, stride in (((1, 2), (4, 6), (1, 1)), ((0, 1), (5, 7), (2, 3)), ((4, 0), (5, 7), (1, 6)), ((2, 2), (2, 5), (1, 1))):
    attrs = {"start": list(start), "limit": list(limit), "stride": list(stride)}
    case(f"slice/{start} to {limit} by {stride}", [x], np.asarray(lax.slice(x, start, limit, stride)), attrs)
x = draw(2, 3, 4)
for axes in ((0,), (1,), (0, 2), (-1,)):
    case(f"flip/{list(axes)}", [x], np.flip(x, axes), {"axes": list(axes)})
for perm in ((0, 1, 2), (2, 0, 1), (1, 0, 2)):
    case(f"transpose/{list(perm)}", [x], np.transpose(x, perm), {"permutation": list(perm)})
for axis in (0, 1, -1):
    others = [draw(*[n if d != axis % 3 else k for d, n in enumerate(x.shape)]) for k in (1, 0, 2)]
    case(f"concat/{axis}", [x, *others], np.concatenate([x, *others], axis), {"axis": axis})
case("stack/1", [x, x + 1], np.stack([x, x + 1], 1), {"axis": 1})
indices = np.array([2, 0, 2, 1], np.int32)
for axis in (0, 1, 2):
    at = indices % x.shape[axis]
    case(f"take/axis {axis}", [x, at], np.take(x, at, axis), {"axis": axis})
square = np.array([[1, 0], [2, 2]], np.int32)
case("take/rank 2 indices", [x, square], np.take(x, square, 1), {"axis": 1})
for axis in (0, 1, 2):
    at = rng.integers(0, x.shape[axis], size=[n if d != axis else 2 for d, n in enumerate(x.shape)]).astype(np.int32)
    case(f"takeAlongAxis/{axis}", [x, at], np.take_along_axis(x, at, axis), {"axis": axis})
for how, (size, ids, data) in {
    "rows": (4, [0, 2, 0, 3, 2, 2], draw(6, 3)), "scalars": (3, [1, 1, 1, 0], draw(4)), "unsorted, one empty": (5, [4, 0, 4], draw(3, 2, 2)),
}.items():
    ids = np.array(ids, np.int32)
    out = np.zeros((size, *data.shape[1:]))
    np.add.at(out, ids, data)
    case(f"segmentSum/{how}", [data, ids], out, {"segments": size})
base, rows, updates = draw(4, 3), np.array([1, 3, 1], np.int32), draw(3, 3)
out = base.copy()
np.add.at(out, rows, updates)
case("scatterAdd/rows", [base, rows, updates], out, {"axis": 0})
base, columns, updates = draw(2, 4), np.array([0, 0, 3], np.int32), draw(2, 3)
out = base.copy()
np.add.at(out.T, columns, updates.T)
case("scatterAdd/columns", [base, columns, updates], out, {"axis": 1})
for k in (-1, 0, 1):
    case(f"tril/{k}", [x], np.tril(x, k), {"diagonal": k})
    case(f"triu/{k}", [x], np.triu(x, k), {"diagonal": k})
labels = np.array([2, 0, 3, -1, 4], np.int32)
case("oneHot/out of range is zeros", [labels], np.asarray(jax.nn.one_hot(labels, 4, dtype=np.float64)), {"classes": 4, "axis": -1})
labels = np.array([[1, 0], [2, 2], [0, 1]], np.int32)
case("oneHot/rank 2", [labels], np.asarray(jax.nn.one_hot(labels, 3, dtype=np.float64)), {"classes": 3, "axis": -1})
for n, m, k in ((3, 3, 0), (2, 4, 0), (4, 3, 1), (3, 4, -1)):
    case(f"eye/{n} by {m}, {k}", [], np.eye(n, m, k), {"rows": n, "columns": m, "diagonal": k})
for start, stop, n in ((0, 1, 5), (-1.5, 2, 4), (3, 3, 2), (1, 2, 1)):
    case(f"linspace/{start} to {stop}, {n}", [], np.linspace(start, stop, n), {"start": start, "stop": stop, "count": n})
choose, a, b = np.array([[True, False, True], [False, False, True]]), draw(2, 3), draw(2, 3)
case("where", [choose, a, b], np.where(choose, a, b))
case("clip", [a], np.clip(a, -0.5, 0.5), {"min": -0.5, "max": 0.5})

# -- convolution, channels last, and its gradients

LAYOUT = {1: ("NWC", "WIO", "NWC"), 2: ("NHWC", "HWIO", "NHWC"), 3: ("NDHWC", "DHWIO", "NDHWC")}


def conv(name, spatial, kernel, batch=2, inputs=2, outputs=3, strides=None, padding="VALID", rhs=None, lhs=None, groups=1):
    """Gradients are those of sum(cotangent * conv(x, k)). `padding` as asked, `pads` the same as numbers."""
    d = len(spatial)
    strides, rhs, lhs = strides or (1,) * d, rhs or (1,) * d, lhs or (1,) * d
    x, k = draw(batch, *spatial, inputs), draw(*kernel, inputs // groups, outputs)
    dilated = [(n - 1) * r + 1 for n, r in zip(kernel, rhs)]
    pads = [tuple(p) for p in (lax.padtype_to_pads(spatial, dilated, strides, padding) if isinstance(padding, str) else padding)]

    def run(x, k, padding):
        return lax.conv_general_dilated(x, k, strides, padding, lhs, rhs, LAYOUT[d], groups, precision="highest")

    y, vjp = jax.vjp(lambda x, k: run(x, k, pads), x, k)
    if isinstance(padding, str):
        assert np.array_equal(y, run(x, k, padding))
    cotangent = draw(*y.shape)
    dx, dk = vjp(cotangent)
    attrs = {
        "strides": list(strides), "padding": padding if isinstance(padding, str) else [list(p) for p in padding], "pads": [list(p) for p in pads],
        "inputDilation": list(lhs), "kernelDilation": list(rhs), "groups": groups,
    }
    case(f"conv/{name}", [x, k], np.asarray(y), attrs, cotangent=array(cotangent), grads=[array(np.asarray(dx)), array(np.asarray(dk))])


conv("1-D valid", (7,), (3,))
conv("1-D same, even kernel", (7,), (4,), padding="SAME")
conv("1-D same, stride 2", (7,), (3,), strides=(2,), padding="SAME")
conv("1-D same, stride 3, even length", (8,), (2,), strides=(3,), padding="SAME")
conv("1-D causal, kernel dilation 2", (6,), (3,), padding=((4, 0),), rhs=(2,))
conv("1-D transposed, input dilation 2", (4,), (3,), padding=((2, 1),), lhs=(2,))
conv("1-D padding wider than the kernel", (3,), (2,), batch=1, inputs=1, outputs=1, padding=((3, 4),))
conv("1-D negative padding", (7,), (2,), batch=1, inputs=1, outputs=2, padding=((-1, -2),))
conv("1-D stride leaves a remainder", (8,), (3,), inputs=1, outputs=1, strides=(3,))
conv("1-D depthwise", (5,), (3,), inputs=3, outputs=3, padding="SAME", groups=3)
conv("2-D valid", (4, 5), (2, 3))
conv("2-D pointwise", (3, 2), (1, 1))
conv("2-D same", (5, 4), (3, 3), padding="SAME")
conv("2-D same, strides 2 and 1", (5, 4), (3, 2), strides=(2, 1), padding="SAME")
conv("2-D same, stride 2, even size", (6, 4), (3, 3), batch=1, strides=(2, 2), padding="SAME")
conv("2-D asymmetric padding", (4, 3), (3, 2), padding=((0, 2), (1, 0)))
conv("2-D kernel dilation", (6, 7), (2, 3), batch=1, padding=((1, 0), (2, 1)), rhs=(3, 2))
conv("2-D same, kernel dilation 2", (5, 5), (3, 3), batch=1, inputs=1, outputs=2, padding="SAME", rhs=(2, 2))
conv("2-D input dilation", (3, 2), (3, 3), padding=((2, 2), (1, 2)), lhs=(2, 3))
conv("2-D input and kernel dilation, stride", (3, 3), (2, 2), batch=1, strides=(2, 1), padding=((1, 2), (2, 0)), rhs=(2, 1), lhs=(2, 2))
conv("2-D two groups", (4, 3), (2, 2), inputs=4, outputs=6, groups=2)
conv("2-D depthwise", (4, 4), (3, 3), batch=1, inputs=3, outputs=3, padding="SAME", groups=3)
conv("2-D depthwise, multiplier 2, stride 2", (5, 4), (2, 2), batch=1, inputs=3, outputs=6, strides=(2, 2), padding="SAME", groups=3)
conv("2-D kernel as large as the image", (3, 4), (3, 4))
conv("3-D valid", (3, 3, 4), (2, 2, 2), inputs=1, outputs=2)
conv("3-D same, strides", (3, 4, 2), (2, 3, 2), batch=1, strides=(2, 1, 2), padding="SAME")
conv("3-D dilations, asymmetric", (2, 3, 2), (2, 1, 2), batch=1, inputs=1, outputs=2, padding=((1, 0), (0, 1), (2, 1)), rhs=(1, 1, 2), lhs=(2, 1, 1))
conv("3-D groups", (2, 3, 2), (2, 2, 1), batch=1, inputs=2, outputs=4, groups=2)

# -- pooling and its gradients


def pool(name, spatial, window, strides=None, padding="VALID", batch=1, channels=2, x=None):
    d = len(spatial)
    strides = strides or (1,) * d
    x = np.round(rng.permutation(batch * math.prod(spatial) * channels) * 0.37 - 4, 3).reshape(batch, *spatial, channels) if x is None else x
    pads = [tuple(p) for p in (lax.padtype_to_pads(spatial, window, strides, padding) if isinstance(padding, str) else padding)]
    full = ((1, *window, 1), (1, *strides, 1), ((0, 0), *pads, (0, 0)))
    ones = np.ones((1, *spatial, 1))
    counts = lax.reduce_window(ones, 0.0, lax.add, *full)
    attrs = {"window": list(window), "strides": list(strides), "padding": padding if isinstance(padding, str) else [list(p) for p in padding], "pads": [list(p) for p in pads]}
    for op, fn, more in (
        ("maxPool", lambda x: lax.reduce_window(x, -jnp.inf, lax.max, *full), {}),
        ("avgPool", lambda x: lax.reduce_window(x, 0.0, lax.add, *full) / math.prod(window), {"countPadding": True}),
        ("avgPool", lambda x: lax.reduce_window(x, 0.0, lax.add, *full) / counts, {"countPadding": False}),
    ):
        if more.get("countPadding") is False and not np.any(pads):
            continue
        y, vjp = jax.vjp(fn, x)
        cotangent = draw(*y.shape)
        suffix = ", padding not counted" if more.get("countPadding") is False else ""
        case(f"{op}/{name}{suffix}", [x], np.asarray(y), {**attrs, **more}, cotangent=array(cotangent), grads=[array(np.asarray(vjp(cotangent)[0]))])


pool("1-D valid", (7,), (3,), batch=2)
pool("1-D same, stride 2", (7,), (2,), (2,), "SAME", batch=2)
pool("1-D asymmetric", (5,), (3,), (2,), ((2, 1),))
pool("2-D valid, stride 2", (4, 6), (2, 2), (2, 2))
pool("2-D overlapping", (5, 4), (3, 2), (2, 1))
pool("2-D stride leaves a remainder", (5, 5), (2, 2), (3, 3))
pool("2-D same", (3, 4), (3, 3), (1, 1), "SAME")
pool("2-D same, stride 2", (5, 4), (3, 3), (2, 2), "SAME", batch=2)
pool("2-D global", (3, 5), (3, 5))
pool("3-D same, stride 2", (3, 2, 3), (2, 2, 2), (2, 2, 2), "SAME")
# Ties: JAX gives the whole gradient to the first largest element of a window, in row-major order.
pool("2-D ties", (3, 3), (2, 2), channels=1, x=np.array([1.0, 1, 0, 1, 1, 2, 0, 2, 2]).reshape(1, 3, 3, 1))

# -- more functions of one or two arguments

subnormal, least, most = 5e-324, 2.0**-1022, np.finfo(np.float64).max
small = [-0.5, -1e-5, -1e-300, 0.0, subnormal, 1e-300, 1e-10, 0.3, 0.5]
for op, fn, points in (
    ("log2", np.log2, [0, subnormal, 1e-300, 0.125, 0.3, 1, 3, 8, 2.0**1000, most, inf, -1, nan]),
    ("log10", np.log10, [0, subnormal, 1e-300, 1e-3, 0.3, 1, 3, 1000, 1e22, most, inf, -1, nan]),
    ("exp2", np.exp2, [-inf, -1080, -1074, -1022, -0.5, 0, 0.3, 1, 10.5, 1023, 1024, inf, nan]),
    ("asin", np.arcsin, [*small, -1, -0.99999, 0.9, 1 - 2.0**-53, 1, 1.5, nan]),
    ("acos", np.arccos, [*small, -1, -0.99999, 0.9, 1 - 2.0**-53, 1, 1.5, nan]),
    ("sinh", np.sinh, [*[v for v in small if v != subnormal], -inf, -711, -710.4, -20, 1, 5, 40, 709.9, 711, inf, nan]),
    ("cosh", np.cosh, [*small, -inf, -711, -710.4, -20, 1, 5, 40, 709.9, 711, inf, nan]),
    ("asinh", np.arcsinh, [*small, -inf, -most, -20, 1, 5, 1e7, 2.0**28, 2.0**29, 1e200, most, inf, nan]),
    ("acosh", np.arccosh, [0.5, 1, 1 + 2.0**-52, 1.0001, 1.5, 5, 1e7, 2.0**28, 2.0**29, 1e200, most, inf, nan]),
    ("atanh", np.arctanh, [*small, -1, -0.99999, 0.9, 1 - 2.0**-53, 1, 1.5, nan]),
    ("cbrt", np.cbrt, [-inf, -most, -8, -1e-310, -subnormal, 0, subnormal, 1e-310, least, 0.3, 27, 1e100, most, inf, nan]),
    ("erfc", scipy.special.erfc, [-inf, -6, 0.4, 0.5, 0.6, 1, 2, 3.9, 4, 4.1, 6, 10, 20, 25, 26, inf, nan]),
    ("trunc", np.trunc, [-inf, -2.5, -0.5, -0.0, 0.3, 0.999, 1.5, 1e300, inf, nan]),
    ("isInf", np.isinf, [-inf, -most, 0, nan, inf]),
):
    case(f"{op}/range", [f(*points)], fn(f(*points)))
x = f(1, nan, inf, -inf, -0.5)
case("nanToNum", [x], np.nan_to_num(x), {})
case("nanToNum/others", [x], np.nan_to_num(x, nan=-1.0, posinf=7.0, neginf=-8.0), {"nan": -1, "posInf": 7, "negInf": -8})
a, b = f(3, -3e300, 1e-200, 0, 1, inf, -1e-310, 5), f(4, 4e300, -1e-200, 0, 1e-20, 1, 1e-310, -12)
case("hypot/range", [a, b], np.hypot(a, b))
case("hypot/rank 3", pairs["rank 3"], np.hypot(*pairs["rank 3"]))
a = f(0, 1000, -1000, 0, -40, -inf, -inf, inf, inf, 1, 1e300, nan)
b = f(0, 1000, -1001, -40, 0, -inf, 3, inf, -inf, 1.5, -1e300, 0)
case("logAddExp/range", [a, b], np.logaddexp(a, b))
case("logAddExp/rank 3", pairs["rank 3"], np.logaddexp(*pairs["rank 3"]))

# -- cumulative, order

x = np.array([[1.0, 3, 3, -2], [4, nan, 4, 0], [-1, -inf, 5, inf]])
for axis in (0, -1):
    for op, fn in (("cummax", np.maximum), ("cummin", np.minimum)):
        case(f"{op}/{axis}", [x], fn.accumulate(x, axis), {"axis": axis, "reverse": False})
        case(f"{op}/{axis} reverse", [x], np.flip(fn.accumulate(np.flip(x, axis), axis), axis), {"axis": axis, "reverse": True})
x = f(0, 1e200, 1e200, inf, 2)
case("cumprod/no overflow beside 0", [x[:3]], np.cumprod(x[:3]), {"axis": 0, "reverse": False})
case("cumprod/0 times infinity", [x], np.cumprod(x), {"axis": 0, "reverse": False})
ties = np.array([[1.0, 3, 3, 2, nan], [4, 0, 4, 0, -inf], [-1, -1, -1, -1, inf]])
for k in (0, 1, 3, 5):
    for op, part in (("topK", 0), ("topKIndices", 1)):
        case(f"{op}/{k}", [ties], np.asarray(lax.top_k(ties, k)[part]), {"count": k})
x = draw(4, 3, 5)
for axes, keep in ((None, False), (None, True), ((0,), False), ((1,), True), ((2, 0), False), ((1, 2), True)):
    attrs = {"axes": None if axes is None else list(axes), "keepDims": keep}
    case(f"median/{attrs['axes']}{' kept' if keep else ''}", [x], np.median(x, axis=axes, keepdims=keep), attrs)
    for q in (0, 0.25, 0.3, 1):
        case(f"quantile/{q}, {attrs['axes']}{' kept' if keep else ''}", [x], np.quantile(x, q, axis=axes, keepdims=keep), {**attrs, "q": q})
wild = np.array([[1, nan, 2, 3], [-inf, 1, 2, inf], [inf, inf, inf, 0], [3, 3, 3, 3], [-most, most, most, -most]])
case("median/not finite", [wild], np.asarray(jnp.median(wild, axis=1)), {"axes": [1], "keepDims": False})

# -- more ways to move elements

x = draw(3, 4)
for shift, axes in ((1, None), (-5, None), (1, 0), (-2, 1), (9, 1), ([1, -1], [0, 1]), ([1, 2], [1, 1])):
    case(f"roll/{shift} along {axes}", [x], np.roll(x, shift, axes), {"shift": shift, "axes": axes})
for times in (2, [2, 1], [1, 3], [2, 1, 3], [0, 2], []):
    case(f"tile/{times}", [x], np.tile(x, times), {"times": times})
for times, axis in ((2, None), (2, 0), (3, -1), ([0, 1, 3], 0), (0, 1)):
    case(f"repeat/{times} along {axis}", [x], np.repeat(x, times, axis), {"times": times, "axis": axis})
cube = draw(3, 4, 2)
for v, args in ((x, (0, 0, 1)), (x, (1, 0, 1)), (x, (-2, 0, 1)), (x, (4, 0, 1)), (x, (-1, 1, 0)), (cube, (0, 0, 1)), (cube, (-1, -1, 0)), (cube, (1, 2, 1))):
    offset, axis1, axis2 = args
    attrs = {"diagonal": offset, "axes": [axis1, axis2]}
    case(f"diagonal/{list(args)} of rank {v.ndim}", [v], np.diagonal(v, *args), attrs)
    case(f"trace/{list(args)} of rank {v.ndim}", [v], np.trace(v, *args), attrs)
vectors = [draw(2), draw(3), draw(4)]
for indexing in ("xy", "ij"):
    for count in (1, 2, 3):
        for i, part in enumerate(np.meshgrid(*vectors[:count], indexing=indexing)):
            case(f"meshgrid/{indexing}, {i} of {count}", vectors[:count], part, {"indexing": indexing, "index": i})
for subscripts, *shapes in (
    ("...ij,...jk->...ik", (2, 3), (3, 4)), ("...ij,...jk->...ik", (5, 2, 3), (3, 4)), ("...ij,...jk->...ik", (5, 1, 2, 3), (4, 3, 2)),
    ("...ij,...j->...i", (2, 2, 3), (3,)), ("...i->...", (2, 3)), ("i...->...i", (2, 3, 4)), ("...,...->...", (3, 1), (1, 4)), ("...ii->...i", (2, 3, 3)),
    ("...ii->...", (2, 3, 3)), ("iij,j->i", (3, 3, 2), (2,)), ("iii->i", (3, 3, 3)), ("ijij->ij", (2, 3, 2, 3)), ("ii,jj->", (2, 2), (3, 3)),
    ("b...d,bd->b...", (2, 3, 4, 5), (2, 5)), ("...a,...b,...c->...abc", (2, 2), (1, 3), (2, 2)), ("...ij,...jk->ik", (5, 2, 3), (5, 3, 4)),
):
    xs = [draw(*s) for s in shapes]
    case(f"einsum/{subscripts} of {shapes}", xs, np.asarray(jnp.einsum(subscripts, *xs)), {"subscripts": subscripts})
for subscripts, *shapes in (  # without an output
    ("ij,jk", (2, 3), (3, 4)), ("ji", (2, 3)), ("bA", (2, 3)), ("ii", (3, 3)), ("i,i", (3,), (3,)), ("iij", (3, 3, 2)), ("j,i", (2,), (3,)),
    ("k...i", (2, 3, 4)), ("...ij,...jk", (5, 1, 2, 3), (4, 3, 2)), ("i,", (3,), ()),
):
    xs = [draw(*s) for s in shapes]
    case(f"einsum/{subscripts} of {shapes}", xs, np.asarray(jnp.einsum(subscripts, *xs)), {"subscripts": subscripts})

# -- gradients where elements are equal

tied = f([1, 1, 1, 1], [0.5, 1.5, 0.5, 0], [2, 0, 2, 2], [3, 3, -1, -1])
for op, attrs, fn in (
    ("median", {"axes": [1], "keepDims": False}, lambda x: jnp.median(x, axis=1)),
    ("median", {"axes": None, "keepDims": False}, jnp.median),
    *(("quantile", {"axes": [1], "keepDims": False, "q": q}, lambda x, q=q: jnp.quantile(x, q, axis=1)) for q in (0.25, 0.4, 0.75)),
    ("quantile", {"axes": [0], "keepDims": False, "q": 0.3}, lambda x: jnp.quantile(x, 0.3, axis=0)),
    ("sort", {"axis": 1}, lambda x: jnp.sort(x, axis=1)), ("sort", {"axis": 0}, lambda x: jnp.sort(x, axis=0)),
    *((op, {"axes": [axis], "keepDims": False}, lambda x, fn=fn, axis=axis: fn(x, axis=axis)) for op, fn in (("max", jnp.max), ("min", jnp.min)) for axis in (0, 1)),
):
    y, vjp = jax.vjp(fn, jnp.asarray(tied))
    cotangent = draw(*y.shape)
    case(f"{op}/of equals, {attrs}", [tied], np.asarray(y), attrs, cotangent=array(cotangent), grads=[array(np.asarray(vjp(cotangent)[0]))])

write(__file__, {
    "meta": {
        "script": "ops.py", "versions": {"jax": jax.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
        "layout": "images are [batch, ...spatial, channels], kernels [...spatial, inputs / groups, outputs]",
        "gradients": "of sum(cotangent * output), one for each input",
    },
    "cases": cases,
})
