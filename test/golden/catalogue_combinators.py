"""Trajectories of combinators: optax's transforms and wrappers around simple optimizers."""

from catalogue_jax import VERSIONS, run  # first: it puts this folder behind the standard library
import jax
import numpy as np
import optax

import catalogue_equations as eq
from catalogue import GRADS, LEAVES, NUMPY, PARAMS0, Catalogue, apart, cast, norm, simulate

out = Catalogue(__file__, VERSIONS, {
    "extra": "scales: the factor in force after each step; losses: the loss given at each step; notFinite: non-finite gradients in a row, after each step; apart, "
    "agreesWith: as elsewhere",
})
S = {"learningRate": 0.1}
M = {**S, "momentum": 0.8}
A = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}
DTYPES = ("f64", "f32")


def sgd(**kw):
    return optax.sgd(0.1, **kw)


def momentum():
    return optax.sgd(0.1, 0.8)


def adam(lr=0.02):
    return optax.adam(lr, b1=0.8, b2=0.95, eps=1e-3)


def ours(dtype, hyper, equation=eq.sgd, grads=None, params0=None):
    return simulate(equation, hyper, cast(params0 or PARAMS0, dtype), [cast(g, dtype) for g in grads or GRADS])


def case(name, hyper, reference, make, *, grads=GRADS, params0=PARAMS0, expected=None, watch=None, watched=None, note=None, twin=None, tolerance=1e-11, **lists):
    """`expected(dtype)`: the trajectory by other means, in f64 checked to rounding."""
    for dtype in DTYPES:
        jax.config.update("jax_enable_x64", dtype == "f64")
        trace, seen = run(make(dtype), dtype, params0, grads, watch, compiled=True, **lists)
        if expected and dtype == "f64":
            off = apart(expected(), trace)
            assert off < tolerance, f"{name}: {off} apart"
        extra = {**({watched: seen} if watched else {}), **({"losses": lists["value"]} if "value" in lists else {})}
        out.add(f"combinators/{name}", dtype, reference, hyper, trace, grads=grads, params0=params0, note=note, twin=twin, **extra)


def step_by_step(rule, params0=PARAMS0, grads=GRADS):
    """`rule(t, g, p)` gives the next p, t from 1."""
    p, trace = dict(params0), []
    for t, g in enumerate(grads, 1):
        p = rule(t, g, p)
        trace.append(p)
    return trace


# -- clipping, centralizing, normalizing: before SGD with momentum

before = lambda *transforms: lambda dtype: optax.chain(*transforms, momentum())
B = "SGD(0.1, momentum=0.8)"
case("clip-by-norm", {**M, "maxNorm": 1.5}, f"chain(clip_by_global_norm(1.5), {B})", before(optax.clip_by_global_norm(1.5)), expected=lambda: ours("f64", {**M, "maxNorm": 1.5}))
case("clip-by-value", {**M, "maxValue": 0.5}, f"chain(clip(0.5), {B})", before(optax.clip(0.5)), expected=lambda: ours("f64", {**M, "maxValue": 0.5}))
rms = lambda x: np.sqrt(np.mean(x * x))
reshaped = lambda f: [{k: f(v) for k, v in g.items()} for g in GRADS]
case(
    "clip-by-leaf-rms", {**M, "maxLeafRms": 0.5}, f"chain(clip_by_block_rms(0.5), {B})", before(optax.clip_by_block_rms(0.5)),
    expected=lambda: ours("f64", M, grads=reshaped(lambda v: v / max(1, rms(v) / 0.5))), note="Each leaf by its root mean square.",
)


def adaptive(x):
    """Norms by column for a matrix, over all for the rest."""
    return np.sqrt(np.sum(x * x, axis=0 if x.ndim == 2 else None, keepdims=True)) * np.ones_like(x)


def agc(clip, eps):
    """Brock et al.: g clip max(|p|, eps)/|g| where |g| >= clip max(|p|, eps)."""
    v = {k: np.zeros_like(x) for k, x in PARAMS0.items()}

    def rule(t, g, p):
        for k in p:
            n, most = adaptive(g[k]), clip * np.maximum(adaptive(p[k]), eps)
            v[k] = 0.8 * v[k] + np.where(n < most, g[k], g[k] * (most / np.maximum(n, 1e-6)))
        return {k: p[k] - 0.1 * v[k] for k in p}

    return step_by_step(rule)


