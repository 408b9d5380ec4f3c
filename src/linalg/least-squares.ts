import { add, div, mul, neg, sub } from "../dataflow/arithmetic.js"
import { checkOptions, checkTensor } from "../dataflow/check.js"
import { matmul } from "../dataflow/contract.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { scaleOf, transposed } from "../dataflow/factor.js"
import { gt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { sliceAxis } from "../dataflow/slice.js"
import { expandDims } from "../dataflow/structure.js"
import { customVjp } from "../autodiff/index.js"
import { svd } from "./svd.js"
import { systemOf } from "./system.js"

/** Which singular values count. */
export interface RankOptions {
  /**
   * Singular values that are not larger than this times the largest are taken for 0: 0 or more. Default: the larger number of
   * rows and columns, times the rounding of the dtype (2⁻²³ of f32, 2⁻⁵² of f64), as in numpy.
   */
  readonly rcond?: number
}

const rcondOf = (operation: string, a: Tensor, options: RankOptions): number => {
  const rounding = a.dtype === "f32" ? 2 ** -23 : 2 ** -52
  const { rcond = Math.max(...a.shape.slice(-2)) * rounding } = checkOptions(operation, options, ["rcond"])
  return rcond >= 0 && rcond < Infinity
    ? rcond
    : fail("HyperparameterError", operation, "rcond to be a number from 0 on", describeValue(rcond))
}

/** `U`, `V`, and one over each singular value that counts, as a column. */
const reciprocals = (a: Tensor, rcond: number) => {
  const { u, s, v } = svd(a)
  const counts = gt(s, mul(sliceAxis(s, -1, 0, Math.min(1, s.shape.at(-1) ?? 0)), rcond))
  return { u, v, inverses: expandDims(where(counts, div(1, where(counts, s, 1)), 0), -1) }
}

const t = transposed

/** `X·Y·Z`, where `Y` is `[n, m]` and the others are `[m, n]`, by way of the smaller square. */
const product = (x: Tensor, y: Tensor, z: Tensor): Tensor => {
  const [rows = 0, columns = 0] = x.shape.slice(-2)
  return rows > columns ? matmul(x, matmul(y, z)) : matmul(matmul(x, y), z)
}

/** Its derivative where the rank stays as it is: Golub and Pereyra 1973, in `P` and `A` alone, of `A` in units of its `scaleOf`. */
const pseudoInverse = (rcond: number): ((a: Tensor) => Tensor) =>
  customVjp(
    (a: Tensor) => {
      const { u, v, inverses } = reciprocals(a, rcond)
      return [matmul(v, mul(inverses, t(u))), a] as const
    },
    (own, ownCt) => {
      const scale = scaleOf(own)
      const [a, ct] = [div(own, scale), div(ownCt, scale)]
      const p = pseudoInverse(rcond)(a)
      const [bar, pt] = [t(ct), t(p)]
      const outside = product(sub(bar, product(a, p, bar)), p, pt)
      const inside = product(pt, p, sub(bar, product(bar, p, a)))
      return [div(add(neg(product(pt, ct, pt)), add(outside, inside)), scale)] as const
    }
  )

/**
 * Inverts matrices as far as they can be (Moore and Penrose): `A⁺ = V·diag(1/s)·Uᵀ` over the singular values that count.
 *
 * Shape: `[..., m, n] → [..., n, m]`, of `f32` or `f64` (else a `ShapeError` or `DTypeError`).
 *
 * The derivative holds as long as the rank stays the same, whatever singular values are equal; where the rank changes, `A⁺`
 * jumps, and has none.
 *
 * Laws: `A·A⁺·A ≡ A`, `A⁺·A·A⁺ ≡ A⁺`. Source: `numpy.linalg.pinv`; the derivative: Golub and Pereyra 1973.
 *
 * @example
 * import assert from "node:assert"
 * import { pinv, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(pinv(tensor([[2, 0], [0, 0], [0, 0]]))), [[0.5, 0, 0], [0, 0, 0]])
 */
export const pinv = (a: Tensor, options: RankOptions = {}): Tensor => {
  shapes.matrices("pinv", checkTensor("pinv", a))
  return pseudoInverse(rcondOf("pinv", a, options))(a)
}

/** `x = A⁺·b`. With `y = A⁺ᵀ·x̄`: `b̄ = y`, `Ā = (b - A·x)·(A⁺·y)ᵀ - y·xᵀ + (A⁺ᵀ·x)·(x̄ - Aᵀ·y)ᵀ`. */
const leastSquares = (rcond: number): ((a: Tensor, b: Tensor) => Tensor) =>
  customVjp(
    (a: Tensor, b: Tensor) => {
      const { u, v, inverses } = reciprocals(a, rcond)
      return [matmul(v, mul(inverses, matmul(t(u), b))), { a, b }] as const
    },
    ({ a: own, b: right }, ct) => {
      const scale = scaleOf(own)
      const [a, b] = [div(own, scale), div(right, scale)]
      const p = pseudoInverse(rcond)(a)
      const x = matmul(p, b)
      const y = matmul(t(p), ct)
      const rest = matmul(sub(b, matmul(a, x)), t(matmul(p, y)))
      const free = matmul(matmul(t(p), x), t(sub(ct, matmul(t(a), y))))
      return [div(add(sub(rest, matmul(y, t(x))), free), scale), div(y, scale)] as const
    }
  )

/**
 * Solves `A·x ≈ b` by least squares: of all `x` with the least `|A·x - b|` the shortest.
 *
 * Shapes: `a` is `[..., m, n]`, `b` is `[..., m, k]` or one vector `[m]`; batch axes broadcast; `x` is `[..., n, k]` or `[n]`. One dtype,
 * `f32` or `f64`, else a `DTypeError`; shapes that do not fit are a `ShapeError`. The derivative is as of `pinv`.
 *
 * Law: `Aᵀ·(A · lstsq(A, b) - b) ≡ 0`. Source: `numpy.linalg.lstsq`.
 *
 * @example
 * import assert from "node:assert"
 * import { lstsq, tensor, toArray } from "thalweg"
 *
 * // the line 1 + 2·x through three points
 * const [intercept = 0, slope = 0] = toArray(lstsq(tensor([[1, 0], [1, 1], [1, 2]]), tensor([1, 3, 5]))) as number[]
 * assert.ok(Math.abs(intercept - 1) < 1e-5 && Math.abs(slope - 2) < 1e-5)
 */
export const lstsq = (a: Tensor, b: Tensor, options: RankOptions = {}): Tensor => {
  const system = systemOf("lstsq", a, b)
  return system.shaped(leastSquares(rcondOf("lstsq", a, options))(system.a, system.b))
}
