"""Stateless transforms as pairs of input and output: clips, normalizations, orthogonalization, projections.

{ name, dtype, reference, hyper, input, params?, output }: `input` and `output` are trees of gradients, or of parameters for projections.
"""

from catalogue_jax import VERSIONS  # first: it puts this folder behind the standard library
import os
import tempfile

os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"] = "jax", tempfile.mkdtemp()
import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import torch
from keras.src.optimizers.base_optimizer import clip_by_global_norm
from optax import contrib

from catalogue import GRADS, LEAVES, NUMPY, PARAMS0, norm, tree, write_wide
from catalogue_more import newton_schulz

rng = np.random.default_rng(5)
cases = []
DTYPES = ("f64", "f32")


def case(name, reference, hyper, given, make, expected=None, params=None, note=None):
    """`make(dtype)` maps the tree; `expected` is the same in numpy (f64), or None."""
    for dtype in DTYPES:
        jax.config.update("jax_enable_x64", dtype == "f64")
        cast = lambda t: {k: np.asarray(v, NUMPY[dtype]) for k, v in t.items()}
        x, p = cast(given), cast(params) if params else None
        y = make(x, p) if params else make(x)
        y = {k: np.asarray(y[k]) for k in given}
        assert all(v.dtype == NUMPY[dtype] and v.shape == x[k].shape for k, v in y.items()), name
        if expected:
            ours = expected(x, p) if params else expected(x)
            for k in y:
                np.testing.assert_allclose(y[k], ours[k], rtol=1e-12 if dtype == "f64" else 2e-5, atol=1e-13 if dtype == "f64" else 2e-6, err_msg=name)
        cases.append({
            "name": f"{name}/{dtype}", "dtype": dtype, "reference": reference, "hyper": hyper, **({"note": note} if note else {}),
            "input": tree(x), **({"params": tree(p)} if params else {}), "output": tree(y),
        })


def transform(t):
    """An optax transform without state as a function of trees."""

    def apply(x, p=None):
        g = {k: jnp.asarray(v) for k, v in x.items()}
        p = None if p is None else {k: jnp.asarray(v) for k, v in p.items()}
        return t.update(g, t.init(g), p)[0]

    return apply


def torch_clip(limit, **kw):
    def apply(x):
        leaves = {k: torch.zeros(v.shape, dtype=torch.from_numpy(np.asarray(v)).dtype, requires_grad=True) for k, v in x.items()}
        for k, leaf in leaves.items():
            leaf.grad = torch.tensor(x[k])
        torch.nn.utils.clip_grad_norm_(leaves.values(), limit, foreach=False, **kw)
        return {k: leaf.grad.numpy() for k, leaf in leaves.items()}

    return apply


def keras_clip(limit):
    return lambda x: dict(zip(x, clip_by_global_norm([jnp.asarray(v) for v in x.values()], limit)))


G, SMALL = GRADS[5], {k: v / 8 for k, v in GRADS[5].items()}
ZERO = {k: np.zeros(s) for k, s in LEAVES.items()}
THREE_FOUR = {"kernel": np.array([[3.0, 0, 0], [0, 0, 0]]), "bias": np.array([0, 4.0, 0]), "scalar": np.array(0.0)}
scaled = lambda x, by: {k: v * by for k, v in x.items()}
exact = lambda limit: lambda x: scaled(x, limit / norm(x)) if norm(x) > limit else x

# -- global norm, three ways

NAN = "optax: inf/inf at the infinite element, 0 elsewhere."
with_value = lambda v: {**G, "bias": np.array([1.0, v, -2.0])}
for label, given in [("above", G), ("below", SMALL), ("zero", ZERO), ("at", THREE_FOUR)]:
    case(f"clip-by-norm-{label}/optax", "clip_by_global_norm(5.)" if label == "at" else "clip_by_global_norm(1.5)", {"maxNorm": 5 if label == "at" else 1.5}, given,
         transform(optax.clip_by_global_norm(5.0 if label == "at" else 1.5)), exact(5 if label == "at" else 1.5))
