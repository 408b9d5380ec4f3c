"""Files of Python's safetensors, files as thalweg writes them, and files that are wrong.

`theirs`: files that safetensors wrote, and what is in them. `ours`: files written here by the description of what `encodeTree`
writes, which safetensors reads back. `wrong`: files that are not as they should be, and whether safetensors refuses them.
Files and elements are base64; elements are little-endian, of the dtype that thalweg gives them.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its safetensors.py must not hide the package
sys.dont_write_bytecode = True

import base64
import json
import struct

import crc32c
import numpy as np
import safetensors
from safetensors import SafetensorError, TensorSpec, deserialize, serialize
from safetensors.numpy import load, save

from golden_json import DTYPES, write


def text(data):
    return base64.b64encode(data).decode()


def bits(dtype, *words):
    return np.array(words, np.uint64 if dtype == "float64" else np.uint32).view(dtype)


def contents(arrays):
    return {name: {"dtype": DTYPES[a.dtype.name], "shape": list(a.shape), "data": text(a.tobytes())} for name, a in arrays.items()}


EVERY = {
    "params/kernel": np.array([[1, -2, 3.5], [np.inf, -np.inf, 1e-45]], np.float32),
    "params/bias": bits("float32", 0x80000000, 0x7FC00000, 0x7FA00001, 0xFFC12345),  # -0; NaN: plain, signalling, with a payload
    "state/0": bits("float64", 0x8000000000000000, 0x7FF0000000000001, 0xFFF8000000000007, 1),
    "state/1": np.array(5e-324),
    "count": np.array(-(2**31), np.int32),
    "key": np.array([0, 2**32 - 1], np.uint32),
    "mask": np.array([True, False, True]),
    "nothing": np.zeros((0, 3), np.float32),
    "é/😀": np.array([1], np.float32),
}


def theirs():
    halves = [s << 15 | e << 10 | f for s in (0, 1) for e in range(32) for f in (0, 1, 2, 3, 511, 512, 513, 1022, 1023) if e < 31 or f == 0 or f >= 512]
    f16 = np.array(halves, np.uint16)
    bf16 = np.array([0, 0x8000, 1, 0x3F80, 0xC049, 0x7F80, 0xFF80, 0x7FC0, 0xFFC1, 0x7F7F], np.uint16)
    spec = lambda dtype, shape, a: TensorSpec(dtype=dtype, shape=shape, data_ptr=a.ctypes.data, data_len=a.nbytes)
    raw = {"f16": spec("float16", list(f16.shape), f16), "bf16": spec("bfloat16", [2, 5], bf16)}
    widened = {"f16": f16.view(np.float16).astype(np.float32), "bf16": (bf16.astype(np.uint32) << 16).view(np.float32).reshape(2, 5)}
    wide = lambda dtype, *edges: np.array([0, 1, *edges], dtype)
    edges = {"i": (-1, -(2**31), 2**31 - 1), "u": (2**32 - 1,)}
    narrow = {"i8": wide(np.int8, -128, 127), "u8": wide(np.uint8, 255), "i16": wide(np.int16, -(2**15)), "u16": wide(np.uint16, 2**16 - 1)}
    integers = {"i64": wide(np.int64, *edges["i"]), "counter": np.array(7, np.int64), "u64": wide(np.uint64, *edges["u"]), **narrow}
    as_ours = {name: a.astype(np.uint32 if a.dtype.kind == "u" else np.int32) for name, a in integers.items()}
    return [
        {"name": "every dtype", "file": text(save(EVERY, {"format": "np"})), "tensors": contents(EVERY), "metadata": {"format": "np"}},
        {"name": "nothing", "file": text(save({})), "tensors": {}, "metadata": None},
        {"name": "halves", "file": text(bytes(serialize(raw, None))), "tensors": contents(widened), "metadata": None},
        {"name": "integers", "file": text(save(integers)), "tensors": contents(as_ours), "metadata": None},
    ]


def plain(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def canonical(header):
    return json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def our_file(arrays, metadata):
    """The file of thalweg: wide elements first, otherwise in the order of paths."""
    header, data = {}, b""
    for name in sorted(sorted(arrays), key=lambda n: -arrays[n].itemsize):
        a = arrays[name]
        dtype = DTYPES[a.dtype.name].upper()
        header[name] = {"dtype": dtype, "shape": list(a.shape), "data_offsets": [len(data), len(data) + a.nbytes]}
        data += a.tobytes()
    header["__metadata__"] = {**{key: plain(value) for key, value in metadata.items()}, "thalweg.version": "1"}
    header["__metadata__"]["thalweg.crc32c"] = f"{crc32c.crc32c(canonical(header) + data):08x}"
    head = canonical(header)
    head += b" " * (-len(head) % 8)
    return struct.pack("<Q", len(head)) + head + data


def ours():
    metadata = {
        "step": 12,
        "optimizer": {"optimizer": "adam", "learningRate": 0.001},
        "history": [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": "NaN"}],
        "user": {"note": "é \"quoted\"\n\u007f😀", "nested": [1, None, True, {}]},
    }
    cases = []
    for name, arrays, said in (("every dtype", EVERY, metadata), ("one tensor", {"": np.array([1.5], np.float32)}, {}), ("nothing", {}, {"step": 0})):
        file = our_file(arrays, said)
        read = load(file)
        assert read.keys() == arrays.keys()
        assert all(read[n].dtype == a.dtype and read[n].shape == a.shape and read[n].tobytes() == a.tobytes() for n, a in arrays.items())
        cases.append({"name": name, "file": text(file), "tensors": contents(arrays), "metadata": said})
    return cases


def assembled(header, data=b"", length=None):
    head = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(head) if length is None else length) + head + data


def wrong():
    def one(dtype='"F32"', shape="[1]", offsets="[0,4]", more=""):
        return f'"a":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}{more}}}'

    def two(first, second, data=b"\0" * 8):
        return assembled("{" + one(offsets=first) + "," + one(offsets=second).replace('"a"', '"b"') + "}", data)

    four = b"\0" * 4
    files = {
        "no bytes": b"",
        "seven bytes": b"\0" * 7,
        "no header": assembled(""),
        "a header longer than the file": assembled("{" + one() + "}", four, 1000),
        "a header longer than anything": assembled("{" + one() + "}", four, 2**64 - 1),
        "a header that is cut off": assembled("{" + one() + "}", four, 20),
        "no UTF-8": assembled(b'{"\xff":' + one().encode()[4:] + b"}", four),
        "no JSON": assembled("{a}"),
        "an array": assembled("[]"),
        "space first": assembled(" {" + one() + "}", four),
        "a mark of byte order first": assembled("\ufeff{" + one() + "}", four),
        "two values": assembled("{" + one() + "}{}", four),
        "a name twice": assembled("{" + one() + "," + one() + "}", four),
        "a field twice": assembled("{" + one(more=',"shape":[1]') + "}", four),
        "metadata twice": assembled('{"__metadata__":{},"__metadata__":{},' + one() + "}", four),
        "metadata that are no strings": assembled('{"__metadata__":{"step":1},' + one() + "}", four),
        "metadata that are a list": assembled('{"__metadata__":["step"],' + one() + "}", four),
        "an entry that is a number": assembled('{"a":1}'),
        "an entry without a shape": assembled('{"a":{"dtype":"F32","data_offsets":[0,4]}}', four),
        "an unknown dtype": assembled("{" + one(dtype='"F31"') + "}", four),
        "a dtype of lower case": assembled("{" + one(dtype='"f32"') + "}", four),
        "a dtype in a list": assembled("{" + one(dtype='["F32"]') + "}", four),
        "a negative size": assembled("{" + one(shape="[-1]") + "}", four),
        "a size with a fraction": assembled("{" + one(shape="[0.5,2]") + "}", four),
        "a size in exponents": assembled("{" + one(shape="[1e0]") + "}", four),
        "sizes that overflow 64 bits": assembled("{" + one(shape="[4294967296,4294967296,0]", offsets="[0,0]") + "}"),
        "sizes that overflow to what is there": assembled("{" + one(shape="[4294967296,4294967297]", offsets="[0,4]") + "}", four),
        "a size beyond 64 bits": assembled("{" + one(shape="[18446744073709551616]") + "}", four),
        "more elements than bytes": assembled("{" + one(shape="[2]") + "}", four),
        "fewer elements than bytes": assembled("{" + one(shape="[1]", offsets="[0,8]") + "}", four * 2),
        "ends before it begins": assembled("{" + one(offsets="[4,0]") + "}", four),
        "three offsets": assembled("{" + one(offsets="[0,4,4]") + "}", four),
        "offsets beyond the data": assembled("{" + one(offsets="[4,8]") + "}", four),
        "data that are cut off": assembled("{" + one() + "}", four[:3]),
        "data to spare": assembled("{" + one() + "}", four + b"\0"),
        "a gap before": assembled("{" + one(offsets="[4,8]") + "}", four * 2),
        "a gap between": two("[0,4]", "[8,12]", four * 3),
        "one over the other": two("[0,4]", "[0,4]", four),
        "one half over the other": two("[0,4]", "[2,6]", four * 2),
    }
    cases = []
    for name, file in files.items():
        try:
            deserialize(file)
            refused = False
        except SafetensorError:
            refused = True
        cases.append({"name": name, "file": text(file), "refused": refused})
    return cases


def main():
    write(__file__, {
        "meta": {"script": "safetensors.py", "versions": {"safetensors": safetensors.__version__, "numpy": np.__version__}},
        "theirs": theirs(),
        "ours": ours(),
        "wrong": wrong(),
    })


if __name__ == "__main__":
    main()
