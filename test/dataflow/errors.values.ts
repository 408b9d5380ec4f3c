import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { untyped, type Row } from "./errors.row.js"
import { bool, f32, f64, i32, u32 } from "./values.js"

const z = t.zeros

export const indices: readonly Row[] = [
  [() => t.take(z([0, 3]), [0]), "IndexError", "take", "no indices, since axis 0 is empty", "0 at place 0"],
  [() => t.at(z([0, 3]), 0), "IndexError", "at", "no index, since axis 0 is empty", "0"],
  [() => t.take(z([3]), [5]), "IndexError", "take", "from 0 to 2 along axis 0", "5 at place 0"],
  [
    () =>
      t.take(
        z([2, 3]),
        i32([
          [0, 1],
          [2, -1]
        ]),
        1
      ),
    "IndexError",
    "take",
    "from 0 to 2 along axis 1",
    "-1 at place 3"
  ],
  [() => t.take(z([3]), u32([2 ** 32 - 1])), "IndexError", "take", "from 0 to 2", "4294967295 at place 0"],
  [
    () => t.takeAlongAxis(z([3, 1]), i32([[3]]), 0),
    "IndexError",
    "takeAlongAxis",
    "from 0 to 2 along axis 0",
    "3 at place 0"
  ],
  [
    () => t.scatterAdd(z([3]), i32([0, 3]), z([2])),
    "IndexError",
    "scatterAdd",
    "from 0 to 2 along axis 0",
    "3 at place 1"
  ],
  [() => t.at(z([3]), 3), "IndexError", "at", "an index from -3 to 2 along axis 0", "3"],
  [() => t.at(z([3]), -4), "IndexError", "at", "an index from -3 to 2 along axis 0", "-4"],
  [() => t.at(z([3]), 0.5), "IndexError", "at", "an index from -3 to 2 along axis 0", "0.5"],
  [() => t.at(z([3]), i32(3)), "IndexError", "take", "from 0 to 2 along axis 0", "3 at place 0"],
  [() => t.slice(z([3]), { start: [4] }), "IndexError", "slice", "an index within 3 along axis 0", "4"],
  [() => t.slice(z([2, 3]), { stop: [1, -4] }), "IndexError", "slice", "an index within 3 along axis 1", "-4"],
  [() => t.slice(z([3]), { start: [0.5] }), "IndexError", "slice", "an index within 3", "0.5"],
  [() => t.slice(z([3]), { step: [0] }), "IndexError", "slice", "positive integer steps", "[0]"],
  [() => t.sliceAxis(z([3]), 0, 0, 4), "IndexError", "slice", "an index within 3 along axis 0", "4"]
]

const cyclic: unknown[] = []
cyclic.push(cyclic)

