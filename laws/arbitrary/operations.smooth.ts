import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { axesOf, axisOf, factorOf, fit, isEmpty, partner, type Draw, type Operation, type Operations } from "./draw.js"
import { range, sizeOf } from "./numbers.js"
import { matrixOperations } from "./operations.matrix.js"
import { convolution, movement, pooling } from "./operations.movement.js"

// Every operation here maps values below 2 to values of that order, with derivatives of that order: a program of
// several neither overflows nor bends more than central differences can follow.

const { add, clamp, cos, div, exp, maximum, minimum, mul, sin, sqrt, square, sub, tanh } = t

const unary =
  (f: (x: Tensor) => Tensor): Operation =>
  ({ x }) =>
    f(x)

const binary =
  (f: (x: Tensor, y: Tensor) => Tensor): Operation =>
  draw =>
    f(draw.x, partner(draw, draw.x))

const along =
  (
    f: (x: Tensor, options: { readonly axes: readonly number[]; readonly keepDims: boolean }, count: number) => Tensor
  ) =>
  (draw: Draw): Tensor | undefined => {
    const axes = axesOf(draw, draw.x)
    const count = sizeOf(axes.map(axis => draw.x.shape[axis] ?? 1))
    return isEmpty(draw.x) ? undefined : f(draw.x, { axes, keepDims: draw.nat(1, 2) === 1 }, count)
  }

const alongOne =
  (f: (x: Tensor, axis: number, nat: Draw["nat"]) => Tensor) =>
  (draw: Draw): Tensor | undefined =>
    draw.x.shape.length === 0 || isEmpty(draw.x) ? undefined : f(draw.x, axisOf(draw, draw.x), draw.nat)

/** `0 … n-1` in an order that depends on the salt. */
const shuffled = (n: number, salt: number): readonly number[] =>
  range(n)
    .map(i => [(i * 31 + salt * 17 + 7) % 101, i] as const)
    .sort(([a], [b]) => a - b)
    .map(([, i]) => i)

/**
 * The values squeezed into intervals of [-1, 1] of their own, which do not touch: an order that no small change of `x`
 * changes, far from ties and from the multiples of 2/n between the intervals.
 */
const apart = ({ x, nat }: Draw): Tensor => {
  const n = sizeOf(x.shape)
  const ranks = t.tensor(shuffled(n, nat(7, 9)), { dtype: "f64", shape: x.shape })
  return sub(mul(add(add(mul(sin(x), 0.4), 0.5), ranks), 2 / Math.max(1, n)), 1)
}

/** A number in [-1, 1] that no value of `apart` comes near to. */
const between = ({ x, nat }: Draw): number => (2 * nat(2, sizeOf(x.shape))) / Math.max(1, sizeOf(x.shape)) - 1

const onApart =
  (f: (x: Tensor, draw: Draw) => Tensor | undefined): Operation =>
  draw =>
    isEmpty(draw.x) ? undefined : f(apart(draw), draw)

/** The derivative of each element, which is differentiated in its turn. */
const slope: Operation = ({ x }) => t.grad((y: Tensor) => t.sum(mul(sin(y), cos(mul(y, 0.5)))))(x)

const loop: Operation = draw => {
  const { x } = draw
  const [, ...slice] = x.shape
  if (x.shape.length === 0) return undefined
  const weight = fit(cos(draw.other(() => true)), slice)
  const body = (c: Tensor, s: Tensor): readonly [Tensor, Tensor] => {
    const next = tanh(add(mul(c, weight), s))
    return [next, mul(next, cos(s))]
  }
  const [last, all] = t.scan(body, t.zeros(slice, x.dtype), x, { reverse: draw.nat(0, 2) === 1 })
  return t.concat([t.expandDims(last, 0), all])
}

/** Some steps of at most four: how many does not depend on the values, which would not be smooth. */
const repeated: Operation = draw => {
  const { x } = draw
  const weight = fit(cos(draw.other(() => true)), x.shape)
  const times = draw.nat(0, 6)
  return t.whileLoop(
    ({ n }) => t.lt(n, times),
    ({ n, c }) => ({ n: add(n, 1), c: tanh(add(mul(c, weight), 0.3)) }),
    { n: t.scalar(0, "i32"), c: x },
    { max: 4 }
  ).c
}

const chosen: Operation = draw =>
  t.cond(
    t.lt(draw.nat(0, 2), t.scalar(1)),
    (a, b) => mul(sin(a), b),
    (a, b) => tanh(add(cos(a), mul(a, b))),
    draw.x,
    fit(tanh(draw.other(() => true)), draw.x.shape)
  )

