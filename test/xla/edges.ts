import * as t from "thalweg"
import { tensor, type DType, type Tensor } from "thalweg"
import { key, permutation, split, uniform } from "thalweg/random"
import type { BinaryFn, CompareFn, UnaryFn } from "../../src/dataflow/primitive.js"
import { binary, compare, unary } from "../../src/dataflow/rules.js"
import { apply } from "../../src/dataflow/tensor.js"
import type { Case, Part } from "./python.js"

/** Where an operation has something of its own to say; no number is below the smallest normal one. */
const floats = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 2.5, -2.5, 1e30, -7.25, 1e10, 5e9]
const signed = [7, -7, 2147483647, -2147483648, 0, 1, -1, 3, 31, 32, 40]
const unsigned = [7, 4294967295, 0, 1, 2147483648, 2147483649, 3, 31, 32, 40, 6]

const edges: Readonly<Record<DType, Tensor>> = {
  f32: tensor(floats),
  f64: tensor(floats, { dtype: "f64" }),
  i32: tensor(signed, { dtype: "i32" }),
  u32: tensor(unsigned, { dtype: "u32" }),
  bool: tensor([true, false])
}
const dtypes = Object.keys(edges) as DType[]

const ofFloats: readonly UnaryFn[] = ["abs", "atan", "ceil", "erf", "exp", "expm1", "floor", "log", "log1p", "neg", "round", "sigmoid", "sign", "sqrt", "tanh"] // prettier-ignore
const ofNumbers: readonly BinaryFn[] = ["add", "div", "max", "min", "mul", "pow", "rem", "sub"]
const ofBits: readonly BinaryFn[] = ["and", "or", "xor"]
const comparisons: readonly CompareFn[] = ["eq", "ge", "gt", "le", "lt", "ne"]

const unaryOf = (fn: UnaryFn, dtypes: readonly DType[]): readonly Part[] =>
  dtypes.map(dtype => [x => apply(unary, { kind: "unary", fn }, [x]), [edges[dtype]]])

/** Of every two. */
const pairsOf = (f: (a: Tensor, b: Tensor) => Tensor, dtypes: readonly DType[]): readonly Part[] =>
  dtypes.map(dtype => [(a, b) => f(t.expandDims(a, 1), b), [edges[dtype], edges[dtype]]])

const binaryOf = (fn: BinaryFn, dtypes: readonly DType[]): readonly Part[] =>
  pairsOf((a, b) => apply(binary, { kind: "binary", fn }, [a, b]), dtypes)

const casts: readonly Part[] = dtypes.flatMap(from => dtypes.map((to): Part => [x => t.cast(x, to), [edges[from]]]))

const ties = tensor([3, 1, 3, 1, 2, 2, 3], { dtype: "i32" })
const lowest = tensor([-Infinity, -Infinity])
const doubled = t.concat([edges.f32, edges.f32])

const searches: readonly Part[] = [edges.f32, edges.i32, edges.u32, ties, lowest, doubled].flatMap((x): Part[] => [
  [y => [t.argMax(y), t.argMin(y), t.argSort(y)], [x]],
  [y => [t.max(y), t.min(y)], [x]]
])

const large = (by: number): readonly Part[] =>
  (["f32", "f64"] as const).map(dtype => [x => t.norm(x), [t.mul(tensor([3, -4, 0], { dtype }), by)]])

const far = tensor([1e3, 1e5, 1e8, 1e30, Infinity, -1e6, NaN])
const f64 = (rows: readonly (readonly number[])[], by = 1): Tensor => t.mul(tensor(rows, { dtype: "f64" }), by)

/** What has no elements, or comes of none. */
const ofNothing: readonly Part[] = [
  [(x, i) => t.take(x, i), [t.zeros([0, 3]), t.zeros([0], "i32")]],
  [(x, i, u) => t.scatterAdd(x, i, u), [t.ones([3]), t.zeros([0], "i32"), t.zeros([0])]],
  [(x, k) => t.conv(x, k), [t.zeros([1, 4, 0]), t.zeros([2, 0, 3])]],
  [(x, y) => t.matmul(x, y), [t.zeros([2, 0]), t.zeros([0, 3])]],
  [x => t.grad((y: Tensor) => t.sum(t.maxPool(y, { window: 3 })))(x), [t.ones([1, 2, 1])]],
  [x => [t.sum(x), t.prod(x), t.norm(x)], [t.zeros([0])]],
  [x => [t.sum(x, { axes: [] }), t.norm(x, { axes: [] })], [far]],
  [x => t.scan((c: Tensor, y: Tensor) => [t.add(c, y), c], t.ones([3]), x), [t.zeros([0, 3])]]
]

