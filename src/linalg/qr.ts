import { checkTensor } from "../dataflow/check.js"
import { factor, unpacked } from "../dataflow/factor.js"
import type { Tensor } from "../dataflow/primitive.js"

/** What `qr` gives. */
export interface QrFactors {
  /** `[..., m, min(m, n)]`: orthonormal columns. */
  readonly q: Tensor
  /** `[..., min(m, n), n]`: an upper triangle, whose diagonal is not negative. */
  readonly r: Tensor
}

/**
 * Factorizes matrices as `A = Q·R` with orthonormal columns `Q` and an upper triangle `R`, by Householder's reflections.
 *
 * Shape: `a` is `[..., m, n]` of `f32` or `f64` (else a `ShapeError` or `DTypeError`). The diagonal of `R` is not negative, so that
 * the factors of a matrix of full rank are the only ones (LAPACK leaves the signs open). Computed in f64, rounded once.
 *
 * A derivative exists where the leading square block of `R` is invertible; elsewhere it is a `MatrixError`.
 *
 * Laws: `Q·R ≡ A`, `Qᵀ·Q ≡ I`. Source: `numpy.linalg.qr`; the derivative: Seeger et al. 2017 (arXiv 1710.08717).
 *
 * @example
 * import assert from "node:assert"
 * import { qr, tensor, toArray } from "thalweg"
 *
 * const { q, r } = qr(tensor([[0, 2], [3, 4]]))
 * assert.deepStrictEqual(toArray(q), [[0, 1], [1, 0]])
 * assert.deepStrictEqual(toArray(r), [[3, 4], [0, 2]])
 */
export const qr = (a: Tensor): QrFactors => {
  const packed = factor("qr", checkTensor("qr", a), { operation: "qr", onFailure: "throw" })
  const [q, r] = unpacked("qr", packed, a.shape) as [Tensor, Tensor]
  return { q, r }
}
