import { abs, add, div, floor, mul, rem, round, sign, sub } from "../dataflow/arithmetic.js"
import { checkTensor } from "../dataflow/check.js"
import { cast, stopGradient } from "../dataflow/elementwise.js"
import { exp2 } from "../dataflow/exponential.js"
import { powerOfTwoAt, transposed } from "../dataflow/factor.js"
import { and, eq, gt, where } from "../dataflow/logic.js"
import { diagonal, eye } from "../dataflow/matrix.js"
import type { Failing, Tensor } from "../dataflow/primitive.js"
import { max, prod, sum } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { iota } from "../dataflow/sequence.js"
import { broadcastTo, expandDims } from "../dataflow/structure.js"
import { log } from "../dataflow/transcendental.js"
import { customVjp, vjp } from "../autodiff/index.js"
import { failing, type FailureOptions } from "./failure.js"
import { eliminated, substituted, type Eliminated } from "./lu.js"
import { inverseFor } from "./solve.js"

const pivotsOf = ({ packed }: Eliminated): Tensor => diagonal(packed, 0, -2, -1)

/** 1 for an order that takes an even number of exchanges, -1 for an odd one: by the pairs that stand the other way round. */
const parity = (order: Tensor): Tensor => {
  const n = order.shape.at(-1) ?? 0
  const isBefore = gt(iota([n, n], 0), iota([n, n], 1))
  const isTurned = and(isBefore, gt(expandDims(order, -2), expandDims(order, -1)))
  return sub(1, mul(2, rem(sum(cast(isTurned, "i32"), { axes: [-2, -1] }), 2)))
}

/**
 * The product of pivots with the sign of their order, as three factors in f64 that are large or small together: that of
 * the pivots in units of powers of two (about 1), and that of the powers, in halves.
 */
const product = (pivots: Tensor, order: Tensor): readonly Tensor[] => {
  const own = cast(pivots, "f64")
  const unit = powerOfTwoAt(mul(abs(own), Math.SQRT1_2))
  const inUnits = mul(div(own, unit), 0.5) // from 1/√2 to √2, so that many of them stay about 1
  const exponent = sum(add(round(mul(Math.LOG2E, log(unit))), 1), { axes: -1 })
  const half = floor(mul(exponent, 0.5))
  const signed = mul(prod(inUnits, { axes: -1 }), cast(parity(order), "f64"))
  return [signed, exp2(half), exp2(sub(exponent, half))]
}

/** Each matrix times a product: factor by factor, so that only a result is too large or too small. */
const times = (factors: readonly Tensor[], x: Tensor): Tensor =>
  factors.reduce((all, s) => mul(all, expandDims(expandDims(s, -1), -1)), x)

/** `det(A)·A⁻ᵀ` of invertible matrices. */
const scaledInverse = (a: Tensor, how: Failing): Tensor => {
  const { packed, order } = eliminated(a, how)
  return times(product(pivotsOf({ packed, order }), order), transposed(inverseFor(a, how)))
}

/**
 * The cofactors of any matrix, of f64. These are polynomials in `L` and `U`, so that a pivot of 0 may be replaced by one that
 * is 0 but for rounding in `det(A)·A⁻ᵀ`: what grows in the inverse shrinks in the determinant.
 */
const polynomial = (a: Tensor, how: Failing): Tensor => {
  const n = a.shape.at(-1) ?? 0
  if (n === 0) return a
  const { packed, order } = eliminated(a, how)
  const most = max(abs(packed), { axes: [-2, -1] })
  const tiny = expandDims(where(eq(most, 0), 2 ** -1000, mul(most, 2 ** -53)), -1)
  const pivots = pivotsOf({ packed, order })
  const moved = where(eq(pivots, 0), tiny, pivots)
  const ones = eye(n, undefined, "f64")
  const own = where(eq(ones, 1), expandDims(moved, -1), packed)
  return times(product(moved, order), substituted({ packed: own, order }, broadcastTo(ones, a.shape), how, true))
}

