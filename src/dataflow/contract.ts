import { checkTensor } from "./check.js"
import { mul } from "./arithmetic.js"
import { fail } from "./error.js"
import type { DotAxes, Tensor } from "./primitive.js"
import { broadcastShapes, range, showShape } from "./shape.js"
import * as shapes from "./rules.js"
import { broadcastTo, expandDims, reshape } from "./structure.js"
import { apply } from "./tensor.js"

const showShapes = (a: Tensor, b: Tensor): string => `${showShape(a.shape)} and ${showShape(b.shape)}`

/** The batched dot product over chosen axes. Axes of the result: batch, then the rest of `a`, then the rest of `b`. */
export const dotGeneral = (a: Tensor, b: Tensor, axes: DotAxes): Tensor =>
  apply(shapes.dot, { kind: "dot", ...axes }, [a, b])

const product = (a: Tensor, b: Tensor): Tensor => {
  const batch = range(a.shape.length - 2)
  return dotGeneral(a, b, { batch: [batch, batch], contract: [[a.shape.length - 1], [b.shape.length - 2]] })
}

/**
 * Multiplies matrices: `y[i, j] = Σₖ a[i, k] · b[k, j]`, as NumPy's `@`.
 *
 * Shapes: `[m, k] · [k, n] → [m, n]`; leading batch axes broadcast; a vector on the left is a row, on the right a
 * column, and its axis disappears from the result. In f32 every product and sum is rounded: 256 products are added one
 * after the other, and then such sums, so that the error is at most `(256 + k/256)·2⁻²⁴·Σₖ|a[i, k]·b[k, j]|`.
 *
 * Throws a `ShapeError` when the inner sizes differ, the batch axes do not broadcast or a scalar comes, a `DTypeError`
 * for `bool` or two dtypes.
 *
 * @example
 * import assert from "node:assert"
 * import { eye, matmul, tensor, toArray, zeros } from "thalweg"
 *
 * const a = tensor([[1, 2], [3, 4]])
 * assert.deepStrictEqual(toArray(matmul(a, eye(2))), [[1, 2], [3, 4]])
 * assert.deepStrictEqual(toArray(matmul(a, tensor([10, 1]))), [12, 34])
 * assert.deepStrictEqual(matmul(zeros([5, 2, 3]), zeros([3, 4])).shape, [5, 2, 4])
 */
export const matmul = (a: Tensor, b: Tensor): Tensor => {
  shapes.productDType("matmul", checkTensor("matmul", a), checkTensor("matmul", b))
  if (a.shape.length === 0 || b.shape.length === 0)
    fail("ShapeError", "matmul", "vectors or matrices", showShapes(a, b))
  if (a.shape.length === 1) {
    const row = matmul(expandDims(a, 0), b)
    return reshape(row, b.shape.length === 1 ? [] : row.shape.toSpliced(-2, 1))
  }
  if (b.shape.length === 1) return reshape(matmul(a, expandDims(b, 1)), a.shape.slice(0, -1))
  if (a.shape.at(-1) !== b.shape.at(-2)) fail("ShapeError", "matmul", "inner sizes to agree", showShapes(a, b))
  if (a.shape.length === 2 && b.shape.length === 2) return product(a, b)
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2))
  const lead = (t: Tensor): Tensor => broadcastTo(t, [...batch, ...t.shape.slice(-2)])
  return product(lead(a), lead(b))
}

/**
 * Multiplies every element of `a` with every element of `b`: `y[i, j] = aᵢ · bⱼ`.
 *
 * Shape: that of `a` followed by that of `b`.
 *
 * @example
 * import assert from "node:assert"
 * import { outer, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(outer(tensor([1, 2]), tensor([10, 20, 30]))), [[10, 20, 30], [20, 40, 60]])
 */
export const outer = (a: Tensor, b: Tensor): Tensor =>
  mul(reshape(checkTensor("outer", a), [...a.shape, ...checkTensor("outer", b).shape.map(() => 1)]), b)
