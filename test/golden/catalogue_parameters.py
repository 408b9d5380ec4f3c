"""Trajectories of what acts on parameters: lookahead, averages, projections, over optax's SGD and Adam."""

from catalogue_jax import VERSIONS, run, to_jax, to_numpy  # first: it puts this folder behind the standard library
import jax
import numpy as np
import optax

import catalogue_equations as eq
from catalogue import GRADS, LEAVES, NUMPY, PARAMS0, Catalogue, apart, cast

out = Catalogue(__file__, VERSIONS, {
    "extra": "slow: lookahead's slow weights after each step; average: an average of the parameters after each step; apart: as elsewhere",
})
S = {"learningRate": 0.1}
M = {**S, "momentum": 0.8}
A = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}
B = "SGD(0.1, momentum=0.8)"
DTYPES = ("f64", "f32")


def momentum():
    return optax.sgd(0.1, 0.8)


def adam():
    return optax.adam(0.02, b1=0.8, b2=0.95, eps=1e-3)


def lookahead(make, every, mix, reset=False):
    """optax hands two sets of parameters through; here the fast ones are what moves."""
    trace, slow = {}, {}
    for dtype in DTYPES:
        jax.config.update("jax_enable_x64", dtype == "f64")
        opt = optax.lookahead(make(), every, mix, reset)
        params = optax.LookaheadParams.init_synced(to_jax(PARAMS0, dtype))
        state, trace[dtype], slow[dtype] = opt.init(params), [], []
        for g in GRADS:
            updates, state = opt.update(to_jax(g, dtype), state, params)
            params = optax.apply_updates(params, updates)
            trace[dtype].append(to_numpy(params.fast))
            slow[dtype].append(to_numpy(params.slow))
    return trace, slow


for name, make, hyper, reference, reset in [
    ("lookahead-momentum", momentum, M, B, False),
    ("lookahead-momentum-reset", momentum, M, B, True),
    ("lookahead-adam", adam, A, "adam(0.02, b1=0.8, b2=0.95, eps=1e-3)", False),
    ("lookahead-adam-reset", adam, A, "adam(0.02, b1=0.8, b2=0.95, eps=1e-3)", True),
]:
    trace, slow = lookahead(make, 4, 0.3, reset)
    for dtype in DTYPES:
        out.add(
            f"combinators/{name}", dtype, f"lookahead({reference}, 4, 0.3{', reset_state=True' if reset else ''})", {**hyper, "every": 4, "mix": 0.3, **({"atSync": "reset"} if reset else {})},
            trace[dtype], slow=slow[dtype], note="params are the fast weights. At a sync the inner state is made anew." if reset else "params are the fast weights. The inner state stays at a sync.",
        )


def expected(equation, h, at_sync, dtype="f64", every=4, mix=0.3):
    """The fast weights, in numpy. pullback: the velocity is mixed as the parameters are, with that of the sync before (at first 0)."""
    p = slow = cast(PARAMS0, dtype)
    pulled, trace, slows = {k: np.zeros_like(v) for k, v in p.items()}, [], []
    state = {k: equation(h, v) for k, v in p.items()}
    count = 0
    for rule in state.values():
        next(rule)
    for t, g in enumerate([cast(g, dtype) for g in GRADS], 1):
        count += 1
        d = {k: state[k].send((count, g[k], p[k], h["learningRate"])) for k in p}
        p = {k: p[k] + d[k] for k in p}
        if t % every == 0:
            slow = p = {k: slow[k] + mix * (p[k] - slow[k]) for k in p}
            if at_sync != "keep":
                count, state = 0, {k: equation(h, v) for k, v in p.items()}
                for rule in state.values():
                    next(rule)
            if at_sync == "pullback":  # a fresh SGD whose first gradient would bring the velocity back is the velocity set
                pulled = {k: mix * -d[k] / h["learningRate"] + (1 - mix) * pulled[k] for k in p}
                for k in p:
                    state[k].send((1, pulled[k], p[k], 0))
        trace.append(p)
        slows.append(slow)
    return trace, slows


def check(name, ours):
    ours, theirs = ours[0], out.ran[f"combinators/{name}"]
    assert apart(ours, theirs) < 1e-11, f"{name}: {apart(ours, theirs)} apart"


check("lookahead-momentum", expected(eq.sgd, M, "keep"))
check("lookahead-momentum-reset", expected(eq.sgd, M, "reset"))
check("lookahead-adam", expected(eq.adam, A, "keep"))
check("lookahead-adam-reset", expected(eq.adam, A, "reset"))
for dtype in DTYPES:
    trace, slow = expected(eq.sgd, M, "pullback", dtype)
    out.add(
        "combinators/lookahead-momentum-pullback", dtype, f"numpy: {B} in lookahead(4, 0.3), the velocity pulled back at a sync", {**M, "every": 4, "mix": 0.3, "atSync": "pullback"}, trace, slow=slow,
        note="As in the authors' code: at a sync b = 0.3 b + 0.7 (b of the sync before, at first 0), with b the velocity without the rate. Not in optax.",
    )


def averaged(name, hyper, reference, watcher, **kw):
    for dtype in DTYPES:
        jax.config.update("jax_enable_x64", dtype == "f64")
        trace, seen = run(momentum(), dtype, PARAMS0, GRADS, watcher(dtype))
        out.add(f"combinators/{name}", dtype, reference, hyper, trace, average=seen, **kw)


def ema(debias):
    def watcher(dtype):
        t = optax.ema(0.9, debias=debias, accumulator_dtype=NUMPY[dtype])
        held = [t.init(to_jax(PARAMS0, dtype))]

        def look(_, params):
            mean, held[0] = t.update(params, held[0])
            return to_numpy(mean)

        return look

    return watcher


averaged("ema", {**M, "emaDecay": 0.9}, f"ema(0.9) of the parameters after each step of {B}", ema(True), note="average: debiased; the initial parameters are not counted.")
averaged(
    "ema-biased", {**M, "emaDecay": 0.9}, f"ema(0.9, debias=False) of the parameters after each step of {B}", ema(False),
    note="average: from zero, not debiased. torch/sgd-ema and keras/ema start from a copy.",
)

proj = optax.projections
all_of = lambda x: {k: x for k in LEAVES}  # optax wants trees of bounds
for name, hyper, project in [
    ("non-negative", {}, proj.projection_non_negative),
    ("box", {"lower": -0.5, "upper": 1.0}, lambda p: proj.projection_box(p, all_of(-0.5), all_of(1.0))),
    ("l2-ball", {"radius": 1.5}, lambda p: proj.projection_l2_ball(p, 1.5)),
    ("l1-ball", {"radius": 2.0}, lambda p: proj.projection_l1_ball(p, 2.0)),
    ("linf-ball", {"radius": 0.75}, lambda p: proj.projection_linf_ball(p, 0.75)),
    ("simplex", {"scale": 1.0}, lambda p: proj.projection_simplex(p, 1.0)),
]:
    for dtype in DTYPES:
        jax.config.update("jax_enable_x64", dtype == "f64")
        opt, p, trace = momentum(), to_jax(PARAMS0, dtype), []
        state = opt.init(p)
        for g in GRADS:
            updates, state = opt.update(to_jax(g, dtype), state, p)
            p = project(optax.apply_updates(p, updates))
            trace.append(to_numpy(p))
        out.add(
            f"combinators/project-{name}", dtype, f"{B}, then projection_{name.replace('-', '_')} of the whole tree", {**M, **hyper}, trace,
            note="The velocity does not know of the projection.",
        )
out.write()