/** Differentiable operations on f64, away from kinks and overflow. */
export const smoothOperations: Operations = {
  sin: unary(sin),
  cos: unary(cos),
  tanh: unary(tanh),
  sigmoid: unary(t.sigmoid),
  erf: unary(t.erf),
  atan: unary(t.atan),
  exp: unary(x => exp(sin(x))),
  expm1: unary(x => t.expm1(sin(x))),
  log: unary(x => t.log(add(cos(x), 2))),
  log1p: unary(x => t.log1p(square(tanh(x)))),
  sqrt: unary(x => sqrt(add(square(x), 1))),
  erfInv: unary(x => t.erfInv(mul(sin(x), 0.5))),
  asin: unary(x => t.asin(mul(sin(x), 0.5))),
  acos: unary(x => t.acos(mul(sin(x), 0.5))),
  sinh: unary(x => t.sinh(sin(x))),
  cosh: unary(x => t.cosh(sin(x))),
  asinh: unary(t.asinh),
  acosh: unary(x => t.acosh(add(cos(x), 3))),
  atanh: unary(x => t.atanh(mul(sin(x), 0.5))),
  cbrt: unary(x => t.cbrt(add(cos(x), 2))),
  erfc: unary(t.erfc),
  exp2: unary(x => t.exp2(sin(x))),
  log2: unary(x => t.log2(add(cos(x), 2))),
  log10: unary(x => t.log10(add(cos(x), 2))),
  softplus: unary(t.softplus),
  logSigmoid: unary(t.logSigmoid),
  neg: unary(t.neg),
  square: unary(x => square(sin(x))),
  add: binary((x, y) => mul(add(x, y), 0.5)),
  sub: binary((x, y) => mul(sub(x, y), 0.5)),
  mul: binary((x, y) => mul(x, cos(y))),
  div: binary((x, y) => div(x, add(cos(y), 2))),
  pow: binary((x, y) => t.pow(add(mul(sin(x), 0.5), 1.5), sin(y))),
  atan2: binary((x, y) => t.atan2(x, add(cos(y), 2))),
  hypot: binary((x, y) => mul(t.hypot(x, add(cos(y), 2)), 0.5)),
  logAddExp: binary((x, y) => mul(t.logAddExp(x, y), 0.7)),
  mod: unary(x => t.mod(add(mul(sin(x), 0.4), 2.5), -2)),
  rem: unary(x => t.rem(add(mul(sin(x), 0.4), 2.5), 2)),
  abs: onApart((x, draw) => t.abs(sub(x, between(draw)))),
  maximum: onApart((x, draw) => maximum(x, between(draw))),
  minimum: onApart((x, draw) => minimum(x, between(draw))),
  clamp: onApart((x, draw) => clamp(x, between(draw), 0.999)),
  where: onApart((x, draw) => t.where(t.gt(x, between(draw)), mul(x, draw.x), cos(draw.x))),
  sum: along((x, options, count) => mul(t.sum(x, options), 1 / count)),
  mean: along(t.mean),
  prod: along((x, options) => t.prod(add(mul(sin(x), 0.2), 1), options)),
  variance: along(t.variance),
  norm: along((x, options) => t.norm(add(cos(x), 2), options)),
  logSumExp: along(t.logSumExp),
  max: onApart((x, draw) => t.max(x, { axes: axesOf(draw, x) })),
  min: onApart((x, draw) => t.min(x, { axes: axesOf(draw, x), keepDims: true })),
  sort: onApart((x, draw) => (x.shape.length === 0 ? undefined : t.sort(x, axisOf(draw, x)))),
  softmax: alongOne(t.softmax),
  logSoftmax: alongOne(t.logSoftmax),
  cumSum: alongOne((x, axis, nat) => mul(t.cumSum(x, { axis, reverse: nat(1, 2) === 1 }), 1 / (x.shape[axis] ?? 1))),
  cumProd: alongOne((x, axis, nat) => t.cumProd(add(mul(sin(x), 0.2), 1), { axis, reverse: nat(1, 2) === 1 })),
  cumMax: onApart((x, draw) => (x.shape.length === 0 ? undefined : t.cumMax(x, { axis: axisOf(draw, x) }))),
  cumMin: onApart((x, draw) => (x.shape.length === 0 ? undefined : t.cumMin(x, { axis: axisOf(draw, x) }))),
  topK: onApart((x, draw) => {
    const axis = axisOf(draw, x)
    return x.shape.length === 0 ? undefined : t.topK(x, draw.nat(1, 1 + (x.shape[axis] ?? 0)), axis)[0]
  }),
  median: onApart((x, draw) => t.median(x, { axes: axesOf(draw, x) })),
  quantile: onApart((x, draw) => t.quantile(x, 0.3, { axes: axesOf(draw, x), keepDims: true })),
  trace: draw => (draw.x.shape.length < 2 ? undefined : mul(t.trace(draw.x), 0.3)),
  ...movement,
  matmul: draw => (draw.x.shape.length === 0 ? undefined : mul(t.matmul(draw.x, cos(factorOf(draw, draw.x))), 0.3)),
  outer: draw => t.outer(draw.x, cos(partner(draw, draw.x))),
  ...matrixOperations(t.sin),
  conv: draw => {
    const convolve = convolution(draw, y => mul(cos(y), 0.2))
    return convolve?.()
  },
  maxPool: onApart((x, draw) => pooling(draw, t.maxPool, x)),
  averagePool: draw => pooling(draw, t.averagePool),
  scatterAdd: ({ x }) => {
    const [size = 0] = x.shape
    if (x.shape.length === 0) return undefined
    return t.scatterAdd(x, t.rem(t.iota([size], 0), Math.max(1, Math.ceil(size / 2))), mul(x, 0.5))
  },
  scatterSet: ({ x }) => {
    const [size = 0] = x.shape
    if (x.shape.length === 0) return undefined
    return t.scatterSet(x, t.rem(t.iota([size], 0), Math.max(1, Math.ceil(size / 2))), mul(x, 0.5))
  },
  scan: loop,
  whileLoop: repeated,
  cond: chosen,
  grad: slope
}
