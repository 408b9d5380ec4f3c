import { checkTensor } from "../dataflow/check.js"
import { factor, unpacked } from "../dataflow/factor.js"
import type { Tensor } from "../dataflow/primitive.js"
import { failing, type FailureOptions } from "./failure.js"

/**
 * Factorizes symmetric positive definite matrices: `A = L·Lᵀ` with a lower triangle `L` of positive diagonal.
 *
 * Shape: that of `a`, whose last two axes are square matrices of `f32` or `f64` (else a `ShapeError` or `DTypeError`). What is
 * read is `(A + Aᵀ)/2`, as in jax, so that the derivative is symmetric. Computed in f64, rounded once.
 *
 * A matrix that is not positive definite is a `MatrixError`, or NaN: see `FailureOptions`.
 *
 * Law: `L·Lᵀ ≡ A`. Derivative: Murray 2016 (arXiv 1602.07527), for every positive definite matrix.
 *
 * @example
 * import assert from "node:assert"
 * import { cholesky, isNaN, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(cholesky(tensor([[4, 2], [2, 5]]))), [[2, 0], [1, 2]])
 *
 * const saddle = tensor([[1, 2], [2, 1]])
 * assert.throws(() => toArray(cholesky(saddle)), {
 *   message: "cholesky: expected a positive definite matrix; got -3 as pivot 1"
 * })
 * assert.deepStrictEqual(toArray(isNaN(cholesky(saddle, { onFailure: "nan" }))), [[true, true], [true, true]])
 */
export const cholesky = (a: Tensor, options: FailureOptions = {}): Tensor => {
  const how = failing("cholesky", options)
  return unpacked("cholesky", factor("cholesky", checkTensor("cholesky", a), how), a.shape)[0] as Tensor
}