UNIT = "A unit is a column of a matrix (the norm is over axis 0), all of a vector or scalar, the last axis of rank 4."
case(
    "clip-adaptive", {**M, "clipping": 0.2, "eps": 1e-3}, f"chain(adaptive_grad_clip(0.2), {B})", before(optax.adaptive_grad_clip(0.2)), expected=lambda: agc(0.2, 1e-3),
    note=UNIT,
)
case(
    "clip-adaptive-eps", {**M, "clipping": 0.2, "eps": 0.5}, f"chain(adaptive_grad_clip(0.2, eps=0.5), {B})", before(optax.adaptive_grad_clip(0.2, 0.5)),
    expected=lambda: agc(0.2, 0.5), note=UNIT,
)
case(
    "centralize", M, f"chain(centralize(), {B})", before(optax.centralize()),
    expected=lambda: ours("f64", M, grads=reshaped(lambda v: v - v.mean(axis=1, keepdims=True) if v.ndim == 2 else v)),
    note="The mean over all axes but the first is taken off leaves of rank 2 or more: for a kernel (in, out) that is by input, not by output as in the paper (there the kernel is (out, in)).",
)
case(
    "normalize", {**M, "eps": 1e-6}, f"chain(normalize_by_update_norm(), {B})", before(optax.normalize_by_update_norm()),
    expected=lambda: ours("f64", M, grads=[{k: v / (norm(g) + 1e-6) for k, v in g.items()} for g in GRADS]),
)
case(
    "normalize-scaled", {**M, "eps": 0.5, "scale": 2}, f"chain(normalize_by_update_norm(2., eps=0.5), {B})", before(optax.normalize_by_update_norm(2.0, 0.5)),
    expected=lambda: ours("f64", M, grads=[{k: v * 2 / (norm(g) + 0.5) for k, v in g.items()} for g in GRADS]),
)
case("l2-momentum", {**M, "l2": 0.1}, f"chain(add_decayed_weights(0.1), {B})", before(optax.add_decayed_weights(0.1)), expected=lambda: ours("f64", {**M, "l2": 0.1}))
case(
    "l2-adam", {**A, "l2": 0.1}, "chain(add_decayed_weights(0.1), adam(0.02, b1=0.8, b2=0.95, eps=1e-3))", lambda dtype: optax.chain(optax.add_decayed_weights(0.1), adam()),
    expected=lambda: ours("f64", {**A, "l2": 0.1}, eq.adam),
)
case(
    "decay-momentum", {**M, "weightDecay": 0.1}, "chain(trace(0.8), add_decayed_weights(0.1), scale(-0.1))",
    lambda dtype: optax.chain(optax.trace(0.8), optax.add_decayed_weights(0.1), optax.scale(-0.1)), expected=lambda: ours("f64", {**M, "weightDecay": 0.1}),
)
MASK = {"kernel": True, "bias": False, "scalar": False}


def ours_tree(kernel, rest):
    return [{"kernel": a["kernel"], "bias": b["bias"], "scalar": b["scalar"]} for a, b in zip(kernel, rest)]


case(
    "decay-masked", {**A, "weightDecay": 0.1, "mask": MASK}, "adamw(0.02, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1, mask={kernel: True, bias: False, scalar: False})",
    lambda dtype: optax.adamw(0.02, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1, mask=MASK),
    expected=lambda: ours_tree(ours("f64", {**A, "weightDecay": 0.1}, eq.adam), ours("f64", A, eq.adam)),
)
case(
    "masked", {**M, "mask": MASK}, "chain(masked(trace(0.8), {kernel: True, bias: False, scalar: False}), scale(-0.1))",
    lambda dtype: optax.chain(optax.masked(optax.trace(0.8), MASK), optax.scale(-0.1)), expected=lambda: ours_tree(ours("f64", M), ours("f64", S)),
    note="Where the mask is false, updates pass unchanged.",
)
LABELS = {"kernel": "adam", "bias": "sgd", "scalar": "frozen"}
case(
    "partition", {"labels": LABELS, "adam": A, "sgd": M}, "partition({adam: adam(0.02, b1=0.8, b2=0.95, eps=1e-3), sgd: sgd(0.1, 0.8), frozen: set_to_zero()}, {kernel: adam, bias: sgd, scalar: frozen})",
    lambda dtype: optax.partition({"adam": adam(), "sgd": momentum(), "frozen": optax.set_to_zero()}, LABELS),
    expected=lambda: [{"kernel": a["kernel"], "bias": b["bias"], "scalar": PARAMS0["scalar"]} for a, b in zip(ours("f64", A, eq.adam), ours("f64", M))],
)
case("maximize", {**M, "maximize": True}, f"chain(scale(-1), {B})", before(optax.scale(-1.0)), expected=lambda: ours("f64", {**M, "maximize": True}))