for label, given in [("above", G), ("below", SMALL), ("zero", ZERO)]:
    case(f"clip-by-norm-{label}/torch", "clip_grad_norm_(1.5)", {"maxNorm": 1.5, "clipEps": 1e-6}, given, torch_clip(1.5), lambda x: scaled(x, min(1, 1.5 / (norm(x) + 1e-6))))
    if label != "zero":
        case(f"clip-by-norm-{label}/keras", "global_clipnorm=1.5", {"maxNorm": 1.5}, given, keras_clip(1.5), exact(1.5))
case("clip-by-norm-zero/keras", "global_clipnorm=1.5", {"maxNorm": 1.5}, ZERO, keras_clip(1.5), exact(1.5), note="1/|g| is infinite, the minimum is not.")
for label, given in [("infinite", with_value(np.inf)), ("nan", with_value(np.nan))]:
    case(
        f"clip-by-norm-{label}/optax", "clip_by_global_norm(1.5)", {"maxNorm": 1.5}, given, transform(optax.clip_by_global_norm(1.5)),
        note="g/inf N: 0 where g is finite, NaN where it is not; a NaN norm makes all NaN.",
    )
    case(
        f"clip-by-norm-{label}/torch", "clip_grad_norm_(1.5)", {"maxNorm": 1.5, "clipEps": 1e-6}, given, torch_clip(1.5),
        note="g (N/(inf + eps)): 0 where g is finite, NaN where it is not; a NaN norm makes all NaN.",
    )
    case(f"clip-by-norm-{label}/keras", "global_clipnorm=1.5", {"maxNorm": 1.5}, given, keras_clip(1.5), note="Everything becomes NaN.")

# -- by leaf, by value, adaptive

rms = lambda x: np.sqrt(np.mean(x * x))
each = lambda f: lambda x: {k: f(v) for k, v in x.items()}
case("clip-by-value", "clip(0.5)", {"maxValue": 0.5}, G, transform(optax.clip(0.5)), each(lambda v: np.clip(v, -0.5, 0.5)))
case("clip-by-value-nan", "clip(0.5)", {"maxValue": 0.5}, with_value(np.nan), transform(optax.clip(0.5)), note="NaN stays.")
case("clip-by-leaf-rms", "clip_by_block_rms(0.5)", {"maxLeafRms": 0.5}, G, transform(optax.clip_by_block_rms(0.5)), each(lambda v: v / max(1, rms(v) / 0.5)))
leaf_norm = lambda n: each(lambda v: v * n / max(np.sqrt(np.sum(v * v)), n))
KERAS = keras.optimizers.SGD(0.1, clipnorm=0.75)
case("clip-by-leaf-norm/keras", "clipnorm=0.75", {"maxLeafNorm": 0.75}, G, lambda x: {k: KERAS._clip_by_norm(jnp.asarray(v)) for k, v in x.items()}, leaf_norm(0.75))
case("clip-by-leaf-norm-zero/keras", "clipnorm=0.75", {"maxLeafNorm": 0.75}, ZERO, lambda x: {k: KERAS._clip_by_norm(jnp.asarray(v)) for k, v in x.items()}, leaf_norm(0.75))

RANKS = {f"rank{n}": np.round(rng.normal(size=(2, 3, 2, 2)[:n]) * 64) / 64 for n in range(5)}
WEIGHTS = {f"rank{n}": np.round(rng.normal(size=(2, 3, 2, 2)[:n]) * 64) / 64 for n in range(5)}
AXES = {0: None, 1: None, 2: 0, 3: 0, 4: (0, 1, 2)}
unit = lambda v: np.sqrt(np.sum(v * v, axis=AXES[v.ndim], keepdims=True)) * np.ones_like(v)


def agc(clip, eps):
    def apply(x, p):
        most = {k: clip * np.maximum(unit(p[k]), eps) for k in x}
        return {k: np.where(unit(x[k]) < most[k], x[k], x[k] * (most[k] / np.maximum(unit(x[k]), 1e-6))) for k in x}

    return apply