export const data: readonly Row[] = [
  [() => t.topK(z([3]), 4), "DataError", "topK", "a count from 0 to 3, the size of axis 0", "4"],
  [() => t.topK(z([3]), -1), "DataError", "topK", "a count from 0 to 3", "-1"],
  [() => t.topK(z([3]), 1.5), "DataError", "topK", "a count that is an integer", "1.5"],
  [() => t.matrixPower(z([2, 2]), 0.5), "DataError", "matrixPower", "a power that is an integer", "0.5"],
  [
    () => t.matrixPower(z([2, 2]), 2 ** 53),
    "DataError",
    "matrixPower",
    "a power that is an integer of at most 9007199254740991 in absolute value",
    "9007199254740992"
  ],
  [() => t.cholesky(untyped([[1]])), "DataError", "cholesky", "a tensor", "an array of 1"],
  [() => t.pinv(z([2, 2]), { rcond: -1 }), "HyperparameterError", "pinv", "rcond to be a number from 0 on", "-1"],
  [() => t.lstsq(z([2, 2]), z([2]), { rcond: NaN }), "HyperparameterError", "lstsq", "rcond to be", "NaN"],
  [() => t.expm(z([2, 2]), { maxSquarings: 0.5 }), "HyperparameterError", "expm", "maxSquarings to be a whole", "0.5"],
  [() => t.roll(z([3]), 0.5, 0), "DataError", "roll", "a shift that is an integer", "0.5"],
  [() => t.roll(z([3, 3]), [1], [0, 1]), "DataError", "roll", "a shift for each of 2 axes", "[1]"],
  [() => t.tile(z([3]), -1), "DataError", "tile", "that is not negative", "-1"],
  [() => t.repeat(z([3]), [1, 1, -1], 0), "DataError", "repeat", "that is not negative", "-1"],
  [() => t.diagonal(z([3, 3]), 0.5), "DataError", "diagonal", "a diagonal that is an integer", "0.5"],
  [() => t.quantile(z([3]), 1.5), "HyperparameterError", "quantile", "a probability from 0 to 1", "1.5"],
  [() => t.quantile(z([3]), NaN), "HyperparameterError", "quantile", "a probability from 0 to 1", "NaN"],
  [
    () => t.meshgrid([z([3])], { indexing: untyped("xz") }),
    "HyperparameterError",
    "meshgrid",
    'indexing "xy" or "ij"',
    '"xz"'
  ],
  [() => t.tensor([[1, 2], [3]]), "DataError", "tensor", "an array of length 2", "an array of 1", "[1]"],
  [() => t.tensor([[1], untyped(2)]), "DataError", "tensor", "an array of length 1", "2", "[1]"],
  [() => t.tensor([[1], [untyped([2])]]), "DataError", "tensor", "a number or boolean", "an array of 1", "[1][0]"],
  [() => t.tensor([[1], [untyped("2")]]), "DataError", "tensor", "a number or boolean", '"2"', "[1][0]"],
  [() => t.tensor(untyped([1, null])), "DataError", "tensor", "a number or boolean", "null", "[1]"],
  [() => t.tensor(untyped([undefined])), "DataError", "tensor", "a number or boolean", "undefined", "[0]"],
  [() => t.tensor(new Array<number>(2)), "DataError", "tensor", "a number or boolean", "undefined", "[0]"],
  [() => t.tensor(untyped([{}])), "DataError", "tensor", "a number or boolean", "a record with keys (none)", "[0]"],
  [
    () => t.tensor(untyped([Object.create(null)])),
    "DataError",
    "tensor",
    "a number or boolean",
    "a record with keys (none)",
    "[0]"
  ],
  [() => t.tensor(untyped([Symbol("s")])), "DataError", "tensor", "a number or boolean", "Symbol(s)", "[0]"],
  [() => t.tensor(untyped([5n])), "DataError", "tensor", "a number or boolean", "5n", "[0]"],
  [() => t.tensor(untyped([f32([1])])), "DataError", "tensor", "a number or boolean", "a tensor f32[1]", "[0]"],
  [() => t.tensor(untyped(null)), "DataError", "tensor", "a number or boolean", "null"],
  [() => t.tensor(untyped("12")), "DataError", "tensor", "a number or boolean", '"12"'],
  [() => t.tensor(untyped(cyclic)), "DataError", "tensor", "at most 64 levels", "a deeper (perhaps cyclic) array"],
  [() => t.tensor(new BigInt64Array(1)), "DataError", "tensor", "a typed array of numbers", "BigInt64Array"],
  [
    () => t.tensor(new BigInt64Array(1), { dtype: "i32" }),
    "DataError",
    "tensor",
    "a typed array of numbers",
    "BigInt64Array"
  ],
  [() => t.tensor(new Int16Array(1)), "DataError", "tensor", "with a dtype", "Int16Array"],
  [() => t.tensor(new DataView(new ArrayBuffer(4))), "DataError", "tensor", "a typed array of numbers", "DataView"],
  [() => t.tensor([1, 2, 3], { shape: [2] }), "ShapeError", "tensor", "2 values for shape [2]", "3 values"],
  [
    () => t.tensor(new Float32Array(3), { shape: [2, 2] }),
    "ShapeError",
    "tensor",
    "4 values for shape [2, 2]",
    "3 values"
  ],
  [() => t.tensor([1], { shape: [-1] }), "ShapeError", "tensor", "non-negative integers", "[-1]"],
  [() => t.scalar(untyped("1")), "DataError", "scalar", "a number or boolean", '"1"'],
  [() => t.add(z([1]), untyped("1")), "DataError", "add", "a tensor, a number or a boolean", '"1"'],
  [() => t.add(z([1]), untyped(undefined)), "DataError", "add", "a tensor, a number or a boolean", "undefined"],
  [() => t.exp(untyped([1])), "DataError", "exp", "a tensor, a number or a boolean", "an array of 1"],
  [() => t.full([1], untyped(null)), "DataError", "full", "a number or boolean", "null"]
]

