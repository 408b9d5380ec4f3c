import { add } from "../dataflow/arithmetic.js"
import { checkTensor } from "../dataflow/check.js"
import { cast, stopGradient } from "../dataflow/elementwise.js"
import { factor, triangular, unpacked } from "../dataflow/factor.js"
import { eye, tril, triu } from "../dataflow/matrix.js"
import type { Failing, Tensor } from "../dataflow/primitive.js"
import { argSort } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { sliceAxis } from "../dataflow/slice.js"
import { apply } from "../dataflow/tensor.js"

/** `A[p] = L·U`: both triangles in one matrix, and the order of rows. */
export interface Eliminated {
  readonly packed: Tensor
  readonly order: Tensor
}

export const eliminated = (a: Tensor, how: Failing): Eliminated => {
  const [packed, order] = unpacked("lu", factor("lu", a, how), a.shape) as [Tensor, Tensor]
  return { packed, order: cast(stopGradient(order), "i32") }
}

/** The rows of each matrix at these places. */
const rowsAt = (x: Tensor, places: Tensor): Tensor => {
  const batch = x.shape.length - 2
  return apply(shapes.gather, { kind: "gather", axis: batch, batch }, [x, places])
}

/** `A⁻¹·b`, or `A⁻ᵀ·b`, of matrices that are factorized. */
export const substituted = ({ packed, order }: Eliminated, b: Tensor, how: Failing, transposed: boolean): Tensor => {
  const l = { lower: true, transposed, unitDiagonal: true }
  const u = { lower: false, transposed, unitDiagonal: false }
  return transposed
    ? rowsAt(triangular(packed, triangular(packed, b, u, how), l, how), argSort(order))
    : triangular(packed, triangular(packed, rowsAt(b, order), l, how), u, how)
}

/** What `lu` gives. */
export interface LuFactors {
  /** `i32`, `[..., m]`: the row of `A` that stands at each place of `L·U`. */
  readonly permutation: Tensor
  /** `[..., m, min(m, n)]`, with ones on the diagonal and nothing larger than 1 below. */
  readonly lower: Tensor
  /** `[..., min(m, n), n]`. */
  readonly upper: Tensor
}

/**
 * Factorizes matrices by elimination with partial pivoting: `take(A, permutation) = L·U` with a unit lower triangle `L` and
 * an upper triangle `U`.
 *
 * Shape: `a` is `[..., m, n]` of `f32` or `f64` (else a `ShapeError` or `DTypeError`). Computed in f64, rounded once.
 *
 * Every matrix has factors; of a singular one, `U` has a 0 on the diagonal. A derivative exists only where the leading
 * square block of `take(A, permutation)` is invertible; elsewhere it is a `MatrixError`. The order of rows is held.
 *
 * Law: `L·U ≡ take(A, permutation)`. Source: `scipy.linalg.lu` with `p_indices`; jax for the derivative.
 *
 * @example
 * import assert from "node:assert"
 * import { lu, tensor, toArray } from "thalweg"
 *
 * const { permutation, lower, upper } = lu(tensor([[1, 2], [2, 8]]))
 * assert.deepStrictEqual(toArray(permutation), [1, 0])
 * assert.deepStrictEqual(toArray(lower), [[1, 0], [0.5, 1]])
 * assert.deepStrictEqual(toArray(upper), [[2, 8], [0, -2]])
 */
export const lu = (a: Tensor): LuFactors => {
  const { packed, order } = eliminated(checkTensor("lu", a), { operation: "lu", onFailure: "throw" })
  const [rows = 0, columns = 0] = packed.shape.slice(-2)
  const rank = Math.min(rows, columns)
  return {
    permutation: order,
    lower: add(tril(sliceAxis(packed, -1, 0, rank), -1), eye(rows, rank, a.dtype)),
    upper: triu(sliceAxis(packed, -2, 0, rank))
  }
}
