"""Runs programs that thalweg wrote as StableHLO: python run.py PROGRAMS RESULTS

PROGRAMS has a line of JSON for each: {"text", "inputs", "outputs", "args"}; the arguments are base64 of their buffers. RESULTS gets a line
for each: the base64 of its results, or an error.

A module that jax did not make becomes one that it can call in place of that of a stub with the same signature. Only public
names are used: jax.export, jax.extend.mlir, jax.interpreters.mlir.
"""

import base64
import dataclasses
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
from jax.extend import mlir
from jax.extend.mlir.dialects import stablehlo
from jax.interpreters.mlir import make_ir_context

jax.config.update("jax_enable_x64", True)

DTYPES = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "u32": np.uint32, "bool": np.bool_}


def load(program):
    ins = [jax.ShapeDtypeStruct(tuple(t["shape"]), DTYPES[t["dtype"]]) for t in program["inputs"]]
    outs = [(tuple(t["shape"]), DTYPES[t["dtype"]]) for t in program["outputs"]]
    stub = jax.jit(lambda *_: tuple(jnp.zeros(shape, dtype) for shape, dtype in outs), keep_unused=True)
    exported = jax.export.export(stub)(*ins)
    with make_ir_context():
        artifact = mlir.serialize_portable_artifact(program["text"], stablehlo.get_current_version())
    return dataclasses.replace(exported, mlir_module_serialized=artifact, fun_name="thalweg")


def array(leaf, data):
    return np.frombuffer(base64.b64decode(data), DTYPES[leaf["dtype"]]).reshape(leaf["shape"])


def run(program):
    args = [array(leaf, data) for leaf, data in zip(program["inputs"], program["args"])]
    results = jax.jit(load(program).call)(*args)
    for leaf, result in zip(program["outputs"], results):
        assert result.shape == tuple(leaf["shape"]) and result.dtype == DTYPES[leaf["dtype"]]
    return {"results": [base64.b64encode(np.asarray(x).tobytes()).decode() for x in results]}


def attempt(line):
    try:
        return run(json.loads(line))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:2000]}


def main(programs, results):
    # most of the time goes into compiling, outside of Python
    with open(programs) as given, open(results, "w") as out, ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(attempt, given):
            out.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
