import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { ThalwegError, type ErrorTag, type Mistake, type Tensor } from "thalweg"
import { bool, f32, f64, i32, u32 } from "./values.js"

/** A mistake: the call, and what its error must say. */
type Row = readonly [
  call: () => unknown,
  name: ErrorTag,
  operation: string,
  expected: string,
  received: string,
  path?: string
]

const z = t.zeros

/** What only a program without types can pass. */
const untyped = <A>(value: unknown): A => value as A

const shapes: readonly Row[] = [
  [() => t.add(z([2]), z([3])), "ShapeError", "add", "broadcast together", "[2] and [3]"],
  [() => t.maximum(z([2, 3]), z([2])), "ShapeError", "maximum", "broadcast together", "[2, 3] and [2]"],
  [() => t.lt(z([2]), z([3])), "ShapeError", "lt", "broadcast together", "[2] and [3]"],
  [() => t.where(z([2], "bool"), z([3]), 0), "ShapeError", "where", "broadcast together", "[2] and [3]"],
  [() => t.matmul(z([2, 3]), z([2, 3])), "ShapeError", "matmul", "inner sizes to agree", "[2, 3] and [2, 3]"],
  [() => t.matmul(z([]), z([2])), "ShapeError", "matmul", "vectors or matrices", "[] and [2]"],
  [() => t.matmul(z([2, 3, 3]), z([3, 3, 3])), "ShapeError", "matmul", "broadcast together", "[2] and [3]"],
  [() => t.matmul(z([3]), z([2, 2])), "ShapeError", "matmul", "inner sizes to agree", "[1, 3] and [2, 2]"],
  [() => t.reshape(z([2, 3]), [4]), "ShapeError", "reshape", "a shape of 6 elements", "[2, 3] → [4]"],
  [() => t.reshape(z([2, 3]), [4, -1]), "ShapeError", "reshape", "a shape of 6 elements", "[4, -1]"],
  [() => t.reshape(z([2, 3]), [-1, -1]), "ShapeError", "reshape", "at most one -1", "[-1, -1]"],
  [() => t.reshape(z([0]), [0, -1]), "ShapeError", "reshape", "a shape of 0 elements", "[0, -1]"],
  [() => t.broadcastTo(z([2]), [3]), "ShapeError", "broadcastTo", "broadcasts to [3]", "[2]"],
  [() => t.broadcastTo(z([3]), [1]), "ShapeError", "broadcastTo", "broadcasts to [1]", "[3]"],
  [() => t.squeeze(z([2, 1]), 0), "ShapeError", "squeeze", "axes of size 1", "axes [0] of [2, 1]"],
  [() => t.concat([z([2, 3]), z([2, 4])]), "ShapeError", "concat", "sizes off axis 0 to agree", "[2, 3] and [2, 4]"],
  [() => t.concat([z([2, 3]), z([2])], 1), "ShapeError", "concat", "sizes off axis 1 to agree", "[2, 3] and [2]"],
  [() => t.concat([]), "ShapeError", "concat", "at least one tensor", "none"],
  [() => t.stack([z([2]), z([3])]), "ShapeError", "stack", "tensors of one shape", "[2] and [3]"],
  [() => t.stack([]), "ShapeError", "stack", "at least one tensor", "none"],
  [() => t.split(z([3]), [1, 1]), "ShapeError", "split", "add up to 3", "[1, 1]"],
  [() => t.split(z([3]), [4, -1]), "ShapeError", "split", "add up to 3", "[4, -1]"],
  [() => t.pad(z([3]), [[-2, -2]]), "ShapeError", "pad", "to crop no more than there is", "[3] → [-1]"],
  [() => t.pad(z([3]), [[0.5, 0]]), "ShapeError", "pad", "pairs of integers", "[[[0.5,0]],[0]]"],
  [() => t.pad(z([3]), untyped([[1]])), "ShapeError", "pad", "pairs of integers", "[[[1]],[0]]"],
  [() => t.pad(z([3]), [[0, 0]], { interior: [-1] }), "ShapeError", "pad", "no negative interior", "[-1]"],
  [() => t.pad(z([3]), [[1, 0]], { value: f32([1]) }), "ShapeError", "pad", "a scalar value", "[1]"],
  [() => t.tril(z([3])), "ShapeError", "tril", "a matrix", "[3]"],
  [() => t.triu(z([3])), "ShapeError", "triu", "a matrix", "[3]"],
  [() => t.scatterAdd(z([3]), i32([1]), z([2])), "ShapeError", "scatterAdd", "updates of shape [1]", "[2]"],
  [
    () => t.takeAlongAxis(z([3, 2]), z([1, 1], "i32"), 0),
    "ShapeError",
    "takeAlongAxis",
    "sizes off axis 0 to agree",
    "[3, 2] and [1, 1]"
  ],
  [
    () => t.takeAlongAxis(z([3, 2]), z([1], "i32"), 0),
    "ShapeError",
    "takeAlongAxis",
    "sizes off axis 0 to agree",
    "[3, 2] and [1]"
  ],
  [() => t.einsum("ij,jk->ik", z([2, 3]), z([4, 2])), "ShapeError", "einsum", 'one size for "j"', "3 and 4"],
  [() => t.einsum("ij->i", z([2])), "ShapeError", "einsum", 'rank 2 for "ij"', "[2]"],
  [() => t.einsum("ij,jk->ik", z([2, 3])), "ShapeError", "einsum", "1 inputs", '"ij,jk->ik"'],
  [() => t.einsum("ii->i", z([2, 2])), "ShapeError", "einsum", "distinct labels", '"ii->i"'],
  [() => t.einsum("ij->ii", z([2, 2])), "ShapeError", "einsum", "distinct labels", '"ij->ii"'],
  [() => t.einsum("i->j", z([2])), "ShapeError", "einsum", "an equation such as", '"i->j"'],
  [() => t.einsum("i", z([2])), "ShapeError", "einsum", "an equation such as", '"i"'],
  [() => t.einsum("i->i->i", z([2])), "ShapeError", "einsum", "an equation such as", '"i->i->i"'],
  [() => t.einsum("i1->i", z([2, 2])), "ShapeError", "einsum", "an equation such as", '"i1->i"'],
  [() => t.conv(z([1, 5, 3]), z([2, 2, 4])), "ShapeError", "conv", "channels", "input [1, 5, 3], kernel [2, 2, 4]"],
  [
    () => t.conv(z([1, 5, 3]), z([2, 3, 4]), { groups: 2 }),
    "ShapeError",
    "conv",
    "divide into 2 groups",
    "kernel [2, 3, 4]"
  ],
  [() => t.conv(z([1, 5, 3]), z([2, 2, 3, 4])), "ShapeError", "conv", "[n, …spatial, channels]", "kernel [2, 2, 3, 4]"],
  [() => t.conv(z([1, 3]), z([3, 4])), "ShapeError", "conv", "[n, …spatial, channels]", "input [1, 3]"],
  [() => t.conv(z([1, 5, 3]), z([0, 3, 4])), "ShapeError", "conv", "a positive integer kernel size", "[0]"],
  [() => t.conv(z([1, 5, 3]), z([2, 3, 4]), { strides: 0 }), "ShapeError", "conv", "a positive integer stride", "[0]"],
  [() => t.conv(z([1, 5, 3]), z([2, 3, 4]), { strides: [1, 1] }), "ShapeError", "conv", "1 spatial axes", "[1, 1]"],
  [
    () => t.conv(z([1, 5, 3]), z([2, 3, 4]), { dilation: 1.5 }),
    "ShapeError",
    "conv",
    "a positive integer dilation",
    "[1.5]"
  ],
  [
    () => t.conv(z([1, 5, 3]), z([2, 3, 4]), { padding: untyped("full") }),
    "ShapeError",
    "conv",
    '"valid", "same" or 1 pairs',
    '"full"'
  ],
  [
    () => t.conv(z([1, 5, 3]), z([2, 3, 4]), { padding: untyped([[1]]) }),
    "ShapeError",
    "conv",
    "1 pairs of integers",
    "[[1]]"
  ],
  [() => t.maxPool(z([2, 3]), { window: 2 }), "ShapeError", "maxPool", "[n, …spatial, channels]", "[2, 3]"],
  [() => t.sumPool(z([1, 3, 1]), { window: [2, 2] }), "ShapeError", "sumPool", "1 spatial axes", "[2, 2]"],
  [() => t.max(z([0])), "ShapeError", "max", "at least one element", "[0]"],
  [() => t.argMin(z([2, 0])), "ShapeError", "argMin", "at least one element", "[2, 0]"],
  [() => t.mean(z([0])), "ShapeError", "mean", "at least one element", "[0]"],
  [() => t.item(z([2])), "ShapeError", "item", "one element", "shape [2]"],
  [() => t.item(z([0])), "ShapeError", "item", "one element", "shape [0]"]
]

