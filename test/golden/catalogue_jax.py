"""How the optax scripts run: one case in f64 and in f32."""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)
import jax
import jax.numpy as jnp
import numpy as np
import optax

from catalogue import GRADS, LEAVES, LOSSES, NUMPY, PARAMS0

jax.config.update("jax_platforms", "cpu")
VERSIONS = {"optax": optax.__version__, "jax": jax.__version__}


def to_jax(t, dtype):
    return {k: jnp.asarray(v, NUMPY[dtype]) for k, v in t.items()}


def to_numpy(t):
    return {k: np.asarray(t[k]) for k in LEAVES}  # jax has sorted the keys


def run(opt, dtype, params0, grads, watch=None, compiled=False, **extra_args):
    """`watch(state, params)` after each step; `extra_args`: per-step lists passed to update; `compiled`: op by op would take minutes."""
    params = to_jax(params0, dtype)
    state, trace, seen = opt.init(params), [], []
    update = jax.jit(opt.update) if compiled else opt.update
    for t, g in enumerate(grads):
        updates, state = update(to_jax(g, dtype), state, params, **{k: jnp.asarray(v[t], NUMPY[dtype]) for k, v in extra_args.items()})
        params = optax.apply_updates(params, updates)
        trace.append(to_numpy(params))
        if watch:
            seen.append(watch(state, params))
    return trace, seen


def recorder(out, prefix="optax/"):
    def case(name, hyper, reference, make, equation, *, params0=PARAMS0, grads=GRADS, watch=None, watched=None, needs_loss=False, shape=None, unit_scalar=False, compiled=False, **kw):
        """`make(dtype)` gives the optimizer; `shape` reshapes all trees; `unit_scalar` hands the scalar over as an array of one."""
        if shape:
            params0, grads = shape(params0), [shape(g) for g in grads]
        inside = (lambda t: {**t, "scalar": np.reshape(t["scalar"], (1,))}) if unit_scalar else lambda t: t
        outside = (lambda t: {**t, "scalar": np.reshape(t["scalar"], ())}) if unit_scalar else lambda t: t
        for dtype in ("f64", "f32"):
            jax.config.update("jax_enable_x64", dtype == "f64")
            extra = {"losses": LOSSES} if needs_loss else {}
            trace, seen = run(make(dtype), dtype, inside(params0), [inside(g) for g in grads], watch, compiled, **({"value": LOSSES} if needs_loss else {}))
            if watched:
                extra[watched] = seen
            out.add(f"{prefix}{name}", dtype, reference, hyper, [outside(p) for p in trace], equation=equation, params0=params0, grads=grads, **extra, **kw)

    return case


def simple(case):
    """A case from the call as one would write it."""

    def add(name, call, hyper, equation, variant=None, **kw):
        make = lambda dtype: eval(f"optax.{call}", {"optax": optax, "jnp": jnp})
        case(name, hyper, call, make, equation, variant=variant, **kw)

    return add
