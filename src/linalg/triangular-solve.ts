import { checkFlag, checkOptions } from "../dataflow/check.js"
import { triangular } from "../dataflow/factor.js"
import type { Tensor } from "../dataflow/primitive.js"
import { failing, type FailureOptions } from "./failure.js"
import { systemOf } from "./system.js"

/** Which triangle is meant, and how it stands in the system. */
export interface TriangularOptions extends FailureOptions {
  /** Whether the lower triangle is read, not the upper one. Default no. */
  readonly lower?: boolean
  /** Whether the system is that of the transposed triangle. Default no. */
  readonly transpose?: boolean
  /** Whether the diagonal is ones, whatever stands there. Default no. */
  readonly unitDiagonal?: boolean
}

/**
 * Solves `T·x = b`, where `T` is the upper triangle of `a` (or the lower one, or transposed: see the options), by
 * substitution.
 *
 * Shapes: `a` is `[..., n, n]`, `b` is `[..., n, k]` or one vector `[n]`; batch axes broadcast; `x` is as `b`. One dtype, `f32` or
 * `f64`, else a `DTypeError`; shapes that do not fit are a `ShapeError`. Computed in f64, rounded once.
 *
 * A 0 on the diagonal is a `MatrixError`, or NaN: see `FailureOptions`.
 *
 * Law: `T · triangularSolve(T, b) ≡ b`. Source: `scipy.linalg.solve_triangular`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, triangularSolve } from "thalweg"
 *
 * const a = tensor([[2, 1], [7, 4]])
 * assert.deepStrictEqual(toArray(triangularSolve(a, tensor([4, 8]))), [1, 2])
 * assert.deepStrictEqual(toArray(triangularSolve(a, tensor([4, 22]), { lower: true })), [2, 2])
 */
export const triangularSolve = (a: Tensor, b: Tensor, options: TriangularOptions = {}): Tensor => {
  const name = "triangularSolve"
  const { lower, transpose, unitDiagonal, ...failure } = checkOptions(name, options, ["lower", "transpose", "unitDiagonal", "onFailure"]) // prettier-ignore
  const triangle = {
    lower: checkFlag(name, "lower", lower),
    transposed: checkFlag(name, "transpose", transpose),
    unitDiagonal: checkFlag(name, "unitDiagonal", unitDiagonal)
  }
  const system = systemOf(name, a, b)
  return system.shaped(triangular(system.a, system.b, triangle, failing(name, failure)))
}
