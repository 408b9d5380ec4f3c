import * as t from "thalweg"
import type { Case } from "./golden.cases.js"

type Tensors = readonly t.Tensor[]
type Attributes = Case["attrs"]

/** An operation of thalweg under the name and the attributes of a case. */
type Operation = (inputs: Tensors, attrs: Attributes) => t.Tensor

const nth = (inputs: Tensors, i: number): t.Tensor => inputs[i] ?? t.tensor([])

const unary =
  (f: (x: t.Tensor) => t.Tensor): Operation =>
  inputs =>
    f(nth(inputs, 0))

const binary =
  (f: (a: t.Tensor, b: t.Tensor) => t.Tensor): Operation =>
  inputs =>
    f(nth(inputs, 0), nth(inputs, 1))

const rows = <F>(table: Readonly<Record<string, F>>, row: (f: F) => Operation): Readonly<Record<string, Operation>> =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, row(f)]))

/** An operation that accumulates along an axis, and from which end. */
const accumulating =
  (f: (x: t.Tensor, options: t.CumSumOptions) => t.Tensor): Operation =>
  (inputs, attrs) =>
    along((x, axis) => f(x, { axis, reverse: attrs.reverse }))(inputs, attrs)

const axesOf = ({ axes }: Attributes) => (axes === null ? {} : { axes })

const reduction =
  (f: (x: t.Tensor, options: t.ReduceOptions) => t.Tensor): Operation =>
  (inputs, attrs) =>
    f(nth(inputs, 0), { ...axesOf(attrs), keepDims: attrs.keepDims })

/** An operation along one axis; `null` is that of the flattened tensor. */
const along =
  (f: (x: t.Tensor, axis: number) => t.Tensor): Operation =>
  (inputs, { axis }) =>
    axis === null ? f(t.flatten(nth(inputs, 0)), 0) : f(nth(inputs, 0), axis)

const paddingOf = ({ padding }: Attributes): t.PaddingMode =>
  padding === "VALID" ? "valid" : padding === "SAME" ? "same" : padding

const conv: Operation = (inputs, attrs) =>
  t.conv(nth(inputs, 0), nth(inputs, 1), {
    strides: attrs.strides,
    padding: paddingOf(attrs),
    inputDilation: attrs.inputDilation,
    dilation: attrs.kernelDilation,
    groups: attrs.groups
  })

const pool =
  (f: (x: t.Tensor, options: t.PoolOptions) => t.Tensor): Operation =>
  (inputs, attrs) =>
    f(nth(inputs, 0), { window: attrs.window, strides: attrs.strides, padding: paddingOf(attrs) })

const size = (sizes: readonly number[]): number => sizes.reduce((product, n) => product * n, 1)

const averagePool: Operation = (inputs, attrs) =>
  attrs.countPadding ? t.div(pool(t.sumPool)(inputs, attrs), size(attrs.window)) : pool(t.averagePool)(inputs, attrs)

const elementwise: Readonly<Record<string, Operation>> = {
  add: binary(t.add),
  sub: binary(t.sub),
  mul: binary(t.mul),
  div: binary(t.div),
  maximum: binary(t.maximum),
  minimum: binary(t.minimum),
  pow: binary(t.pow),
  rem: binary(t.rem),
  atan2: binary(t.atan2),
  floor: unary(t.floor),
  ceil: unary(t.ceil),
  round: unary(t.round),
  sign: unary(t.sign),
  abs: unary(t.abs),
  erf: unary(t.erf),
  erfInv: unary(t.erfInv),
  log1p: unary(t.log1p),
  expm1: unary(t.expm1),
  exp: unary(t.exp),
  tanh: unary(t.tanh),
  sigmoid: unary(t.sigmoid),
  log: unary(t.log),
  sqrt: unary(t.sqrt),
  ...rows(
    {
      ...{ log2: t.log2, log10: t.log10, exp2: t.exp2, softplus: t.softplus, logSigmoid: t.logSigmoid, erfc: t.erfc },
      ...{ asin: t.asin, acos: t.acos, sinh: t.sinh, cosh: t.cosh, asinh: t.asinh, acosh: t.acosh, atanh: t.atanh },
      ...{ cbrt: t.cbrt, trunc: t.trunc, isInf: t.isInf }
    },
    unary
  ),
  ...rows({ mod: t.mod, hypot: t.hypot, logAddExp: t.logAddExp }, binary),
  nanToNum: (inputs, attrs) => t.nanToNum(nth(inputs, 0), attrs),
  where: inputs => t.where(nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)),
  clip: (inputs, { min, max }) => t.clamp(nth(inputs, 0), min, max)
}

