"""Folds steps that thalweg wrote as StableHLO over batches, under jax: on one device or many, as one process or as one of many.

Standard input carries frames: a letter, the length of what follows as 8 bytes (little-endian), and that.
  P  a program as JSON: "text", "mesh", "state", "batch", "metrics" (a path, dtype, shape and, but for metrics, placement for each)
  U  the number of a program, from 0 as they came: it is the one to use, as the last that came is without this
  S  the state before the first step, a safetensors file whose names are paths
  B  a batch, the same: one step is made
  G  a path: the state is written there, as a safetensors file; in a run one of two names
  E  nothing: the fold ends, and its state is not needed any more
  V  a version, with which a run begins; whoever sent it has looked at it
  A  nothing: asks whether the process is there
Standard output carries a line of JSON for each: "ready", then "compiled", "step" (with the metrics by their paths), "state", "here", of a run "resumed" and "ended", and where it
fails "misfit" or "failed". Of several processes all get the same frames and hold their own part of the arrays; the first one speaks for all.

A module that jax did not make becomes one that it can call in place of that of a stub with the same signature. Only public names are
used (jax.export, jax.extend.mlir, jax.interpreters.mlir), those of jax 0.7.2 and later.
"""

import argparse
import dataclasses
import hashlib
import json
import math
import os

import re
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
import uuid

NEEDED = (0, 7, 2)
HEARTBEAT = 10
STATE, CHECKPOINT = "state.safetensors", "checkpoint.safetensors"
COLLECTIVES = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--devices", type=int, help="so many virtual devices of this process, on a CPU")
    parser.add_argument("--cache", help="a folder that keeps compiled programs")
    parser.add_argument("--coordinator", help="host:port of the first process")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--process", type=int, default=0)
    parser.add_argument("--run", help="the digest of what is run, which has to be the same for every process")
    return parser.parse_args()


# What others print is no line of ours: it goes where errors go.
events = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def say(event, **more):
    events.write(json.dumps({"event": event, **more}) + "\n")


class Misfit(Exception):
    """What whoever started this can mend: what was expected, and what came."""