const impossible: readonly Row[] = [
  [() => z([-1]), "ShapeError", "zeros", "non-negative integers", "[-1]"],
  [() => t.ones([1.5]), "ShapeError", "ones", "non-negative integers", "[1.5]"],
  [() => t.full([NaN], 1), "ShapeError", "full", "non-negative integers", "[NaN]"],
  [() => t.full([Infinity], 1), "ShapeError", "full", "non-negative integers", "[Infinity]"],
  [() => z(untyped(["2"])), "ShapeError", "zeros", "non-negative integers", "[2]"],
  [() => z(untyped(3)), "ShapeError", "zeros", "a shape of non-negative integers", "3"],
  [() => z(new Array<number>(2)), "ShapeError", "zeros", "at most 2147483648 elements", "shape [, ]"],
  [() => z([1e9, 1e9]), "ShapeError", "zeros", "at most 2147483648 elements", "[1000000000, 1000000000]"],
  [() => t.iota([1e5, 1e5], 0), "ShapeError", "iota", "at most 2147483648 elements", "[100000, 100000]"],
  [() => t.arange(1e15), "ShapeError", "arange", "at most", "1000000000000000"],
  [() => t.linspace(0, 1, 1e15), "ShapeError", "linspace", "at most", "1000000000000000"],
  [() => t.eye(1e6), "ShapeError", "iota", "at most", "[1000000, 1000000]"],
  [() => t.add(z([1e6, 1]), z([1e6])), "ShapeError", "add", "at most", "[1000000, 1000000]"],
  [() => t.matmul(z([1e6, 1]), z([1, 1e6])), "ShapeError", "dot", "at most", "[1000000, 1000000]"],
  [() => t.broadcastTo(z([1]), [1e5, 1e5]), "ShapeError", "broadcastTo", "at most", "[100000, 100000]"],
  [() => t.pad(z([1]), [[1e10, 0]]), "ShapeError", "pad", "at most", "[10000000001]"],
  [() => t.oneHot(z([1e6], "i32"), 1e6), "ShapeError", "eq", "at most", "[1000000, 1000000]"],
  [() => t.oneHot(i32([1]), 2.5), "ShapeError", "oneHot", "non-negative integers", "[2.5]"],
  [() => t.arange(NaN), "DataError", "arange", "finite bounds", "stop NaN"],
  [() => t.arange(3, { step: 0 }), "DataError", "arange", "a step other than 0", "step 0"],
  [() => t.linspace(0, 1, 0), "DataError", "linspace", "a positive integer count", "0"]
]