export const dtypes: readonly Row[] = [
  [() => t.clamp(i32([1]), 0, Infinity), "DTypeError", "clamp", "a value that i32 can hold", "Infinity"],
  ...Object.entries({
    ...{ acos: t.acos, acosh: t.acosh, asin: t.asin, asinh: t.asinh, atanh: t.atanh, cbrt: t.cbrt, cosh: t.cosh },
    ...{ erfc: t.erfc, exp2: t.exp2, log10: t.log10, log2: t.log2, logSigmoid: t.logSigmoid, sinh: t.sinh },
    ...{ softplus: t.softplus, trunc: t.trunc, median: t.median }
  }).map(([name, f]): Row => [() => f(i32([1])), "DTypeError", name, "f32 or f64", "i32"]),
  ...Object.entries({
    ...{ cholesky: t.cholesky, determinant: t.determinant, eigh: t.eigh, expm: t.expm, inverse: t.inverse, lu: t.lu },
    ...{ logDeterminant: t.logDeterminant, pinv: t.pinv, qr: t.qr, svd: t.svd }
  }).map(([name, f]): Row => [() => f(z([2, 2], "i32")), "DTypeError", name, "f32 or f64", "i32"]),
  [() => t.matrixPower(z([2, 2], "i32"), 2), "DTypeError", "matrixPower", "f32 or f64", "i32"],
  [() => t.solve(z([2, 2]), z([2], "f64")), "DTypeError", "solve", "arguments of one dtype", "f32 and f64"],
  [() => t.kron(z([2, 2]), z([2, 2], "f64")), "DTypeError", "kron", "arguments of one dtype", "f32 and f64"],
  [() => t.hypot(i32([1]), 1), "DTypeError", "hypot", "f32 or f64", "i32"],
  [() => t.logAddExp(1, u32([1])), "DTypeError", "logAddExp", "f32 or f64", "u32"],
  [() => t.cumMax(bool([true])), "DTypeError", "cumMax", "numbers", "bool"],
  [() => i32([1.5]), "DTypeError", "tensor", "a value that i32 can hold", "1.5"],
  [() => i32([2 ** 31]), "DTypeError", "tensor", "a value that i32 can hold", "2147483648"],
  [() => i32([NaN]), "DTypeError", "tensor", "a value that i32 can hold", "NaN"],
  [() => u32([-1]), "DTypeError", "tensor", "a value that u32 can hold", "-1"],
  [() => u32([2 ** 32]), "DTypeError", "tensor", "a value that u32 can hold", "4294967296"],
  [() => bool([2]), "DTypeError", "tensor", "a value that bool can hold", "2"],
  [() => t.tensor([true, 2]), "DTypeError", "tensor", "a value that bool can hold", "2"],
  [() => t.tensor(new Uint8Array([7])), "DTypeError", "tensor", "a value that bool can hold", "7"],
  [() => t.scalar(0.5, "u32"), "DTypeError", "scalar", "a value that u32 can hold", "0.5"],
  [() => t.full([2], 0.5, "i32"), "DTypeError", "full", "a value that i32 can hold", "0.5"],
  [() => t.add(i32([1]), 0.5), "DTypeError", "add", "a value that i32 can hold", "0.5"],
  [() => t.sub(-1, u32([1])), "DTypeError", "sub", "a value that u32 can hold", "-1"],
  [() => t.maximum(bool([true]), 2), "DTypeError", "maximum", "a value that bool can hold", "2"],
  [() => t.pad(i32([1]), [[1, 0]], { value: Infinity }), "DTypeError", "pad", "a value that i32 can hold", "Infinity"],
  [() => t.arange(2, { step: 0.5, dtype: "i32" }), "DTypeError", "arange", "a value that i32 can hold", "0.5"],
  [() => t.linspace(0, 1, 3, "u32"), "DTypeError", "linspace", "a value that u32 can hold", "0.5"],
  [() => t.add(f32([1]), f64([1])), "DTypeError", "add", "one dtype", "f32 and f64"],
  [() => t.minimum(f32([1]), i32([1])), "DTypeError", "minimum", "one dtype", "f32 and i32"],
  [() => t.eq(i32([1]), u32([1])), "DTypeError", "eq", "one dtype", "i32 and u32"],
  [() => t.matmul(z([1, 1]), z([1, 1], "f64")), "DTypeError", "matmul", "one dtype", "f32 and f64"],
  [() => t.matmul(bool([true]), bool([true])), "DTypeError", "matmul", "a numeric dtype", "bool"],
  [() => t.einsum("i,i->", f32([1]), f64([1])), "DTypeError", "einsum", "one dtype", "f32 and f64"],
  [() => t.conv(z([1, 2, 1]), z([1, 1, 1], "f64")), "DTypeError", "conv", "one dtype", "f32 and f64"],
  [() => t.concat([f32([1]), i32([1])]), "DTypeError", "concat", "one dtype", "f32 and i32"],
  [() => t.where(f32([1]), 1, 2), "DTypeError", "where", "a bool condition", "f32"],
  [() => t.where(bool([true]), f32([1]), f64([1])), "DTypeError", "where", "one dtype", "f32 and f64"],
  [() => t.add(bool([true]), bool([true])), "DTypeError", "add", "a numeric dtype", "bool"],
  [() => t.sum(bool([true])), "DTypeError", "sum", "a numeric dtype", "bool"],
  [() => t.and(f32([1]), f32([1])), "DTypeError", "and", "bool, i32 or u32", "f32"],
  [() => t.not(f32([1])), "DTypeError", "not", "bool, i32 or u32", "f32"],
  [() => t.shiftLeft(f32([1]), 1), "DTypeError", "shiftLeft", "i32 or u32", "f32"],
  [() => t.neg(u32([1])), "DTypeError", "neg", "a signed numeric dtype", "u32"],
  [() => t.exp(i32([1])), "DTypeError", "exp", "f32 or f64", "i32"],
  [() => t.mean(i32([1])), "DTypeError", "mean", "f32 or f64", "i32"],
  [() => t.take(z([2]), f32([5])), "DTypeError", "take", "i32 or u32", "f32"],
  [() => t.all(f32([1])), "DTypeError", "all", "bool", "f32"],
  [() => t.iota([2], 0, "bool"), "DTypeError", "iota", "a numeric dtype", "bool"],
  [() => z([1], untyped("f16")), "DTypeError", "zeros", "one of f32, f64, i32, u32, bool", '"f16"'],
  [() => t.tensor([1], { dtype: untyped("toString") }), "DTypeError", "tensor", "one of f32, f64", '"toString"'],
  [() => t.cast(f32([1]), untyped("int32")), "DTypeError", "cast", "one of f32, f64", '"int32"']
]