UNITS = "Norms over: all of rank 0 and 1, axis 0 of rank 2 and 3, axes 0 to 2 of rank 4."
case("clip-adaptive", "adaptive_grad_clip(0.5)", {"clipping": 0.5, "eps": 1e-3}, RANKS, transform(optax.adaptive_grad_clip(0.5)), agc(0.5, 1e-3), params=WEIGHTS, note=UNITS)
case(
    "clip-adaptive-zero-params", "adaptive_grad_clip(0.5, eps=0.1)", {"clipping": 0.5, "eps": 0.1}, G, transform(optax.adaptive_grad_clip(0.5, 0.1)), agc(0.5, 0.1),
    params=ZERO, note=UNITS,
)
case("clip-adaptive-zero", "adaptive_grad_clip(0.5)", {"clipping": 0.5, "eps": 1e-3}, ZERO, transform(optax.adaptive_grad_clip(0.5)), agc(0.5, 1e-3), params=PARAMS0, note=UNITS)

# -- centralize, normalize, sign, trust ratio

centred = each(lambda v: v - v.mean(axis=tuple(range(1, v.ndim)), keepdims=True) if v.ndim > 1 else v)
case("centralize", "centralize()", {}, RANKS, transform(optax.centralize()), centred, note="The mean over all axes but the first; rank 0 and 1 stay.")
case(
    "normalize", "normalize_by_update_norm(2., eps=0.5)", {"scale": 2, "eps": 0.5}, G, transform(optax.normalize_by_update_norm(2.0, 0.5)),
    lambda x: scaled(x, 2 / (norm(x) + 0.5)),
)
case("normalize-zero", "normalize_by_update_norm()", {"scale": 1, "eps": 1e-6}, ZERO, transform(optax.normalize_by_update_norm()), lambda x: x)
case("sign", "scale_by_sign()", {}, G, transform(optax.scale_by_sign()), each(np.sign))


def trusted(coefficient, eps, least=0.0):
    def apply(x, p):
        above, below = ({k: max(np.sqrt(np.sum(v * v)), least) for k, v in t.items()} for t in (p, x))
        return {k: v * (coefficient * above[k] / (below[k] + eps) if above[k] and below[k] else 1) for k, v in x.items()}

    return apply


ONE = "1 where either norm is 0."
for label, given, params in [("", G, PARAMS0), ("-zero", {**G, "bias": np.zeros(3)}, {**PARAMS0, "scalar": np.array(0.0)})]:
    case(
        f"trust-ratio{label}", "scale_by_trust_ratio(trust_coefficient=0.5, eps=1e-3)", {"trustCoefficient": 0.5, "eps": 1e-3}, given,
        transform(optax.scale_by_trust_ratio(0.0, 0.5, 1e-3)), trusted(0.5, 1e-3), params=params, note=ONE,
    )

# -- Newton-Schulz

MATRICES = {
    "wide": rng.normal(size=(2, 3)), "tall": rng.normal(size=(5, 3)), "square": rng.normal(size=(4, 4)), "tiny": 1e-9 * rng.normal(size=(2, 3)),
    "zero": np.zeros((2, 2)), "rankOne": np.outer([1.0, 2], [3.0, -1, 0.5]),
}
C = (3.4445, -4.775, 2.0315)
for kind in ("frobenius", "spectral", "aol", "schatten"):
    case(
        f"orthogonalize-{kind}/optax", f"orthogonalize_via_newton_schulz(x, {C}, 5, '{kind}', 1e-8)", {"nsSteps": 5, "nsCoefficients": list(C), "eps": 1e-8, "preconditioning": kind}, MATRICES,
        each(lambda v: contrib._muon.orthogonalize_via_newton_schulz(jnp.asarray(v), jnp.asarray(C), 5, kind, 1e-8)), each(lambda v: newton_schulz(v, 5, list(C), 1e-8, preconditioning=kind)),
        note="x is transposed if it has more rows than columns.",
    )
bfloat16, torch.Tensor.bfloat16 = torch.Tensor.bfloat16, torch.Tensor.clone
case(
    "orthogonalize/torch", f"Muon's Newton-Schulz, {C}, 5 steps, eps=1e-7, bfloat16() patched to clone()", {"nsSteps": 5, "nsCoefficients": list(C), "eps": 1e-7}, MATRICES,
    each(lambda v: torch.optim._muon._zeropower_via_newtonschulz(torch.tensor(v), C, 5, 1e-7).numpy()), each(lambda v: newton_schulz(v, 5, list(C), 1e-7, clamp=True)),
    note="The norm is at least eps, not eps more; PyTorch itself computes in bfloat16.",
)
torch.Tensor.bfloat16 = bfloat16

