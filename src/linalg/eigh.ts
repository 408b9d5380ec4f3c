import { checkTensor } from "../dataflow/check.js"
import { factor, unpacked } from "../dataflow/factor.js"
import type { Tensor } from "../dataflow/primitive.js"

/** What `eigh` gives. */
export interface Eigen {
  /** `[..., n]`: the eigenvalues, ascending. */
  readonly values: Tensor
  /** `[..., n, n]`: an orthonormal eigenvector of each as a column. */
  readonly vectors: Tensor
}

/**
 * Computes eigenvalues and eigenvectors of symmetric matrices: `A = V·diag(λ)·Vᵀ`.
 *
 * Shape: `a` is `[..., n, n]` of `f32` or `f64` (else a `ShapeError` or `DTypeError`). What is read is `(A + Aᵀ)/2`, as in jax, so that
 * the derivative is symmetric. Of each vector the first component that is at least half as large as the largest is
 * positive. Computed in f64, rounded once; eigenvalues are exact but for the rounding of the largest.
 *
 * **Where eigenvalues are equal**, the eigenvectors are any basis of their space. What depends on the eigenvalues
 * alone, and on equal ones alike (their sum, any function of each summed up), has its exact derivative there; of one among
 * equal ones it is that along the basis. What depends on the vectors has none, and what is differentiated through them is
 * NaN, forward and in reverse; so are second derivatives of the eigenvalues, since the first are made of vectors. Only in a
 * direction that does not mix equal eigenvalues (`vᵢᵀ·Ȧ·vⱼ = 0` to the last bit) is a derivative that along the basis. Near
 * such places derivatives by vectors grow as one over the difference.
 *
 * Laws: `V·diag(λ)·Vᵀ ≡ A`, `Vᵀ·V ≡ I`. Source: `numpy.linalg.eigh`; the derivative: Giles 2008, 3.1.
 *
 * @example
 * import assert from "node:assert"
 * import { eigh, tensor, toArray } from "thalweg"
 *
 * const { values, vectors } = eigh(tensor([[3, 0], [0, -1]]))
 * assert.deepStrictEqual(toArray(values), [-1, 3])
 * assert.deepStrictEqual(toArray(vectors), [[0, 1], [1, 0]])
 */
export const eigh = (a: Tensor): Eigen => {
  const packed = factor("eigh", checkTensor("eigh", a), { operation: "eigh", onFailure: "throw" })
  const [values, vectors] = unpacked("eigh", packed, a.shape) as [Tensor, Tensor]
  return { values, vectors }
}