/** The cofactors, whose derivative exists where the matrix is invertible. */
const cofactors = (how: Failing): ((a: Tensor) => Tensor) =>
  customVjp(
    (a: Tensor) => [polynomial(a, how), a] as const,
    (a, ct) => [vjp((x: Tensor) => scaledInverse(x, how))(a)[1](ct)] as const
  )

/**
 * Computes determinants, by elimination.
 *
 * Shape: `[..., n, n] → [...]`, of `f32` or `f64` (else a `ShapeError` or `DTypeError`); that of no rows is 1. Pivots are
 * multiplied in f64 as mantissas and exponents, so that no product on the way overflows or vanishes where the determinant
 * (or a cofactor) does not: one that leaves the dtype itself is for `logDeterminant`.
 *
 * The derivative, the cofactors, is right for every matrix, singular ones included; the second derivative of one that is
 * singular is a `MatrixError`.
 *
 * Law: `det(A·B) ≡ det(A)·det(B)`. Source: `numpy.linalg.det`.
 *
 * @example
 * import assert from "node:assert"
 * import { determinant, grad, item, tensor, toArray } from "thalweg"
 *
 * const a = tensor([[1, 2], [2, 4]])
 * assert.strictEqual(item(determinant(a)), 0)
 * assert.deepStrictEqual(toArray(grad(determinant)(a)), [[4, -2], [-2, 1]])
 */
export const determinant = (a: Tensor): Tensor => {
  const how = { operation: "determinant", onFailure: "throw" } as const
  const square = shapes.squares("determinant", checkTensor("determinant", a))
  return customVjp(
    (x: Tensor) => {
      const factors = eliminated(x, how)
      const value = product(pivotsOf(factors), factors.order).reduce(mul)
      return [cast(add(value, 0), x.dtype), x] as const // never -0
    },
    (x, ct) => [mul(expandDims(expandDims(ct, -1), -1), cast(cofactors(how)(cast(x, "f64")), x.dtype))] as const
  )(square)
}

/** The sign of a determinant and the logarithm of its absolute value. */
export interface LogDeterminant {
  /** 1, -1, or 0 of a singular matrix. Nothing is differentiated by it. */
  readonly sign: Tensor
  /** `-Infinity` of a singular matrix. */
  readonly logAbs: Tensor
}

/**
 * Computes determinants as `sign · exp(logAbs)`, by elimination: those of large matrices leave every dtype.
 *
 * Shapes: `[..., n, n] → [...]` each, of `f32` or `f64` (else a `ShapeError` or `DTypeError`). A singular matrix has the sign 0
 * and the logarithm `-Infinity`; a derivative there is a `MatrixError`, or NaN, if `FailureOptions` say so. For a positive
 * definite matrix twice the sum of the logarithms of the diagonal of `cholesky` is the same, in half the time.
 *
 * Law: `sign · exp(logAbs) ≡ determinant(A)`. Source: `numpy.linalg.slogdet`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, logDeterminant, eye, mul, neg } from "thalweg"
 *
 * const { sign, logAbs } = logDeterminant(mul(neg(eye(501)), 4))
 * assert.strictEqual(item(sign), -1)
 * assert.ok(Math.abs(item(logAbs) - 501 * Math.log(4)) < 1e-3)
 */
export const logDeterminant = (a: Tensor, options: FailureOptions = {}): LogDeterminant => {
  const how = failing("logDeterminant", options)
  const factors = eliminated(shapes.squares("logDeterminant", checkTensor("logDeterminant", a)), how)
  const pivots = pivotsOf(factors)
  const signs = prod(sign(stopGradient(pivots)), { axes: -1 })
  return {
    sign: mul(signs, cast(parity(factors.order), a.dtype)),
    logAbs: sum(log(abs(pivots)), { axes: -1 })
  }
}