def check_cache(folder):
    """jax would do without a cache that it cannot write, and say nothing."""
    try:
        os.makedirs(folder, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise Misfit("a cache that can be written", str(error))


def load_jax(args):
    if args.cache:
        check_cache(args.cache)
    if args.devices:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count={args.devices}"
    try:
        import jax
    except Exception as error:
        raise Misfit('jax, by pip install "jax>=0.7.2"', str(error))
    if getattr(jax, "__version_info__", (0,))[:3] < NEEDED:
        raise Misfit('jax 0.7.2 or later, by pip install "jax>=0.7.2"', getattr(jax, "__version__", "another"))
    jax.config.update("jax_enable_x64", True)  # hyperparameters are scalars of f64
    if args.cache:
        jax.config.update("jax_compilation_cache_dir", args.cache)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    if args.processes > 1:
        if args.run:
            print(f"process {args.process} waits for {args.processes} at {args.coordinator}", file=sys.stderr, flush=True)
        check_coordinator(args)
        # a process that is gone is missed after so many seconds at most
        jax.distributed.initialize(
            args.coordinator, args.processes, args.process, heartbeat_timeout_seconds=HEARTBEAT
        )
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which jax would only note
        check_alike(jax, args)
    return jax


def address(coordinator):
    host, port = coordinator.rsplit(":", 1)
    return host.strip("[]"), int(port)


def listening(port):
    both = socket.has_dualstack_ipv6()
    return socket.create_server(("", port), family=socket.AF_INET6 if both else socket.AF_INET, dualstack_ipv6=both)


def check_coordinator(args):
    """jax would wait for a host that has no address, and end by a signal where its port is not free."""
    try:
        socket.getaddrinfo(*address(args.coordinator))
        if args.process == 0:
            listening(address(args.coordinator)[1]).close()
    except OSError as error:
        raise Misfit("a coordinator that is known, and whose port is free on the host of process 0", f"{args.coordinator}: {error}")


def gathered(data):
    """What each process has, of as many bytes."""
    import numpy as np
    from jax.experimental import multihost_utils

    return [bytes(one) for one in multihost_utils.process_allgather(np.frombuffer(data, np.uint8))]


def check_alike(jax, args):
    """Every process has as many devices and the same run, and knows how many there are."""
    counts = [sum(d.process_index == i for d in jax.devices()) for i in range(jax.process_count())]
    if len(set(counts)) > 1:
        raise Misfit("as many devices for every process", ", ".join(f"{n} for process {i}" for i, n in enumerate(counts)))
    said = gathered(struct.pack("<Q", args.processes) + bytes.fromhex(args.run or ""))
    for i, other in enumerate(said):
        if other[:8] != said[0][:8]:
            numbers = (struct.unpack_from("<Q", one)[0] for one in (said[0], other))
            raise Misfit("the same --processes for every process", "{} for process 0, {} for process {}".format(*numbers, i))
        if other != said[0]:
            raise Misfit("the same folder for every process", f"another one for process {i}")


class Peers:
    """The other processes of a run: a connection to each stands for as long as both are there, which tells at once who is not."""

    def __init__(self, args):
        self.server, self.process, self.links, self.is_over = listening(0), args.process, [], False
        where = address(args.coordinator)
        own = json.dumps([where[0] if args.process == 0 else self.host_towards(where), self.server.getsockname()[1]])
        self.addresses = [tuple(json.loads(one)) for one in gathered(own.encode().ljust(512))]
        self.greeting = struct.Struct("<Q32s")
        threading.Thread(target=self.answer, args=(bytes.fromhex(args.run),), daemon=True).start()
        for other in range(args.process):
            try:
                link = socket.create_connection(self.addresses[other], timeout=5)
                link.settimeout(None)
                link.sendall(self.greeting.pack(args.process, bytes.fromhex(args.run)))
            except OSError:
                continue  # one that cannot be reached is missed by jax alone
            self.links.append(link)
            threading.Thread(target=self.watch, args=(link, other), daemon=True).start()

    @staticmethod
    def host_towards(where):
        family, _, _, _, other = socket.getaddrinfo(*where, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as towards:
            towards.connect(other)  # nothing is sent
            return towards.getsockname()[0]

    def answer(self, run):
        while True:
            link, _ = self.server.accept()
            threading.Thread(target=self.greet, args=(link, run), daemon=True).start()

    def greet(self, link, run):
        try:
            greeting = link.recv(self.greeting.size, socket.MSG_WAITALL)
        except OSError:
            return
        if len(greeting) == self.greeting.size and self.greeting.unpack(greeting)[1] == run:
            self.links.append(link)
            self.watch(link, self.greeting.unpack(greeting)[0])

    def watch(self, link, other):
        try:
            is_there = link.recv(1) != b""
        except OSError:
            is_there = False
        if not is_there and not self.is_over:
            say("failed", error=f"process {other} of {len(self.addresses)} ({self.addresses[other][0]}) is not there any more")
            os._exit(1)

    def end(self):
        """From here on nobody is missed."""
        self.is_over = True
        for link in self.links:
            try:
                link.sendall(b".")
            except OSError:
                pass


def watch_parent():
    """Ends with whoever started this, also in the middle of a step."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def dtypes():
    import numpy as np

    return {"f32": np.float32, "f64": np.float64, "i32": np.int32, "u32": np.uint32, "bool": np.bool_}


def parts(data):
    """The header of a safetensors file, and what follows."""
    (length,) = struct.unpack_from("<Q", data)
    return json.loads(bytes(data[8 : 8 + length])), data[8 + length :]


def decode(data):
    import numpy as np

    header, body = parts(data)
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(body[slice(*t["data_offsets"])], dtypes()[t["dtype"].lower()]).reshape(t["shape"])
        for name, t in header.items()
    }


def encode(arrays, run, step):
    import numpy as np

    names = {np.dtype(dtype): name.upper() for name, dtype in dtypes().items()}
    body = b"".join(np.ascontiguousarray(x).tobytes() for x in arrays.values())
    own = {"user": json.dumps({"run": run, "sha256": digest_of(run, step, body)})} if run else {}
    header, at = {"__metadata__": {"thalweg.version": "1", "step": str(step), **own}}, 0
    for name, x in arrays.items():
        header[name] = {"dtype": names[x.dtype], "shape": x.shape, "data_offsets": [at, at + x.nbytes]}
        at += x.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, body])


def replace(path, data):
    """Whoever looks finds the old file or the new one, whole."""
    temporary = os.path.join(os.path.dirname(path), f".{uuid.uuid4()}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def digest_of(run, step, data):
    """What a file of a run has to hold."""
    digest = hashlib.sha256(f"{run} {step} ".encode())
    digest.update(data)
    return digest.hexdigest()


def left_by(run, name):
    """How many steps a file of this run has behind it, and the file; 0 where there is none. One of another run is not written over."""
    if not os.path.exists(name):
        return 0, b""
    with open(name, "rb") as file:
        data = file.read()
    try:
        header, body = parts(data)
        own = json.loads(header["__metadata__"]["user"])
        step, owner, digest = header["__metadata__"]["step"], own["run"], own["sha256"]
    except (ValueError, KeyError, TypeError, struct.error):
        raise Misfit(f"{name} to be one of this run, and whole (move it away)", "one of another, or damaged")
    if owner != run:
        raise Misfit(f"no {name} of another run in the folder (move it away)", "one")
    if digest != digest_of(run, step, body):
        raise Misfit(f"{name} to be whole (move it away)", "a damaged one")
    return int(step), data


def resumed(args):
    """Where a run goes on, as the first process knows: whether it is over, how many steps were made, and the state after them."""
    made, _ = left_by(args.run, STATE)
    return (True, made, b"") if made > 0 else (False, *left_by(args.run, CHECKPOINT))


def shared(is_over, made, data):
    """What the first process has, given to all."""
    import numpy as np
    from jax.experimental import multihost_utils

    everywhere = lambda x: np.asarray(multihost_utils.broadcast_one_to_all(x))
    is_over, made, length = (int(n) for n in everywhere(np.array([is_over, made, len(data)], np.int64)))
    own = np.frombuffer(data, np.uint8) if data else np.zeros(length, np.uint8)
    return is_over > 0, made, memoryview(everywhere(own).tobytes()) if length > 0 else b""


def exported_of(jax, program):
    """A module as what jax can call."""
    import jax.export
    import jax.numpy as jnp
    from jax.extend.mlir import serialize_portable_artifact
    from jax.extend.mlir.dialects import stablehlo
    from jax.interpreters.mlir import make_ir_context

    types = dtypes()
    ins = [jax.ShapeDtypeStruct(tuple(t["shape"]), types[t["dtype"]]) for t in program["state"] + program["batch"]]
    outs = [(tuple(t["shape"]), types[t["dtype"]]) for t in program["state"] + program["metrics"]]
    stub = jax.jit(lambda *_: tuple(jnp.zeros(shape, dtype) for shape, dtype in outs), keep_unused=True)
    exported = jax.export.export(stub)(*ins)
    with make_ir_context():
        artifact = serialize_portable_artifact(program["text"], stablehlo.get_current_version())
    return dataclasses.replace(exported, mlir_module_serialized=artifact, fun_name="thalweg")


def numbers(x):
    """A number, or the elements of an array; what JSON has no number for is text."""
    texts = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    values = [texts.get(str(value), value) for value in x.ravel().tolist()]
    return values[0] if x.ndim == 0 else values


class Program:
    """A compiled program, and the placement of what it takes."""

    def __init__(self, jax, program):
        import numpy as np
        from jax.sharding import Mesh, NamedSharding, PartitionSpec

        sizes = list(program["mesh"].values())
        count = math.prod(sizes)
        devices = jax.devices()
        if count > len(devices) or (jax.process_count() > 1 and count < len(devices)):
            raise Misfit(f"a mesh of {len(devices)} devices{'' if jax.process_count() > 1 else ' at most'}, as there are (on a CPU, the option devices makes more)", f"one of {count}")
        mesh = Mesh(np.array(devices[:count]).reshape(sizes), list(program["mesh"]))
        axes = lambda leaf: (tuple(axis) if isinstance(axis, list) else axis for axis in leaf["placement"])
        placed = lambda leaves: [NamedSharding(mesh, PartitionSpec(*axes(leaf))) for leaf in leaves]
        self.leaves, self.metrics = (program["state"], program["batch"]), program["metrics"]
        self.shardings = placed(program["state"]), placed(program["batch"])
        everywhere = NamedSharding(mesh, PartitionSpec())
        exported = exported_of(jax, program)
        n = len(program["state"])

        def step(state, batch):
            results = exported.call(*state, *batch)
            return list(results[:n]), list(results[n:])

        shaped = [
            [jax.ShapeDtypeStruct(tuple(t["shape"]), dtypes()[t["dtype"]], sharding=s) for t, s in zip(leaves, shardings)]
            for leaves, shardings in zip(self.leaves, self.shardings)
        ]
        start = time.perf_counter()
        jitted = jax.jit(
            step, in_shardings=self.shardings, out_shardings=(self.shardings[0], everywhere), donate_argnums=0
        )
        self.compiled = jitted.lower(*shaped).compile()
        text = self.compiled.as_text()
        counts = {name: len(re.findall(rf" {name}(?:-start)?\(", text)) for name in COLLECTIVES}
        say(
            "compiled",
            seconds=time.perf_counter() - start,
            devices=count,
            collectives={name: n for name, n in counts.items() if n > 0},
        )



class Fold:
    """Where the fold stands: the programs so far, the one in use, and the state."""

    def __init__(self, jax, run, made, state):
        self.jax, self.run, self.made, self.resumed = jax, run, made, state
        self.programs, self.used, self.state, self.count = [], None, None, 0

    def add(self, program):
        self.used = Program(self.jax, program)
        self.programs.append(self.used)

    def use(self, number):
        self.used = self.programs[number]

    def put(self, which, data):
        """Arrays of a file, of which each device gets its part."""
        values = decode(data)
        return [
            self.jax.make_array_from_callback(x.shape, sharding, lambda index, x=x: x[index])
            for x, sharding in zip((values[t["path"]] for t in self.used.leaves[which]), self.used.shardings[which])
        ]

    def begin(self, data):
        self.end()
        self.state = self.put(0, self.resumed if self.made > 0 else data)

    def end(self):
        self.state, self.count = None, 0

    def step(self, data):
        import numpy as np

        self.count += 1
        if self.count <= self.made:
            return
        self.state, metrics = self.used.compiled(self.state, self.put(1, data))
        told = {t["path"]: numbers(np.asarray(x)) for t, x in zip(self.used.metrics, metrics)}
        say("step", step=self.count, metrics=told)

    def give(self, path):
        import numpy as np
        from jax.experimental import multihost_utils

        if self.run and path not in (STATE, CHECKPOINT):
            raise ValueError(f"a run that writes to {path}")
        if path == CHECKPOINT and self.count <= self.made:
            return
        many = self.jax.process_count() > 1
        whole = [np.asarray(multihost_utils.process_allgather(x, tiled=True) if many else x) for x in self.state]
        if self.jax.process_index() == 0:
            arrays = {t["path"]: x for t, x in zip(self.used.leaves[0], whole)}
            replace(path, encode(arrays, self.run, self.count))
        say("state")


def frames(stream):
    while len(kind := stream.read(1)) == 1:
        head = stream.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        data = stream.read(length)
        if len(head) < 8 or len(data) < length:
            raise EOFError("what is to be run ends in the middle")
        yield kind, memoryview(data)


def main(args):
    watch_parent()
    jax = load_jax(args)
    args.peers = Peers(args) if args.run and args.processes > 1 else None
    say("ready", devices=len(jax.devices()), platform=jax.devices()[0].platform, jax=jax.__version__)
    is_over, made, state = resumed(args) if args.run and args.process == 0 else (False, 0, b"")
    if args.run and args.processes > 1:
        is_over, made, state = shared(is_over, made, state)
    if made > 0:
        say("resumed", step=made)
    if not is_over:
        run(args, Fold(jax, args.run, made, state))
    if args.peers:
        args.peers.end()
    if args.run:
        say("ended")
    if args.processes > 1:
        jax.distributed.shutdown()


def run(args, fold):
    for kind, data in frames(sys.stdin.buffer):
        if kind == b"P":
            fold.add(json.loads(bytes(data)))
        elif kind == b"U":
            fold.use(int(bytes(data)))
        elif kind == b"S":
            fold.begin(data)
        elif kind == b"B":
            fold.step(data)
        elif kind == b"G":
            fold.give(bytes(data).decode())
        elif kind == b"E":
            fold.end()
            if args.run:
                return
        elif kind == b"A":
            say("here")
        elif kind != b"V":
            raise ValueError(f"a frame of the kind {kind}")
    if args.run:
        raise EOFError("what is to be run has no end")


if __name__ == "__main__":
    args = parse()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this decides, and takes it along
    # at the end jax would wait for the other processes, which may be the ones that died
    try:
        main(args)
    except Misfit as misfit:
        try:
            say("misfit", expected=misfit.args[0], received=misfit.args[1])
        finally:
            os._exit(1)
    except BaseException as error:
        if getattr(args, "peers", None):
            time.sleep(1)  # where another process is gone, that is told before what comes of it
        try:
            say("failed", error=f"{type(error).__name__}: {error}"[:4000])
        finally:
            os._exit(1)
    os._exit(0)
