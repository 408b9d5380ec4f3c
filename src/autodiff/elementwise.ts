import { abs, add, div, maximum, mul, neg, pow, sign, square, sub } from "../dataflow/arithmetic.js"
import { and, eq, isFinite, ne, where } from "../dataflow/logic.js"
import type { BinaryFn, Tensor, UnaryFn } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { trunc } from "../dataflow/remainder.js"
import { range, sameShape, type Shape } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { cos, exp, log, sin } from "../dataflow/transcendental.js"

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI)

/** The adjoint of broadcasting: sums what was repeated. */
export const sumTo = (x: Tensor, shape: Shape): Tensor => {
  if (sameShape(x.shape, shape)) return x
  const lead = x.shape.length - shape.length
  const repeated = range(x.shape.length).filter(
    axis => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1)
  )
  return reshape(sum(x, { axes: repeated }), shape)
}

type UnaryRule = (ct: Tensor, x: Tensor, y: Tensor) => Tensor

/** The cotangent of `x` for `y = f(x)`; `undefined` where the derivative is 0 or there is none. */
export const unaryRules: Record<UnaryFn, UnaryRule | undefined> = {
  neg: ct => neg(ct),
  abs: (ct, x) => mul(ct, sign(x)),
  sign: undefined,
  floor: undefined,
  ceil: undefined,
  round: undefined,
  not: undefined,
  sqrt: (ct, _, y) => div(ct, mul(2, y)),
  exp: (ct, _, y) => mul(ct, y),
  expm1: (ct, _, y) => mul(ct, add(y, 1)),
  log: (ct, x) => div(ct, x),
  log1p: (ct, x) => div(ct, add(x, 1)),
  sin: (ct, x) => mul(ct, cos(x)),
  cos: (ct, x) => neg(mul(ct, sin(x))),
  atan: (ct, x) => {
    const m = maximum(abs(x), 1)
    return div(div(ct, m), add(mul(abs(x), div(abs(x), m)), div(1, m))) // 1 + x² is m times the latter
  },
  tanh: (ct, _, y) => mul(ct, sub(1, square(y))),
  sigmoid: (ct, _, y) => mul(ct, mul(y, sub(1, y))),
  erf: (ct, x) => mul(ct, mul(TWO_OVER_SQRT_PI, exp(neg(square(x))))),
  erfInv: (ct, _, y) => div(mul(ct, exp(square(y))), TWO_OVER_SQRT_PI)
}

type BinarySide = (ct: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor

/** All of the cotangent where one argument wins, half of it where they tie. */
const shareOfWinner = (ct: Tensor, winner: Tensor, other: Tensor, y: Tensor): Tensor =>
  where(eq(winner, y), where(eq(other, y), mul(ct, 0.5), ct), 0)

/** `log a`, but 0 where `a` is 0, so that `0^b` has the derivative 0 by `b`. */
const logOrZero = (a: Tensor): Tensor => where(eq(a, 0), 0, log(where(eq(a, 0), 1, a)))

/** `ct · x / (x² + y²)`, of which no square leaves the dtype. */
const acrossCircle = (ct: Tensor, x: Tensor, y: Tensor): Tensor => {
  const larger = maximum(abs(x), abs(y))
  const r = where(and(isFinite(larger), ne(larger, 0)), larger, 1)
  const [p, q] = [div(x, r), div(y, r)]
  return div(div(mul(ct, p), add(square(p), square(q))), r)
}

/** The cotangents of `a` and `b` for `y = f(a, b)`, before what was broadcast is summed. */
export const binaryRules: Record<BinaryFn, readonly [BinarySide, BinarySide] | undefined> = {
  add: [ct => ct, ct => ct],
  sub: [ct => ct, ct => neg(ct)],
  mul: [(ct, _, b) => mul(ct, b), (ct, a) => mul(ct, a)],
  div: [(ct, _, b) => div(ct, b), (ct, _, b, y) => neg(div(mul(ct, y), b))],
  rem: [ct => ct, (ct, a, b) => neg(mul(ct, trunc(div(a, b))))],
  pow: [
    (ct, a, b) => {
      const both = and(eq(a, 0), eq(b, 0))
      return mul(ct, where(both, 0, mul(b, pow(a, where(both, 1, sub(b, 1))))))
    },
    (ct, a, _, y) => mul(ct, mul(y, logOrZero(a)))
  ],
  atan2: [(ct, a, b) => acrossCircle(ct, b, a), (ct, a, b) => neg(acrossCircle(ct, a, b))],
  max: [(ct, a, b, y) => shareOfWinner(ct, a, b, y), (ct, a, b, y) => shareOfWinner(ct, b, a, y)],
  min: [(ct, a, b, y) => shareOfWinner(ct, a, b, y), (ct, a, b, y) => shareOfWinner(ct, b, a, y)],
  and: undefined,
  or: undefined,
  xor: undefined,
  shiftLeft: undefined,
  shiftRight: undefined
}