const ofMatrices: readonly Part[] = [
  [x => [{ ...t.lu(x) }, { ...t.lu(t.transpose(x)) }], [f64([[0, 1], [0, 2]])]],
  [x => [{ ...t.lu(x) }, { ...t.qr(x) }], [f64([[NaN, 1], [1, 2]])]],
  [x => [t.svd(x).s, t.qr(x).r], [f64([[0, 0], [0, 0], [0, 0]])]],
  [x => [{ ...t.svd(x) }, { ...t.qr(x) }, { ...t.eigh(x) }], [f64([[1, 2], [2, 5]], 1e200)]],
  [x => [{ ...t.svd(x) }, { ...t.qr(x) }, { ...t.eigh(x) }], [f64([[1, 2], [2, 5]], 1e-200)]],
  [x => ({ ...t.eigh(x) }), [f64([[-2]])]]
] // prettier-ignore

const ofLoops: readonly Part[] = [
  [x => t.whileLoop((c: Tensor) => t.lt(c, 5), (c: Tensor) => t.add(c, 1), x), [t.scalar(9)]],
  [x => t.cond(t.gt(x, 0), (y: Tensor) => t.log(y), (y: Tensor) => t.neg(y), x), [t.scalar(-3)]]
] // prettier-ignore

/** By name, what agrees to rounding at the edges too. */
export const edgeParts: Readonly<Record<string, readonly Part[]>> = {
  "unary functions": [
    ...ofFloats.flatMap(fn => unaryOf(fn, ["f32", "f64"])),
    ...unaryOf("not", ["bool", "i32", "u32"]),
    ...["neg", "abs", "sign"].flatMap(fn => unaryOf(fn as UnaryFn, ["i32"]))
  ],
  "binary functions of floats": [...ofNumbers, "atan2" as const].flatMap(fn => binaryOf(fn, ["f32", "f64"])),
  "binary functions of integers": [
    ...ofNumbers.flatMap(fn => binaryOf(fn, ["i32", "u32"])),
    ...ofBits.flatMap(fn => binaryOf(fn, ["bool", "i32", "u32"])),
    ...(["shiftLeft", "shiftRight"] as const).flatMap(fn => binaryOf(fn, ["i32", "u32"]))
  ],
  comparisons: comparisons.flatMap(fn => pairsOf((a, b) => apply(compare, { kind: "compare", fn }, [a, b]), dtypes)),
  casts,
  searches,
  "circular functions far from 0": [[x => [t.sin(x), t.cos(x), t.sin(t.cast(x, "f64"))], [far]]],
  "random bits": [[k => [split(k), uniform(k, [7]), permutation(k, 9)], [key(3)]]],
  "what is nothing": ofNothing,
  matrices: ofMatrices,
  loops: ofLoops,
  norms: [1e-30, 1e-18, 1, 1e18, 1e30].flatMap(large),
  "norms in f64": [1e-200, 1e200].map((by): Part => [x => t.norm(x), [t.mul(edges.f64, by)]])
}

/** What differs: what the interpreter gives, or throws, and what XLA gives on a CPU. */
export interface Difference extends Case {
  readonly f: (...xs: readonly Tensor[]) => Tensor
  readonly args: readonly Tensor[]
  readonly interpreter: unknown
  readonly xla: unknown
}

const saddle = tensor([[1, 2], [2, 1]]) // prettier-ignore
const singular = tensor([[1, 2], [0, 0]]) // prettier-ignore
const nothing = [[NaN, NaN], [NaN, NaN]] // prettier-ignore
const outside = tensor([0, 7], { dtype: "i32" })
const tiny = tensor([2 ** -140, 0])

const difference = (
  name: string,
  f: (...xs: readonly never[]) => Tensor,
  args: readonly Tensor[],
  interpreter: unknown,
  xla: unknown
): Difference => ({ name, f: f as Difference["f"], args, interpreter, xla })

/** Those that the page names. */
export const differences: readonly Difference[] = [
  difference("a number below the smallest normal one", (x: Tensor) => t.mul(x, 2), [tiny], [2 ** -139, 0], [0, 0]),
  difference("such a number compared", (x: Tensor) => t.gt(x, 0), [tiny], [true, false], [false, false]),
  difference("a sum that is too large on the way", (x: Tensor) => t.sum(x), [tensor([3e38, 3e38, -3e38])], Math.fround(3e38), Infinity),
  difference("a mean whose sum is too large", (x: Tensor) => t.mean(x), [tensor([3e38, 3e38])], Math.fround(3e38), Infinity),
  difference("an index out of range", (x: Tensor, i: Tensor) => t.take(x, i), [tensor([1, 2, 3]), outside], "IndexError", [1, 3]),
  difference("an addition out of range", (x: Tensor, i: Tensor) => t.scatterAdd(x, i, t.onesLike(x)), [tensor([1, 2]), outside], "IndexError", [2, 2]),
  difference("a replacement out of range", (x: Tensor, i: Tensor) => t.scatterSet(x, i, t.zerosLike(x)), [tensor([1, 2]), outside], "IndexError", [0, 2]),
  difference("a matrix that is not definite", (x: Tensor) => t.cholesky(x), [saddle], "MatrixError", nothing),
  difference("a triangle with a zero pivot", (x: Tensor) => t.triangularSolve(x, x), [singular], "MatrixError", nothing)
] // prettier-ignore
