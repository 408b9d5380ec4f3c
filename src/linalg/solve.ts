import { neg } from "../dataflow/arithmetic.js"
import { checkTensor } from "../dataflow/check.js"
import { matmul } from "../dataflow/contract.js"
import { transposed } from "../dataflow/factor.js"
import { eye } from "../dataflow/matrix.js"
import type { Failing, Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { broadcastTo } from "../dataflow/structure.js"
import { customVjp } from "../autodiff/index.js"
import { failing, type FailureOptions } from "./failure.js"
import { eliminated, substituted } from "./lu.js"
import { systemOf } from "./system.js"

/** `A⁻¹·b`. Its derivative needs no more than to solve once more: `b̄ = A⁻ᵀ·x̄`, `Ā = -b̄·xᵀ`. */
const solving = (how: Failing): ((a: Tensor, b: Tensor) => Tensor) =>
  customVjp(
    (a: Tensor, b: Tensor) => {
      const factors = eliminated(a, how)
      const x = substituted(factors, b, how, false)
      return [x, { ...factors, x }] as const
    },
    ({ x, ...factors }, ct) => {
      const bBar = substituted(factors, ct, how, true)
      return [neg(matmul(bBar, transposed(x))), bBar] as const
    }
  )

/**
 * Solves linear systems `A·x = b`, by elimination with partial pivoting.
 *
 * Shapes: `a` is `[..., n, n]`, `b` is `[..., n, k]` or one vector `[n]`; batch axes broadcast; `x` is as `b`. One dtype, `f32` or
 * `f64`, else a `DTypeError`; shapes that do not fit are a `ShapeError`.
 *
 * A singular matrix is a `MatrixError`, or NaN (see `FailureOptions`), if elimination comes to a pivot of exactly 0, as in
 * numpy. One that is singular but for rounding gives large numbers: the relative error is about the condition of the
 * matrix times the rounding of the dtype.
 *
 * Law: `A · solve(A, b) ≡ b`. Source: `numpy.linalg.solve`.
 *
 * @example
 * import assert from "node:assert"
 * import { solve, tensor, toArray } from "thalweg"
 *
 * const a = tensor([[2, 1], [1, 3]])
 * assert.deepStrictEqual(toArray(solve(a, tensor([4, 7]))), [1, 2])
 * assert.throws(() => toArray(solve(tensor([[1, 2], [2, 4]]), tensor([1, 2]))), {
 *   message: "solve: expected an invertible matrix; got 0 as pivot 1"
 * })
 */
export const solve = (a: Tensor, b: Tensor, options: FailureOptions = {}): Tensor =>
  solveFor(a, b, failing("solve", options))

/** `A⁻¹·b` for an operation that is made of it. */
export const solveFor = (a: Tensor, b: Tensor, how: Failing): Tensor => {
  const { operation } = how
  const system = systemOf(operation, shapes.squares(operation, checkTensor(operation, a)), b)
  return system.shaped(solving(how)(system.a, system.b))
}

/** `A⁻¹` for an operation that is made of it. */
export const inverseFor = (a: Tensor, how: Failing): Tensor => {
  const { shape, dtype } = shapes.squares(how.operation, checkTensor(how.operation, a))
  return solving(how)(a, broadcastTo(eye(shape.at(-1) ?? 0, undefined, dtype), shape))
}

/**
 * Inverts matrices. (To multiply by an inverse, `solve` is faster, and more exact.)
 *
 * Shape: that of `a`, `[..., n, n]` of `f32` or `f64`, else a `ShapeError` or `DTypeError`. A singular matrix is an error or
 * NaN as of `solve`.
 *
 * Law: `A · inverse(A) ≡ I`. Source: `numpy.linalg.inv`.
 *
 * @example
 * import assert from "node:assert"
 * import { inverse, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(inverse(tensor([[2, 0], [2, 4]]))), [[0.5, 0], [-0.25, 0.25]])
 */
export const inverse = (a: Tensor, options: FailureOptions = {}): Tensor => inverseFor(a, failing("inverse", options))