# -- projections


def simplex(v, scale):
    """By bisection: the shift that makes the positive parts add up to scale."""
    low, high = v.min() - scale, v.max()
    for _ in range(200):
        mid = (low + high) / 2
        low, high = (mid, high) if np.maximum(v - mid, 0).sum() > scale else (low, mid)
    return np.maximum(v - high, 0)


def whole(f):
    def apply(x):
        flat = np.concatenate([np.ravel(np.asarray(v, np.float64)) for v in x.values()])
        ends = np.cumsum([v.size for v in x.values()])
        return {k: part.reshape(v.shape) for (k, v), part in zip(x.items(), np.split(f(flat), ends[:-1]))}

    return apply


length = lambda v, n=2: np.linalg.norm(v, n)
INSIDE = {k: v / 16 for k, v in PARAMS0.items()}
BOUNDS = [{"kernel": np.full((2, 3), b), "bias": np.full(3, b / 2), "scalar": np.array(b)} for b in (-1.0, 2.0)]
P = optax.projections
as_jax = lambda t: {k: jnp.asarray(v) for k, v in t.items()}
for label, given in [("outside", PARAMS0), ("inside", INSIDE)]:
    project = lambda name, reference, hyper, f, g, note=None: case(f"project-{name}-{label}", f"projection_{reference}", hyper, given, lambda x: f(as_jax(x)), g, note=note)
    project("non-negative", "non_negative", {}, P.projection_non_negative, each(lambda v: np.maximum(v, 0)))
    like = lambda t, x: {k: jnp.asarray(t[k], x[k].dtype) for k in x}
    project(
        "box", "box, bounds by leaf", {"lower": {"kernel": -1, "bias": -0.5, "scalar": -1}, "upper": {"kernel": 2, "bias": 1, "scalar": 2}},
        lambda x: P.projection_box(x, like(BOUNDS[0], x), like(BOUNDS[1], x)), lambda x: {k: np.clip(v, BOUNDS[0][k], BOUNDS[1][k]) for k, v in x.items()},
    )
    project("simplex", "simplex(1.)", {"scale": 1}, lambda x: P.projection_simplex(x, 1.0), whole(lambda v: simplex(v, 1)), "The whole tree as one vector.")
    project("simplex-scaled", "simplex(2.5)", {"scale": 2.5}, lambda x: P.projection_simplex(x, 2.5), whole(lambda v: simplex(v, 2.5)))
    project("l1-ball", "l1_ball(2.)", {"radius": 2}, lambda x: P.projection_l1_ball(x, 2.0), whole(lambda v: v if length(v, 1) <= 2 else np.sign(v) * simplex(np.abs(v), 2)))
    project("l1-sphere", "l1_sphere(2.)", {"radius": 2}, lambda x: P.projection_l1_sphere(x, 2.0), whole(lambda v: np.sign(v) * simplex(np.abs(v), 2)))
    project("l2-ball", "l2_ball(1.5)", {"radius": 1.5}, lambda x: P.projection_l2_ball(x, 1.5), whole(lambda v: v * min(1, 1.5 / length(v))))
    project("l2-sphere", "l2_sphere(1.5)", {"radius": 1.5}, lambda x: P.projection_l2_sphere(x, 1.5), whole(lambda v: v * 1.5 / length(v)))
    project("linf-ball", "linf_ball(0.75)", {"radius": 0.75}, lambda x: P.projection_linf_ball(x, 0.75), each(lambda v: np.clip(v, -0.75, 0.75)))
for label, v in [("vertex", [1.0, 0, 0]), ("edge", [0.25, 0.75, 0]), ("far", [-5.0, 9, 2]), ("ties", [0.5, 0.5, 0.5]), ("one", [-3.0]), ("negative", [-1.0, -1, -4])]:
    case(f"project-simplex-{label}", "projection_simplex(1.)", {"scale": 1}, {"x": np.array(v)}, lambda x: P.projection_simplex(as_jax(x), 1.0), whole(lambda v: simplex(v, 1)))

write_wide(__file__, {
    "meta": {"script": "catalogue_transforms.py", "versions": {**VERSIONS, "torch": torch.__version__.split("+")[0], "keras": keras.__version__}},
    "cases": cases,
})
