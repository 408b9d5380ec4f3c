import { checkInteger, rankOf } from "./check.js"
import { add } from "./arithmetic.js"
import { iota } from "./sequence.js"
import { scalar } from "./create.js"
import { cast } from "./elementwise.js"
import { fail } from "./error.js"
import { eq, ge, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { sum } from "./reduce.js"
import { checkShape, normalizeAxis, range, showShape } from "./shape.js"
import { slice } from "./slice.js"
import { reshape, transpose } from "./structure.js"

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

/** Two axes of a tensor, which differ. */
const planeOf = (operation: string, x: Tensor, axes: readonly [number, number]): readonly [number, number] => {
  const rank = rankOf(operation, x)
  const [i, j] = axes.map(axis => normalizeAxis(operation, axis, rank)) as [number, number]
  return i === j ? fail("AxisError", operation, "two axes that differ", showShape(axes)) : [i, j]
}

const diagonalOf = (operation: string, x: Tensor, offset: number, axes: readonly [number, number]): Tensor => {
  const [i, j] = planeOf(operation, x, axes)
  checkInteger(operation, "a diagonal", offset)
  const kept = range(x.shape.length).filter(axis => axis !== i && axis !== j)
  const [rows, columns] = [x.shape[i] ?? 0, x.shape[j] ?? 0]
  const flat = reshape(transpose(x, [...kept, i, j]), [...kept.map(axis => x.shape[axis] ?? 0), rows * columns])
  const [row, column] = [Math.max(0, -offset), Math.max(0, offset)]
  const length = Math.max(0, Math.min(rows - row, columns - column))
  const start = length === 0 ? 0 : row * columns + column
  const stop = length === 0 ? 0 : start + (length - 1) * (columns + 1) + 1
  const last = (value: number, other: (axis: number) => number) => [...kept.map(other), value]
  return slice(flat, {
    start: last(start, () => 0),
    stop: last(stop, axis => x.shape[axis] ?? 0),
    step: last(columns + 1, () => 1)
  })
}

/**
 * Takes the diagonal of matrices, the `offset`-th above the main one (below, if negative), as a new last axis.
 *
 * Shape: that of `x` without the axes of the matrices (the first two, by default), then the length of the diagonal. An
 * axis that `x` does not have, or the same one twice, is an `AxisError`.
 *
 * Source: `jax.numpy.diagonal`.
 *
 * @example
 * import assert from "node:assert"
 * import { diagonal, tensor, toArray, zeros } from "thalweg"
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * assert.deepStrictEqual(toArray(diagonal(x)), [1, 5])
 * assert.deepStrictEqual(toArray(diagonal(x, 1)), [2, 6])
 * assert.deepStrictEqual(diagonal(zeros([5, 3, 3]), 0, -2, -1).shape, [5, 3])
 */
export const diagonal = (x: Tensor, offset = 0, axis1 = 0, axis2 = 1): Tensor =>
  diagonalOf("diagonal", x, offset, [axis1, axis2])

/**
 * Sums the diagonal of matrices, the `offset`-th above the main one. `bool` is a `DTypeError`.
 *
 * Shape: that of `x` without the axes of the matrices (the first two, by default). Errors as of `diagonal`.
 *
 * Law: `trace(a · b) ≡ trace(b · a)`, but for rounding. Source: `jax.numpy.trace`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor, trace } from "thalweg"
 *
 * assert.strictEqual(item(trace(tensor([[1, 2], [3, 4]]))), 5)
 */
export const trace = (x: Tensor, offset = 0, axis1 = 0, axis2 = 1): Tensor =>
  sum(diagonalOf("trace", x, offset, [axis1, axis2]), { axes: -1 })
