import { checkList, checkTensor, rankOf } from "./check.js"
import { isTensor } from "./tensor.js"
import { arange } from "./sequence.js"
import { tensor } from "./create.js"
import { isFloat } from "./dtype.js"
import { cast } from "./elementwise.js"
import { fail } from "./error.js"
import { dataOf, isLiteral } from "./literal.js"
import { eq } from "./logic.js"
import { sliceAxis } from "./slice.js"
import type { Indexing, Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import { checkShape, normalizeAxis, sameShape, showIndices, showShape, withAxis } from "./shape.js"
import { expandDims, moveAxis, squeeze } from "./structure.js"
import { apply } from "./tensor.js"

/** Checks that indices are below `size` at the call if they are known; when the value is computed, all are checked. */
export const checkKnown = (operation: string, size: number, expected: string, indices: Tensor): void => {
  if (!isLiteral(indices) || isFloat(indices.dtype)) return
  const data = dataOf(indices)
  const place = data.findIndex(index => index < 0 || index >= size)
  if (place >= 0) fail("IndexError", operation, expected, `${data[place] ?? ""} at place ${place}`)
}

const checkIndices = (operation: string, x: Tensor, axis: number, indices: Tensor): void => {
  const size = x.shape[axis] ?? 0
  checkKnown(operation, size, showIndices("indices", size, axis), indices)
}

/**
 * Takes the elements of one axis (the first, by default) at some indices: `x[..., indices, ...]`.
 *
 * Shape: that of `x` with the axis replaced by the shape of `indices`, which are `i32` or `u32`, else a `DTypeError`.
 * An index outside the axis, negative ones included, is an `IndexError`: at this call if the indices are known, else
 * when the value is computed.
 *
 * @example
 * import assert from "node:assert"
 * import { take, tensor, toArray } from "thalweg"
 *
 * const embeddings = tensor([[0, 0], [1, 10], [2, 20]])
 * assert.deepStrictEqual(toArray(take(embeddings, [2, 0, 2])), [[2, 20], [0, 0], [2, 20]])
 * assert.throws(() => take(embeddings, [3]), { name: "IndexError" })
 */
export const take = (x: Tensor, indices: Tensor | readonly number[], axis = 0): Tensor => takeFor({}, x, indices, axis)

/** `take` for an operation that is made of it. */
export const takeFor = (
  named: Pick<Indexing, "caller">,
  x: Tensor,
  indices: Tensor | readonly number[],
  axis = 0
): Tensor => {
  const along = normalizeAxis("take", axis, rankOf("take", x))
  const places = isTensor(indices)
    ? indices
    : tensor(checkList("take", "a tensor or a list of indices", indices), { dtype: "i32" })
  checkIndices("take", x, along, places)
  return apply(shapes.gather, { kind: "gather", axis: along, batch: 0, ...named }, [x, places])
}

/**
 * Takes the `index`-th slice along one axis (the first, by default), which disappears: `x[..., index, ...]`.
 *
 * A negative number counts from the end; a number outside the axis is an `IndexError`. The index may be a tensor, as of
 * `take`.
 *
 * @example
 * import assert from "node:assert"
 * import { at, scalar, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 2], [3, 4], [5, 6]])
 * assert.deepStrictEqual(toArray(at(x, -1)), [5, 6])
 * assert.deepStrictEqual(toArray(at(x, 0, 1)), [1, 3, 5])
 * assert.deepStrictEqual(toArray(at(x, scalar(1, "i32"))), [3, 4])
 */
export const at = (x: Tensor, index: number | Tensor, axis = 0): Tensor => {
  if (typeof index !== "number") return take(x, checkTensor("at", index, "an index or a tensor of indices"), axis)
  const along = normalizeAxis("at", axis, rankOf("at", x))
  const size = x.shape[along] ?? 0
  const from = index < 0 ? index + size : index
  if (!Number.isInteger(index) || from < 0 || from >= size)
    fail(
      "IndexError",
      "at",
      size === 0 ? showIndices("index", size, along) : `an index from ${-size} to ${size - 1} along axis ${along}`,
      String(index)
    )
  return squeeze(sliceAxis(x, along, from, from + 1), along)
}

/**
 * Takes one element along `axis` for each place of `indices`: of a matrix and its last axis, `y[i, j] = x[i, indices[i,
 * j]]`.
 *
 * Shape: that of `indices`, which is that of `x` with another size of the axis, else a `ShapeError`. Indices as of
 * `take`.
 *
 * @example
 * import assert from "node:assert"
 * import { takeAlongAxis, tensor, toArray } from "thalweg"
 *
 * const logits = tensor([[1, 2, 3], [6, 5, 4]])
 * const labels = tensor([[2], [0]], { dtype: "i32" })
 * assert.deepStrictEqual(toArray(takeAlongAxis(logits, labels, 1)), [[3], [6]])
 */
export const takeAlongAxis = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  takeAlongFor({ caller: { operation: "takeAlongAxis", indices: "indices" } }, x, indices, axis)

/** `takeAlongAxis` for an operation that is made of it. */
export const takeAlongFor = (named: Pick<Indexing, "caller">, x: Tensor, indices: Tensor, axis: number): Tensor => {
  const along = normalizeAxis("takeAlongAxis", axis, rankOf("takeAlongAxis", x))
  checkTensor("takeAlongAxis", indices)
  const last = x.shape.length - 1
  if (!sameShape(withAxis(x.shape, along, 0), withAxis(indices.shape, along, 0)))
    fail(
      "ShapeError",
      "takeAlongAxis",
      `sizes off axis ${along} to agree`,
      `${showShape(x.shape)} and ${showShape(indices.shape)}`
    )
  checkIndices("takeAlongAxis", x, along, indices)
  const picked = apply(shapes.gather, { kind: "gather", axis: last, batch: last, ...named }, [
    moveAxis(x, along, last),
    moveAxis(indices, along, last)
  ])
  return moveAxis(picked, last, along)
}

/**
 * Adds `updates` into `base` at indices along one axis (the first, by default); what repeated indices point at
 * accumulates.
 *
 * Shape: that of `base`; `updates` has that of `take(base, indices, axis)`, else a `ShapeError`. Indices as of `take`.
 *
 * Law: the adjoint of `take`, which is how gradients reach an embedding.
 *
 * @example
 * import assert from "node:assert"
 * import { scatterAdd, tensor, toArray, zeros } from "thalweg"
 *
 * const indices = tensor([0, 2, 0], { dtype: "i32" })
 * assert.deepStrictEqual(toArray(scatterAdd(zeros([3]), indices, tensor([1, 10, 100]))), [101, 0, 10])
 */
export const scatterAdd = (base: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor =>
  apply(shapes.scatterAdd, { kind: "scatterAdd", ...scattering("scatterAdd", base, indices, updates, axis) }, [
    base,
    indices,
    updates
  ])

/** Along which axis is written, where arguments are tensors, and indices, as far as they are known, within it. */
export const scattering = (
  operation: string,
  base: Tensor,
  indices: Tensor,
  updates: Tensor,
  axis: number
): Pick<Indexing, "axis" | "batch"> => {
  const along = normalizeAxis(operation, axis, rankOf(operation, base))
  for (const t of [indices, updates]) checkTensor(operation, t)
  checkIndices(operation, base, along, indices)
  return { axis: along, batch: 0 }
}

/**
 * Encodes classes: 1 at the index along a new last axis of `depth` classes, 0 elsewhere, by default as `f32`.
 *
 * Shapes: `[...n] → [...n, depth]`. An index outside `0` to `depth - 1` gives a row of zeros.
 *
 * @example
 * import assert from "node:assert"
 * import { oneHot, tensor, toArray } from "thalweg"
 *
 * const labels = tensor([2, 0, -1], { dtype: "i32" })
 * assert.deepStrictEqual(toArray(oneHot(labels, 3)), [[0, 0, 1], [1, 0, 0], [0, 0, 0]])
 */
export const oneHot = (indices: Tensor, depth: number, dtype: Tensor["dtype"] = "f32"): Tensor => {
  const { shape, dtype: given } = checkTensor("oneHot", indices)
  if (given !== "i32" && given !== "u32") fail("DTypeError", "oneHot", "indices of i32 or u32", given)
  checkShape("oneHot", [...shape, depth])
  return cast(eq(expandDims(indices, -1), arange(depth, { dtype: indices.dtype })), dtype)
}
