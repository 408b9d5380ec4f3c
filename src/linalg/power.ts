import { checkInteger, checkTensor } from "../dataflow/check.js"
import { matmul } from "../dataflow/contract.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import * as shapes from "../dataflow/rules.js"
import { broadcastTo } from "../dataflow/structure.js"
import { failing, type FailureOptions } from "./failure.js"
import { inverseFor } from "./solve.js"

/** By the squares that the binary digits of `n` ask for. */
const raised = (a: Tensor, n: number): Tensor => {
  if (n === 1) return a
  const half = raised(a, Math.floor(n / 2))
  const even = matmul(half, half)
  return n % 2 === 0 ? even : matmul(even, a)
}

/**
 * Raises matrices to a whole power: `Aⁿ`, by at most `2·log₂ n` products; `A⁰ = I`, and negative powers are those of the inverse.
 *
 * Shape: that of `a`, `[..., n, n]` of `f32` or `f64`, else a `ShapeError` or `DTypeError`; a power that is not whole is a `DataError`.
 * Singular matrices as of `inverse`, for negative powers.
 *
 * Law: `Aᵐ·Aⁿ ≡ Aᵐ⁺ⁿ`. Source: `numpy.linalg.matrix_power`.
 *
 * @example
 * import assert from "node:assert"
 * import { matrixPower, tensor, toArray } from "thalweg"
 *
 * const step = tensor([[1, 1], [1, 0]])
 * assert.deepStrictEqual(toArray(matrixPower(step, 10)), [[89, 55], [55, 34]])
 * assert.deepStrictEqual(toArray(matrixPower(step, -1)), [[0, 1], [1, -1]])
 */
export const matrixPower = (a: Tensor, n: number, options: FailureOptions = {}): Tensor => {
  const how = failing("matrixPower", options)
  const { shape, dtype } = shapes.squares("matrixPower", checkTensor("matrixPower", a))
  const power = checkInteger("matrixPower", "a power", n)
  if (power === 0) return broadcastTo(eye(shape.at(-1) ?? 0, undefined, dtype), shape)
  return raised(power < 0 ? inverseFor(a, how) : a, Math.abs(power))
}
