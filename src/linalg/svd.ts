import { checkTensor } from "../dataflow/check.js"
import { factor, unpacked } from "../dataflow/factor.js"
import type { Tensor } from "../dataflow/primitive.js"

/** What `svd` gives; `k` is the smaller of `m` and `n`. */
export interface SingularValues {
  /** `[..., m, k]`: orthonormal left singular vectors as columns. */
  readonly u: Tensor
  /** `[..., k]`: the singular values, descending, none negative. */
  readonly s: Tensor
  /** `[..., n, k]`: orthonormal right singular vectors as columns (numpy gives them as rows). */
  readonly v: Tensor
}

/**
 * Computes singular values and vectors: `A = U·diag(s)·Vᵀ`.
 *
 * Shape: `a` is `[..., m, n]` of `f32` or `f64` (else a `ShapeError` or `DTypeError`). Of each column of `U` the first component that
 * is at least half as large as the largest is positive. Computed in f64, rounded once; singular values are exact but for
 * the rounding of the largest. Also of matrices without full rank all vectors are orthonormal.
 *
 * **Where singular values are equal, or 0**, vectors are any basis of their space. What is said of `eigh` holds: a function of
 * the singular values alone that treats equal ones alike has its exact derivative; what depends on the vectors there has
 * none, and is NaN, as are second derivatives, but in directions that do not mix equal ones. (`pinv` and `lstsq` have derivatives of their own, which do not mind.)
 *
 * Laws: `U·diag(s)·Vᵀ ≡ A`, `Uᵀ·U ≡ I`, `Vᵀ·V ≡ I`. Source: `numpy.linalg.svd` without full matrices; the derivative: Giles 2008,
 * 3.2.
 *
 * @example
 * import assert from "node:assert"
 * import { svd, tensor, toArray } from "thalweg"
 *
 * const { u, s, v } = svd(tensor([[0, 2], [0, 0], [3, 0]]))
 * assert.deepStrictEqual(toArray(s), [3, 2])
 * assert.deepStrictEqual(toArray(u), [[0, 1], [0, 0], [1, 0]])
 * assert.deepStrictEqual(toArray(v), [[1, 0], [0, 1]])
 */
export const svd = (a: Tensor): SingularValues => {
  const packed = factor("svd", checkTensor("svd", a), { operation: "svd", onFailure: "throw" })
  const [u, s, v] = unpacked("svd", packed, a.shape) as [Tensor, Tensor, Tensor]
  return { u, s, v }
}
