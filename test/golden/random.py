"""jax.random, default configuration: keys, bits and distributions.

`output` is what JAX computes when every multiplication and addition is rounded on its own (an x86 CPU without FMA, asked
for with an XLA flag); those bits are the same on every machine. `fused`, given only where it differs, is what JAX computes
on a CPU with FMA, its usual default: there XLA contracts a*b+c into one rounding. Normal draws far out in a tail are mpmath's.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import json
import os
import subprocess

MODES = {
    "f32": {"JAX_ENABLE_X64": "0", "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"},
    "f32 fused": {"JAX_ENABLE_X64": "0", "XLA_FLAGS": "--xla_cpu_max_isa=AVX2"},
    "f64": {"JAX_ENABLE_X64": "1", "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"},
    "f64 fused": {"JAX_ENABLE_X64": "1", "XLA_FLAGS": "--xla_cpu_max_isa=AVX2"},
}
SEEDS = [0, 1, 42, 1701, 4294967295, 2**31]
CONFIG = [
    "jax_default_prng_impl", "jax_threefry_partitionable", "jax_high_dynamic_range_gumbel", "jax_random_seed_offset",
    "jax_enable_custom_prng", "jax_numpy_dtype_promotion",
]


def digest(a):
    """Enough of a long array to compare all of it: its ends, its hash, two sums modulo 2^32 where it holds integers."""
    import hashlib

    import numpy as np

    from golden_json import flat

    a = np.asarray(a)
    n = 8 if a.dtype.kind == "f" else 10
    out = {"size": a.size, "first": flat(a[:n]), "last": flat(a[-n:]), "sha256": hashlib.sha256(a.astype(a.dtype.newbyteorder("<")).tobytes()).hexdigest()}
    if a.dtype.kind != "f":
        v = [int(x) for x in a]
        out["sum"] = sum(v) % 2**32
        out["weightedSum"] = sum(i * x for i, x in enumerate(v)) % 2**32
    return out


def child():
    import jax
    import jax.numpy as jnp
    import numpy as np

    from golden_json import DTYPES, flat

    r = jax.random
    x64 = jax.config.jax_enable_x64
    dtype = "float64" if x64 else "float32"
    cases = []

    def add(seed, name, op, value, long=False, **attrs):
        value = np.asarray(value)
        if value.dtype == np.int64:
            value = value.astype(np.int32)
        cases.append({
            "name": f"{op}/{name}/{seed}" if name else f"{op}/{seed}", "op": op, "seed": seed, "attrs": attrs,
            "dtype": DTYPES[value.dtype.name], "shape": list(value.shape), "output": digest(value) if long else flat(value),
        })

    def tail(seed, k):
        """Far out, where jax.random.truncated_normal has few values left: the quantiles of its uniform draw by mpmath."""
        from mpmath import erfc, findroot, log, mp, mpf, sqrt

        mp.dps = 60
        beyond = lambda x: erfc(x / sqrt(mpf(2)))
        for lo, hi, shape in ((5.0, 6.0, (5,)), (8.0, 9.0, (5,)), (-6.0, -4.0, (5,)), (40.0, 41.0, (3,))):
            near, far = sorted(abs(mpf(bound)) for bound in (lo, hi))
            found = []
            for u in np.asarray(r.uniform(k, shape, dtype)).ravel():
                target = beyond(near) - mpf(float(u)) * (beyond(near) - beyond(far))
                found.append(float(findroot(lambda x: log(beyond(x)) - log(target), (near, far), solver="anderson", tol=1e-45)))
            add(seed, f"{dtype},{lo},{hi}", "truncatedNormal", np.array(np.sign(lo) * np.array(found), dtype), lower=lo, upper=hi)

    for seed in SEEDS:
        k = r.key(seed)
        if x64:
            tail(seed, k)
        if not x64:
            add(seed, "", "key", r.key_data(k))
            for n in (2, 3, 7):
                add(seed, str(n), "split", r.key_data(r.split(k, n)), num=n)
            for data in (0, 1, 5, 123456):
                add(seed, str(data), "foldIn", r.key_data(r.fold_in(k, data)), data=data)
            for shape in ((), (1,), (5,), (7,), (2, 3), (3, 5, 7), (1000,)):
                add(seed, f"{list(shape)}", "bits", r.bits(k, shape, "uint32"), long=shape == (1000,))
            for n in (1, 5, 10, 37, 1000):
                add(seed, str(n), "permutation", r.permutation(k, n), long=n == 1000, n=n, rounds=rounds(n))
            for lo, hi, shape in (
                (0, 10, (7,)), (-5, 17, (2, 3)), (0, 2**31 - 1, (5,)), (-(2**31), 2**31 - 1, (5,)), (-(2**31), 5, (4,)),
                (0, 65536, (4,)), (0, 65537, (4,)), (5, 5, (3,)), (7, 3, (3,)),
            ):
                add(seed, f"{lo},{hi}", "randint", r.randint(k, shape, lo, hi, "int32"), minval=lo, maxval=hi)
            add(seed, "0.3", "bernoulli", r.bernoulli(k, 0.3, (11,)), p=0.3)
        for shape in ((), (5,), (2, 3), (7,)) if not x64 else ((5,),):
            add(seed, f"{dtype}{list(shape)}", "uniform", r.uniform(k, shape, dtype), minval=0, maxval=1)
        add(seed, f"{dtype}[5],-1.5,2.25", "uniform", r.uniform(k, (5,), dtype, -1.5, 2.25), minval=-1.5, maxval=2.25)
        for shape in ((), (5,), (2, 3), (1001,)) if not x64 else ((5,),):
            add(seed, f"{dtype}{list(shape)}", "normal", r.normal(k, shape, dtype), long=shape == (1001,))
        add(seed, f"{dtype}[5]", "gumbel", r.gumbel(k, (5,), dtype))
        add(seed, f"{dtype}[7]", "exponential", r.exponential(k, (7,), dtype))
        if not x64:
            for lo, hi, shape in ((-2.0, 2.0, (7,)), (-0.5, 1.5, (5,))):
                add(seed, f"{lo},{hi}", "truncatedNormal", r.truncated_normal(k, lo, hi, shape, dtype), lower=lo, upper=hi)
            tail(seed, k)
            f32 = lambda x: jnp.array(x, jnp.float32)
            logits = [0.1, -1.2, 2.0, 0.5]
            batch = [[0.1, -1.2, 2.0, 0.5], [3.0, 0.0, 0.0, -3.0], [1.5, 1.5, 1.5, 1.5]]
            for n, shape, replace in ((10, (7,), True), (10, (2, 3), False), (5, (5,), False)):
                add(seed, f"{n}{' replaced' if replace else ''}", "choice", r.choice(k, n, shape, replace), n=n, replace=replace)
            shares = [0.1, 0.5, 0.0, 0.25, 0.15]
            for shape, replace in (((9,), True), ((2, 2), False)):
                add(seed, f"of shares{' replaced' if replace else ''}", "choice", r.choice(k, 5, shape, replace, f32(shares)), n=5, replace=replace, probabilities=shares)
            add(seed, "one", "categorical", r.categorical(k, f32(logits), shape=(9,)), logits=logits)
            add(seed, "batch", "categorical", r.categorical(k, f32(batch)), logits=batch)
            add(seed, "batch of 5", "categorical", r.categorical(k, f32(batch), shape=(5, 3)), logits=batch)
    if not x64:
        k = r.key(42)
        for n in (1625, 1626, 70000):
            add(42, str(n), "permutation", r.permutation(k, n), long=True, n=n, rounds=rounds(n))
        for n in (5, 3):
            # a key that is itself derived: split, then fold_in, then split again
            sub = r.split(r.fold_in(r.split(k, 3)[2], n), 2)
            add(42, f"derived {n}", "foldIn", r.key_data(sub), path=[["split", 3, 2], ["foldIn", n], ["split", 2]])
        matrix = r.split(k, (2, 3))
        add(42, "[2,3]", "split", r.key_data(matrix), num=[2, 3])
    print(json.dumps({"cases": cases, "config": {c: str(getattr(jax.config, c)) for c in CONFIG}, "versions": {"jax": jax.__version__, "numpy": np.__version__}}))


def rounds(n):
    """The number of sorts in a shuffle (jax._src.random._shuffle)."""
    import numpy as np

    return int(np.ceil(3 * np.log(max(1, n)) / np.log(2**32 - 1)))


def main():
    from golden_json import write

    got = {}
    for mode, env in MODES.items():
        out = subprocess.run([sys.executable, __file__, "child"], env={**os.environ, **env, "JAX_PLATFORMS": "cpu"}, check=True, capture_output=True, text=True)
        got[mode] = json.loads(out.stdout)
    cases = []
    for mode in ("f32", "f64"):
        for case, fused in zip(got[mode]["cases"], got[f"{mode} fused"]["cases"], strict=True):
            assert case["name"] == fused["name"]
            cases.append(case if case["output"] == fused["output"] else {**case, "fused": fused["output"]})
    cases.sort(key=lambda c: SEEDS.index(c["seed"]))
    assert any("fused" in c for c in cases), "run this on a CPU with FMA"
    write(__file__, {
        "meta": {
            "script": "random.py", "versions": got["f32"]["versions"], "config": got["f32"]["config"],
            "output": "every operation rounded on its own: " + MODES["f32"]["XLA_FLAGS"],
            "fused": "where it differs, with fused multiply-add: " + MODES["f32 fused"]["XLA_FLAGS"],
            "long": "an output that is an object is a digest: sha256 of the little-endian elements; sums are modulo 2^32, the weighted one by index",
        },
        "cases": cases,
    })


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
