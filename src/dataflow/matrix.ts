import { checkInteger, rankOf } from "./check.js"
import { add } from "./arithmetic.js"
import { iota } from "./sequence.js"
import { scalar } from "./create.js"
import { cast } from "./elementwise.js"
import { fail } from "./error.js"
import { eq, ge, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { checkShape, showShape } from "./shape.js"

/**
 * Makes an identity matrix, by default `f32`; with `columns`, a rectangular one: 1 where row and column agree, 0
 * elsewhere.
 *
 * @example
 * import assert from "node:assert"
 * import { eye, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(eye(2)), [[1, 0], [0, 1]])
 * assert.deepStrictEqual(toArray(eye(2, 3)), [[1, 0, 0], [0, 1, 0]])
 */
export const eye = (rows: number, columns = rows, dtype: Tensor["dtype"] = "f32"): Tensor => {
  const shape = checkShape("eye", [rows, columns])
  return cast(eq(iota(shape, 0), iota(shape, 1)), dtype)
}

const band = (operation: string, x: Tensor, keep: (row: Tensor, column: Tensor) => Tensor): Tensor => {
  if (rankOf(operation, x) < 2) fail("ShapeError", operation, "a matrix or a batch of matrices", showShape(x.shape))
  const square = x.shape.slice(-2)
  return where(keep(iota(square, 0), iota(square, 1)), x, scalar(0, x.dtype))
}

/**
 * Keeps the lower triangle of each matrix, up to the `k`-th diagonal above the main one, and puts 0 elsewhere.
 *
 * Shape: that of `x`, whose last two axes are the matrices (a `ShapeError` if there are fewer).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, tril } from "thalweg"
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
 * assert.deepStrictEqual(toArray(tril(x)), [[1, 0, 0], [4, 5, 0], [7, 8, 9]])
 * assert.deepStrictEqual(toArray(tril(x, -1)), [[0, 0, 0], [4, 0, 0], [7, 8, 0]])
 */
export const tril = (x: Tensor, k = 0): Tensor => {
  checkInteger("tril", "a diagonal", k)
  return band("tril", x, (row, column) => ge(add(row, k), column))
}

/**
 * Keeps the upper triangle of each matrix, from the `k`-th diagonal above the main one on, and puts 0 elsewhere.
 *
 * Shape: that of `x`, whose last two axes are the matrices (a `ShapeError` if there are fewer).
 *
 * Law: `x ≡ tril(x, k) + triu(x, k + 1)`, where `x` is finite.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, triu } from "thalweg"
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
 * assert.deepStrictEqual(toArray(triu(x, 1)), [[0, 2, 3], [0, 0, 6], [0, 0, 0]])
 */
export const triu = (x: Tensor, k = 0): Tensor => {
  checkInteger("triu", "a diagonal", k)
  return band("triu", x, (row, column) => ge(column, add(row, k)))
}
