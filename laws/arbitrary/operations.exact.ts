import * as t from "thalweg"
import type { DType, Tensor } from "thalweg"
import { foldIn, key, uniform } from "thalweg/random"
import * as draws from "./draw.js"
import { axesOf, axisOf, bits, factorOf, fit, float, isEmpty, numeric, partner, signed } from "./draw.js"
import type { Draw, Operation, Operations } from "./draw.js"
import { matrixOperations } from "./operations.matrix.js"
import { convolution, movement, pooling } from "./operations.movement.js"

type Domain = (t: Tensor) => Tensor

const rows = <A>(table: Readonly<Record<string, A>>, row: (f: A) => Operation): Operations =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, row(f)]))

const unary =
  (domain: Domain) =>
  (f: (x: Tensor) => Tensor): Operation =>
  ({ x }) =>
    f(domain(x))

const binary =
  (domain: Domain) =>
  (f: (x: Tensor, y: Tensor) => Tensor): Operation =>
  draw => {
    const x = domain(draw.x)
    return f(x, partner(draw, x))
  }

const along =
  (
    f: (x: Tensor, options: { readonly axes: readonly number[]; readonly keepDims: boolean }) => Tensor,
    domain: Domain
  ) =>
  (draw: Draw): Tensor | undefined =>
    isEmpty(draw.x) ? undefined : f(domain(draw.x), { axes: axesOf(draw, draw.x), keepDims: draw.nat(1, 2) === 1 })

const alongOne =
  (f: (x: Tensor, axis: number, nat: Draw["nat"]) => Tensor, domain: Domain = x => x) =>
  (draw: Draw): Tensor | undefined =>
    draw.x.shape.length === 0 || isEmpty(draw.x) ? undefined : f(domain(draw.x), axisOf(draw, draw.x), draw.nat)

const same: Domain = x => x
const bool: Domain = x => t.cast(x, "bool")
const dtypes: readonly DType[] = ["f32", "f64", "i32", "u32", "bool"]

const { abs, add, and, atan2, div, eq, ge, gt, le, lt, maximum, minimum, mul, ne, neg, not, or, pow, rem } = t
const { argMax, argMin, argSort, cumSum, logSoftmax, sort, softmax } = t

/** A loop over the leading axis, whose carry, slices and a captured value all matter. */
const loop: Operation = draw => {
  const x = float(draw.x)
  const [, ...slice] = x.shape
  if (x.shape.length === 0) return undefined
  const captured = fit(float(draw.other(y => y.dtype === x.dtype)), slice)
  const weight = t.cast(captured, x.dtype)
  const body = (c: Tensor, s: Tensor): readonly [Tensor, Tensor] => {
    const next = t.tanh(add(mul(c, weight), s))
    return [next, mul(next, s)]
  }
  const [last, all] = t.scan(body, t.zeros(slice, x.dtype), x, { reverse: draw.nat(0, 2) === 1 })
  return t.concat([t.expandDims(last, 0), all])
}

/** Repeats by the values and by a count, some with a bound that may come first. */
const repeated: Operation = draw => {
  const x = float(draw.x)
  const step = t.cast(fit(float(draw.other(y => y.dtype === x.dtype)), x.shape), x.dtype)
  const times = draw.nat(0, 5)
  return t.whileLoop(
    ({ n, c }) => and(lt(n, times), lt(t.sum(c), 3)),
    ({ n, c }) => ({ n: add(n, 1), c: add(mul(c, 0.5), step) }),
    { n: t.scalar(0, "i32"), c: x },
    draw.nat(1, 2) === 1 ? { max: 2 } : {}
  ).c
}

/** One of two branches, by the values. */
const chosen: Operation = draw => {
  const { x } = draw
  return t.cond(
    lt(t.sum(float(x)), draw.nat(0, 3)),
    (a, b) => t.where(eq(a, b), a, t.flip(b)),
    a => t.flip(a),
    x,
    t.cast(
      fit(
        draw.other(y => y.dtype === x.dtype),
        x.shape
      ),
      x.dtype
    )
  )
}

const slope: Operation = ({ x }) => t.grad((y: Tensor) => t.sum(mul(t.tanh(y), t.sin(mul(y, y)))))(float(x))

const accumulated = [t.cumProd, t.cumMax, t.cumMin]
const quantile = (x: Tensor, options: t.ReduceOptions): Tensor => t.quantile(x, 0.3, options)

/** Numbers between -1 and 1 of any, NaN too. */
const withinOne = (x: Tensor): Tensor => {
  const own = float(x)
  return t.where(lt(abs(own), 1), own, 0.5)
}