export const trees: readonly Row[] = [
  [
    () => t.Tree.zipWith(t.add)({ w: [z([1])] }, untyped({ w: [z([1]), z([1])] })),
    "TreeError",
    "zipWith",
    "an array of 1",
    "an array of 2",
    "w"
  ],
  [
    () => t.Tree.zipWith(t.add)({ w: z([1]) }, untyped({ v: z([1]) })),
    "TreeError",
    "zipWith",
    "keys w",
    "keys v",
    "(root)"
  ],
  [
    () => t.Tree.zipWith(t.add)({ w: { b: z([2]) } }, { w: { b: z([3]) } }),
    "ShapeError",
    "add",
    "broadcast together",
    "[2] and [3]",
    "w/b"
  ],
  [() => t.Tree.map(t.exp)({ layers: [{ step: i32(0) }] }), "DTypeError", "exp", "f32 or f64", "i32", "layers/0/step"]
]

export const readings: readonly Row[] = [
  [() => t.compile((x: Tensor) => t.scalar(t.item(x)))(z([])), "UnboundInputError", "item", "a value", '"argument0"'],
  [
    () => t.compile((x: Tensor) => t.tensor(t.toTyped(x)))(z([])),
    "UnboundInputError",
    "toTyped",
    "a value",
    '"argument0"'
  ],
  [
    () => t.scan((c: Tensor, x: Tensor) => [t.add(c, t.item(x)), c], z([]), z([3])),
    "UnboundInputError",
    "item",
    "a value",
    '"x0"'
  ]
]