# -- accumulation

K = 3
means = [{k: sum(GRADS[t + i][k] for i in range(K)) / K for k in LEAVES} for t in range(0, len(GRADS) - K + 1, K)]


def every_third(hyper, equation):
    stepped = ours("f64", hyper, equation, means)
    return [PARAMS0 if t < K - 1 else stepped[(t + 1) // K - 1] for t in range(len(GRADS))]


def multi_steps(inner, **kw):
    return lambda dtype: optax.MultiSteps(inner(), K, accumulator_dtype=NUMPY[dtype], **kw).gradient_transformation()


EMIT = "Between emissions nothing moves and the inner state stays. The accumulator keeps the mean so far: acc += (g - acc)/(n + 1)."
case("accumulate-momentum", {**M, "every": K}, f"MultiSteps({B}, 3)", multi_steps(momentum), expected=lambda: every_third(M, eq.sgd), note=EMIT)
case("accumulate-adam", {**A, "every": K}, "MultiSteps(adam(0.02, b1=0.8, b2=0.95, eps=1e-3), 3)", multi_steps(adam), expected=lambda: every_third(A, eq.adam), note=EMIT)

WINDOWS = [2, 3, 4]  # then 4 again: the schedule sees how many windows were before


def growing(hyper):
    """One step at the end of each window, with its mean."""
    ends = [2, 5, 9, 13]
    starts = [0, *ends[:-1]]
    stepped = ours("f64", hyper, eq.sgd, [{k: sum(GRADS[t][k] for t in range(a, b)) / (b - a) for k in LEAVES} for a, b in zip(starts, ends)])
    made = [sum(end <= t + 1 for end in ends) for t in range(len(GRADS))]
    return [PARAMS0 if n == 0 else stepped[n - 1] for n in made]


case(
    "accumulate-schedule", {**M, "windows": WINDOWS}, f"MultiSteps({B}, lambda n: jnp.array([2, 3, 4])[jnp.minimum(n, 2)])",
    lambda dtype: optax.MultiSteps(momentum(), lambda n: jax.numpy.array(WINDOWS, "int32")[jax.numpy.minimum(n, 2)], accumulator_dtype=NUMPY[dtype]).gradient_transformation(),
    expected=lambda: growing(M), note=EMIT,
)


def apply_every(hyper):
    """The inner optimizer steps every time; its displacements are emitted as a sum."""
    inner, p, kept, last = ours("f64", hyper), dict(PARAMS0), [], dict(PARAMS0)
    for t, q in enumerate(inner, 1):
        if t % K == 0:
            p = {k: p[k] + q[k] - last[k] for k in p}
            last = q
        kept.append(p)
    return kept


case(
    "apply-every", {**M, "every": K}, f"chain({B}, apply_every(3))", lambda dtype: optax.chain(momentum(), optax.apply_every(K)), expected=lambda: apply_every(M),
    note="The inner optimizer steps every time and its displacements are emitted as their sum at every third: not accumulate.",
)

# -- non-finite gradients

BAD = {2: np.nan, 3: np.inf, 6: -np.inf, 9: np.nan, 10: np.nan}
broken = [{k: v.copy() for k, v in g.items()} for g in GRADS]
for t, bad in BAD.items():
    broken[t]["bias"][t % 2] = bad


def skipping(hyper, equation):
    good = ours("f64", hyper, equation, [g for t, g in enumerate(GRADS) if t not in BAD])
    trace, p = [], PARAMS0
    for t in range(len(GRADS)):
        p = p if t in BAD else good.pop(0)
        trace.append(p)
    return trace


in_a_row = lambda state, _: int(state.notfinite_count)
SKIP = "A non-finite update is skipped, and parameters and inner state stay, unless more than max_consecutive_errors come in a row: then it is applied."
case(
    "if-finite-momentum", {**M, "tolerate": 2}, f"apply_if_finite({B}, 2)", lambda dtype: optax.apply_if_finite(momentum(), 2), grads=broken, expected=lambda: skipping(M, eq.sgd),
    watch=in_a_row, watched="notFinite", note=SKIP,
)
case(
    "if-finite-adam", {**A, "tolerate": 2}, "apply_if_finite(adam(0.02, b1=0.8, b2=0.95, eps=1e-3), 2)", lambda dtype: optax.apply_if_finite(adam(), 2), grads=broken,
    expected=lambda: skipping(A, eq.adam), watch=in_a_row, watched="notFinite", note=SKIP,
)
for dtype in DTYPES:  # NaN is not comparable: no f32 against f64
    jax.config.update("jax_enable_x64", dtype == "f64")
    worse = broken[:11] + [{**broken[11], "scalar": np.array(np.inf)}, *broken[12:]]
    trace, seen = run(optax.apply_if_finite(momentum(), 2), dtype, PARAMS0, worse, in_a_row)
    assert np.isneginf(trace[-3]["scalar"]) and np.isfinite(trace[-4]["scalar"])
    out.add(f"combinators/if-finite-exceeded-{dtype}", dtype, f"apply_if_finite({B}, 2)", {**M, "tolerate": 2}, trace, grads=worse, notFinite=seen, note=SKIP)

# -- the loss

PLATEAU = [3.0, 2.0, 2.5, 1.99999, 2.1, 2.2, 1.0, 1.5, 1.2, 1.1, 1.05, 1.3, 1.0001, 0.5]
scale_of = lambda state, _: float(state[-1].scale)


def plateau(losses, factor, patience, rtol=1e-4, atol=0.0, cooldown=0, accumulation=1, least=0.0):
    """The factor in force after each loss."""
    scale, best, count, cool, sofar, scales = 1.0, np.inf, 0, 0, [], []
    for loss in losses:
        sofar.append(loss)
        if len(sofar) == accumulation:
            mean, sofar = np.mean(sofar), []
            better = mean < (1 - rtol) * best - atol
            count = 0 if better else count + 1
            best = mean if better else best
            if cool > 0:
                count, cool = 0, cool - 1
            elif count == patience:
                scale, count, cool = max(scale * factor, least), 0, cooldown
        scales.append(scale)
    return scales


for name, kw, call in [
    ("", dict(factor=0.5, patience=2), "factor=0.5, patience=2"),
    ("-cooldown", dict(factor=0.5, patience=2, cooldown=2, rtol=0.0, atol=0.05), "factor=0.5, patience=2, cooldown=2, rtol=0., atol=0.05"),
    ("-accumulate", dict(factor=0.3, patience=1, accumulation=2, least=0.2), "factor=0.3, patience=1, accumulation_size=2, min_scale=0.2"),
]:
    options = {{"accumulation": "accumulation_size", "least": "min_scale"}.get(k, k): v for k, v in kw.items()}
    hyper = {**S, **{{"accumulation": "accumulationSize", "least": "minScale"}.get(k, k): v for k, v in {"rtol": 1e-4, "atol": 0, **kw}.items()}}
    scales = plateau(PLATEAU, **kw)
    assert min(scales) < 0.5 or len(set(scales)) > 2, scales
    case(
        f"reduce-on-plateau{name}", hyper, f"chain(sgd(0.1), contrib.reduce_on_plateau({call}))", lambda dtype: optax.chain(sgd(), optax.contrib.reduce_on_plateau(**options)),
        expected=lambda: ours("f64", {**S, "rates": [0.1 * s for s in scales]}), watch=scale_of, watched="scales", value=PLATEAU,
        note="The factor found from a loss applies to the very step it was given to. Better: loss < (1 - rtol) best - atol. Losses during the cooldown still lower the best.",
    )

case(
    "keep-non-negative", M, f"chain({B}, keep_params_nonnegative())", lambda dtype: optax.chain(momentum(), optax.keep_params_nonnegative()),
    params0={k: np.abs(v) for k, v in PARAMS0.items()}, note="The same as projecting on the non-negative numbers, for parameters that are.",
)
out.write()