const axes: readonly Row[] = [
  [() => t.sum(z([2]), { axes: 5 }), "AxisError", "sum", "an axis from -1 to 0", "5"],
  [() => t.sum(z([2]), { axes: -2 }), "AxisError", "sum", "an axis from -1 to 0", "-2"],
  [() => t.sum(z([2]), { axes: 0.5 }), "AxisError", "sum", "an axis from -1 to 0", "0.5"],
  [() => t.sum(z([]), { axes: 0 }), "AxisError", "sum", "a scalar has none", "0"],
  [() => t.sum(z([2, 2]), { axes: [0, -2] }), "AxisError", "sum", "distinct axes", "[0, -2]"],
  [() => t.mean(z([2]), { axes: 1 }), "AxisError", "mean", "an axis from -1 to 0", "1"],
  [() => t.variance(z([2]), { axes: 1 }), "AxisError", "variance", "an axis from -1 to 0", "1"],
  [() => t.all(z([2], "bool"), { axes: 1 }), "AxisError", "all", "an axis from -1 to 0", "1"],
  [() => t.softmax(z([2]), 1), "AxisError", "softmax", "an axis from -1 to 0", "1"],
  [() => t.logSoftmax(z([2]), 1), "AxisError", "logSoftmax", "an axis from -1 to 0", "1"],
  [() => t.logSumExp(z([2]), { axes: 1 }), "AxisError", "logSumExp", "an axis from -1 to 0", "1"],
  [() => t.argMax(z([2]), 1), "AxisError", "argMax", "an axis from -1 to 0", "1"],
  [() => t.cumSum(z([])), "AxisError", "cumSum", "a scalar has none", "-1"],
  [() => t.transpose(z([2, 3]), [0, 0]), "AxisError", "transpose", "a permutation of 2 axes", "[0, 0]"],
  [() => t.transpose(z([2, 3]), [1]), "AxisError", "transpose", "a permutation of 2 axes", "[1]"],
  [() => t.transpose(z([2, 3]), [0, 2]), "AxisError", "transpose", "an axis from -2 to 1", "2"],
  [() => t.expandDims(z([2]), 2), "AxisError", "expandDims", "an axis from -2 to 1", "2"],
  [() => t.moveAxis(z([2]), 0, 1), "AxisError", "moveAxis", "an axis from -1 to 0", "1"],
  [() => t.swapAxes(z([2]), 0, 1), "AxisError", "swapAxes", "an axis from -1 to 0", "1"],
  [() => t.flip(z([2]), 1), "AxisError", "flip", "an axis from -1 to 0", "1"],
  [() => t.concat([z([]), z([])]), "AxisError", "concat", "a scalar has none", "0"],
  [() => t.stack([z([2])], 2), "AxisError", "stack", "an axis from -2 to 1", "2"],
  [() => t.take(z([2]), [0], 1), "AxisError", "take", "an axis from -1 to 0", "1"],
  [() => t.slice(z([2]), { stop: [1, 1] }), "AxisError", "slice", "at most 1 axes", "2"],
  [() => t.pad(z([2]), []), "AxisError", "pad", "padding for 1 axes", "0 pairs"]
]