const reductions: Readonly<Record<string, Operation>> = {
  sum: reduction(t.sum),
  prod: reduction(t.prod),
  max: reduction(t.max),
  min: reduction(t.min),
  mean: reduction(t.mean),
  var: reduction(t.variance),
  std: reduction(t.standardDeviation),
  norm: reduction(t.norm),
  argmax: along(t.argMax),
  argmin: along(t.argMin),
  argsort: (inputs, attrs) => along((x, axis) => t.argSort(attrs.descending ? t.neg(x) : x, axis))(inputs, attrs),
  sort: along(t.sort),
  ...rows({ cumsum: t.cumSum, cumprod: t.cumProd, cummax: t.cumMax, cummin: t.cumMin }, accumulating),
  topK: (inputs, { count }) => t.topK(nth(inputs, 0), count)[0],
  topKIndices: (inputs, { count }) => t.topK(nth(inputs, 0), count)[1],
  median: reduction(t.median),
  quantile: (inputs, attrs) => reduction((x, options) => t.quantile(x, attrs.q, options))(inputs, attrs),
  logsumexp: along((x, axis) => t.logSumExp(x, { axes: axis })),
  softmax: along(t.softmax),
  logSoftmax: along(t.logSoftmax)
}

const movements: Readonly<Record<string, Operation>> = {
  pad: (inputs, { low, high, interior, value }) =>
    t.pad(
      nth(inputs, 0),
      low.map((n, i) => [n, high[i] ?? 0] as const),
      { interior, value }
    ),
  slice: (inputs, { start, limit, stride }) => t.slice(nth(inputs, 0), { start, stop: limit, step: stride }),
  flip: (inputs, attrs) => t.flip(nth(inputs, 0), attrs.axes ?? []),
  transpose: (inputs, { permutation }) => t.transpose(nth(inputs, 0), permutation),
  concat: (inputs, { axis }) => t.concat(inputs, axis ?? 0),
  stack: (inputs, { axis }) => t.stack(inputs, axis ?? 0),
  take: (inputs, { axis }) => t.take(nth(inputs, 0), nth(inputs, 1), axis ?? 0),
  takeAlongAxis: (inputs, { axis }) => t.takeAlongAxis(nth(inputs, 0), nth(inputs, 1), axis ?? 0),
  scatterAdd: (inputs, { axis }) => t.scatterAdd(nth(inputs, 0), nth(inputs, 1), nth(inputs, 2), axis ?? 0),
  segmentSum: (inputs, { segments }) => {
    const rows = nth(inputs, 0)
    return t.scatterAdd(t.zeros([segments, ...rows.shape.slice(1)], rows.dtype), nth(inputs, 1), rows)
  },
  roll: (inputs, { shift, axes }) => t.roll(nth(inputs, 0), shift, axes ?? undefined),
  tile: (inputs, { times }) => t.tile(nth(inputs, 0), times),
  repeat: (inputs, { times, axis }) => t.repeat(nth(inputs, 0), times, axis ?? undefined),
  ...rows({ diagonal: t.diagonal, trace: t.trace }, f => (inputs, { diagonal, axes }) => {
    const [axis1, axis2] = [axes ?? []].flat()
    return f(nth(inputs, 0), diagonal, axis1, axis2)
  }),
  meshgrid: (inputs, { indexing, index }) => nth(t.meshgrid(inputs, { indexing }), index),
  tril: (inputs, { diagonal }) => t.tril(nth(inputs, 0), diagonal),
  triu: (inputs, { diagonal }) => t.triu(nth(inputs, 0), diagonal),
  oneHot: (inputs, { classes }) => t.oneHot(nth(inputs, 0), classes, "f64"),
  eye: (_, { rows, columns }) => t.eye(rows, columns, "f64"),
  linspace: (_, { start, stop, count }) => t.linspace(start, stop, count, "f64")
}

const products: Readonly<Record<string, Operation>> = {
  einsum: (inputs, { subscripts }) => t.einsum(subscripts, ...inputs),
  matmul: binary(t.matmul),
  outer: binary(t.outer),
  conv,
  maxPool: pool(t.maxPool),
  avgPool: averagePool
}

export const offered: Readonly<Record<string, Operation>> = { ...elementwise, ...reductions, ...movements, ...products }

/** What the cases know and thalweg does not, and what one writes in its place. */
export const notOffered: Readonly<Record<string, (attrs: Attributes) => boolean>> = {
  norm: attrs => attrs.ord !== 2, // sum(abs(x)), max(abs(x))
  eye: attrs => attrs.diagonal !== 0 // eq(add(iota(rows), k), iota(columns))
}

/** Operations that move, choose or count elements, or are correctly rounded: their values are the same bits. */
export const exact: ReadonlySet<string> = new Set([
  ...[
    "add",
    "sub",
    "mul",
    "div",
    "maximum",
    "minimum",
    "rem",
    "floor",
    "ceil",
    "round",
    "abs",
    "sqrt",
    "where",
    "clip",
    "trunc",
    "isInf",
    "nanToNum"
  ],
  ...["max", "min", "argmax", "argmin", "argsort", "sort", "maxPool"],
  ...["cummax", "cummin", "topK", "topKIndices", "roll", "tile", "repeat", "diagonal", "meshgrid"],
  ...["pad", "slice", "flip", "transpose", "concat", "stack", "take", "takeAlongAxis", "tril", "triu", "oneHot", "eye"]
])