/** Every operation, on every dtype that it takes, at any values. */
export const exactOperations: Operations = {
  ...rows({ neg, abs, sign: t.sign }, unary(signed)),
  ...rows({ add, sub: t.sub, mul, maximum, minimum, div, rem }, binary(numeric)),
  ...rows({ sqrt: t.sqrt, exp: t.exp, expm1: t.expm1, log: t.log, log1p: t.log1p }, unary(float)),
  ...rows({ sin: t.sin, cos: t.cos, atan: t.atan, tanh: t.tanh, sigmoid: t.sigmoid }, unary(float)),
  ...rows({ erf: t.erf, erfInv: t.erfInv, floor: t.floor, ceil: t.ceil, round: t.round }, unary(float)),
  ...rows({ asin: t.asin, acos: t.acos, sinh: t.sinh, cosh: t.cosh, asinh: t.asinh }, unary(float)),
  ...rows({ acosh: t.acosh, atanh: t.atanh, cbrt: t.cbrt, erfc: t.erfc, log2: t.log2, log10: t.log10 }, unary(float)),
  ...rows({ exp2: t.exp2, softplus: t.softplus, logSigmoid: t.logSigmoid, trunc: t.trunc }, unary(float)),
  ...rows({ isInf: t.isInf, nanToNum: t.nanToNum }, unary(same)),
  ...rows({ pow, mod: t.mod }, binary(numeric)),
  ...rows({ atan2, hypot: t.hypot, logAddExp: t.logAddExp }, binary(float)),
  ...rows({ not }, unary(bits)),
  ...rows({ and, or, xor: t.xor }, binary(bits)),
  ...rows(
    { shiftLeft: t.shiftLeft, shiftRight: t.shiftRight },
    binary(x => signed(bits(x)))
  ),
  ...rows({ eq, ne, lt, le, gt, ge }, binary(same)),
  cast: ({ x, nat }) => t.cast(x, dtypes[nat(0, dtypes.length)] ?? "f32"),
  where: draw => {
    const y = partner(draw, draw.x)
    return t.where(lt(draw.x, y), y, draw.x)
  },
  clamp: ({ x }) => t.clamp(numeric(x), 0, 1),
  ...rows({ sum: t.sum, prod: t.prod }, f => along(f, numeric)),
  ...rows({ max: t.max, min: t.min }, f => along(f, same)),
  ...rows({ mean: t.mean, variance: t.variance, norm: t.norm, logSumExp: t.logSumExp }, f => along(f, float)),
  ...rows({ median: t.median, quantile }, f => along(f, float)),
  ...rows({ all: t.all, any: t.any }, f => along(f, bool)),
  ...rows({ argMax, argMin, argSort, sort }, f => alongOne(f)),
  ...rows({ softmax, logSoftmax }, f => alongOne(f, float)),
  cumSum: alongOne((x, axis, nat) => cumSum(x, { axis, reverse: nat(1, 2) === 1 }), numeric),
  accumulate: alongOne((x, axis, nat) => accumulated[nat(2, 3)]?.(x, { axis, reverse: nat(1, 2) === 1 }) ?? x, numeric),
  topK: alongOne((x, axis, nat) => t.topK(x, nat(1, 1 + (x.shape[axis] ?? 0)), axis)[0]),
  topKIndices: alongOne((x, axis, nat) => t.topK(x, nat(1, 1 + (x.shape[axis] ?? 0)), axis)[1]),
  trace: draw => (draw.x.shape.length < 2 ? undefined : t.trace(numeric(draw.x), draw.nat(0, 3) - 1, -1, 0)),
  ...movement,
  matmul: draw => {
    const x = numeric(draw.x)
    return x.shape.length === 0 ? undefined : t.matmul(x, factorOf(draw, x))
  },
  outer: draw => {
    const x = numeric(draw.x)
    return t.outer(x, partner(draw, x))
  },
  einsum: draw => {
    const x = numeric(draw.x)
    return x.shape.length === 2 ? t.einsum("ij,jk->ki", x, factorOf(draw, x)) : undefined
  },
  ...matrixOperations(withinOne),
  conv: draw => convolution({ ...draw, x: float(draw.x) }, same)?.(),
  maxPool: draw => pooling(draw, t.maxPool, numeric(draw.x)),
  sumPool: draw => pooling(draw, t.sumPool, numeric(draw.x)),
  averagePool: draw => pooling(draw, t.averagePool, float(draw.x)),
  scatterAdd: draw => {
    const x = numeric(draw.x)
    const [size = 0] = x.shape
    if (x.shape.length === 0) return undefined
    return t.scatterAdd(x, t.rem(t.iota([size], 0), Math.max(1, Math.ceil(size / 2))), x)
  },
  scatterSet: ({ x }) => {
    const [size = 0] = x.shape
    if (x.shape.length === 0) return undefined
    return t.scatterSet(x, t.rem(t.iota([size], 0), Math.max(1, Math.ceil(size / 2))), t.flip(x, 0))
  },
  oneHot: ({ x }) => t.oneHot(bits(numeric(x)), 3),
  scan: loop,
  whileLoop: repeated,
  cond: chosen,
  grad: slope,
  stopGradient: ({ x }) => t.stopGradient(x),
  uniform: ({ x, nat }) => {
    const own = isEmpty(x) ? key(nat(0, 9)) : foldIn(key(nat(0, 9)), t.cast(t.at(t.flatten(x), 0), "i32"))
    return add(float(x), t.cast(uniform(own, x.shape), float(x).dtype))
  },
  fit: ({ x, nat }) => draws.fit(x, [1 + nat(0, 3), 1 + nat(1, 2)])
}