const indices: readonly Row[] = [
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

const data: readonly Row[] = [
  [() => t.tensor([[1, 2], [3]]), "DataError", "tensor", "an array of length 2", "an array of length 1", "[1]"],
  [() => t.tensor([[1], untyped(2)]), "DataError", "tensor", "an array of length 1", "a value of type number", "[1]"],
  [
    () => t.tensor([[1], [untyped([2])]]),
    "DataError",
    "tensor",
    "a number or boolean",
    "an array of length 1",
    "[1][0]"
  ],
  [() => t.tensor([[1], [untyped("2")]]), "DataError", "tensor", "a number or boolean", '"2"', "[1][0]"],
  [() => t.tensor(untyped([1, null])), "DataError", "tensor", "a number or boolean", "null", "[1]"],
  [() => t.tensor(untyped([undefined])), "DataError", "tensor", "a number or boolean", "undefined", "[0]"],
  [() => t.tensor(new Array<number>(2)), "DataError", "tensor", "a number or boolean", "undefined", "[0]"],
  [() => t.tensor(untyped([{}])), "DataError", "tensor", "a number or boolean", "a value of type object", "[0]"],
  [
    () => t.tensor(untyped([Object.create(null)])),
    "DataError",
    "tensor",
    "a number or boolean",
    "a value of type object",
    "[0]"
  ],
  [
    () => t.tensor(untyped([Symbol("s")])),
    "DataError",
    "tensor",
    "a number or boolean",
    "a value of type symbol",
    "[0]"
  ],
  [() => t.tensor(untyped([5n])), "DataError", "tensor", "a number or boolean", "5n", "[0]"],
  [() => t.tensor(untyped([f32([1])])), "DataError", "tensor", "a number or boolean", "a value of type object", "[0]"],
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
  [() => t.exp(untyped([1])), "DataError", "exp", "a tensor, a number or a boolean", "an array of length 1"],
  [() => t.full([1], untyped(null)), "DataError", "full", "a number or boolean", "null"]
]

const dtypes: readonly Row[] = [
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
  [() => t.take(z([2]), [0.5]), "DTypeError", "tensor", "a value that i32 can hold", "0.5"],
  [() => t.arange(2, { step: 0.5, dtype: "i32" }), "DTypeError", "tensor", "a value that i32 can hold", "0.5"],
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

const trees: readonly Row[] = [
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

const readings: readonly Row[] = [
  [
    () => t.compile((x: Tensor) => t.scalar(t.item(x)))(z([])),
    "UnboundInputError",
    "evaluate",
    "a value",
    '"argument0"'
  ],
  [
    () => t.compile((x: Tensor) => t.tensor(t.toTyped(x)))(z([])),
    "UnboundInputError",
    "evaluate",
    "a value",
    '"argument0"'
  ],
  [
    () => t.scan((c: Tensor, x: Tensor) => [t.add(c, t.item(x)), c], z([]), z([3])),
    "UnboundInputError",
    "evaluate",
    "a value",
    '"x0"'
  ]
]

describe.each([
  ["shapes that do not fit", shapes],
  ["shapes that cannot be", impossible],
  ["axes that are not there", axes],
  ["indices outside", indices],
  ["data that are not numbers in rows", data],
  ["dtypes that do not fit", dtypes],
  ["trees that differ", trees],
  ["values that do not exist yet", readings]
] as const)("%s are errors that say what was expected and what came", (_, rows) => {
  test.each(rows.map((row, i) => [`${i}: ${row[2]}: ${row[3]}; ${row[4]}`, row] as const))("%s", (__, row) => {
    const [call, name, operation, expected, received, path] = row
    const error = thrownBy(call)
    expect(error).toBeInstanceOf(ThalwegError)
    const { mistake, message } = error as ThalwegError
    expect([(error as ThalwegError).name, mistake.operation, mistake.path]).toEqual([name, operation, path])
    expect(mistake.expected).toContain(expected)
    expect(mistake.received).toContain(received)
    expect(message).toBe(rendered(mistake))
  })
})

const thrownBy = (call: () => unknown): unknown => {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

const rendered = ({ operation, path, expected, received }: Mistake): string =>
  `${operation}${path === undefined ? "" : ` at "${path}"`}: expected ${expected}; got ${received}`
