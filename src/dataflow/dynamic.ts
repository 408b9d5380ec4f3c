import { add } from "./arithmetic.js"
import { checkList, checkTensor, rankOf } from "./check.js"
import { lift } from "./create.js"
import { fail } from "./error.js"
import { take } from "./indexing.js"
import type { Tensor } from "./primitive.js"
import { scatterSet } from "./scatter.js"
import { arange } from "./sequence.js"
import { checkShape, showShape } from "./shape.js"

/** A place in an axis: a whole number, or a scalar of `i32` or `u32`. */
type Start = number | Tensor

/** One start for each axis. */
const checkStarts = (operation: string, x: Tensor, starts: readonly Start[]): readonly Tensor[] => {
  const rank = rankOf(operation, x)
  const list = checkList(operation, "a list of starts", starts)
  if (list.length !== rank) fail("ShapeError", operation, `a start for each of ${rank} axes`, `${list.length} of them`)
  return list.map(start => {
    const scalar = lift(operation, start, "i32")
    if (scalar.dtype !== "i32" && scalar.dtype !== "u32")
      fail("DTypeError", operation, "starts of i32 or u32", scalar.dtype)
    if (scalar.shape.length > 0) fail("ShapeError", operation, "scalar starts", `shape ${showShape(scalar.shape)}`)
    return scalar
  })
}

const checkFits = (operation: string, x: Tensor, sizes: readonly number[]): void => {
  if (sizes.length !== x.shape.length || sizes.some((size, axis) => size > (x.shape[axis] ?? 0)))
    fail("ShapeError", operation, `a slice within ${showShape(x.shape)}`, showShape(sizes))
}

/** The places of a slice along an axis. */
const placesOf = (start: Tensor, size: number): Tensor => add(arange(size, { dtype: start.dtype }), start)

/**
 * Takes a slice of a size that is known from a place that may be computed: `x[start : start + size]` along every axis.
 *
 * `starts`: for each axis a whole number or a scalar of `i32` or `u32`. Shape: `sizes`, each at most that of the axis, else a
 * `ShapeError`. A slice that reaches outside is an `IndexError`: at this call if it is known, else when the value is computed. We
 * deviate from `jax`, which moves such a slice inside.
 *
 * @example
 * import assert from "node:assert"
 * import { dynamicSlice, scalar, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
 * assert.deepStrictEqual(toArray(dynamicSlice(x, [scalar(1, "i32"), 0], [2, 2])), [[4, 5], [7, 8]])
 */
export const dynamicSlice = (x: Tensor, starts: readonly Start[], sizes: readonly number[]): Tensor => {
  const places = checkStarts("dynamicSlice", x, starts)
  checkFits("dynamicSlice", x, checkShape("dynamicSlice", sizes))
  return places.reduce((part, start, axis) => take(part, placesOf(start, sizes[axis] ?? 0), axis), x)
}

/**
 * Replaces a slice from a place that may be computed: `x[start : start + size] = update` along every axis, as a new tensor.
 *
 * Shape: that of `x`; `update` has its rank and dtype, and fits into it. Starts and errors as of `dynamicSlice`.
 *
 * Law: `dynamicSlice(dynamicUpdateSlice(x, u, s), s, u.shape) ≡ u`.
 *
 * @example
 * import assert from "node:assert"
 * import { dynamicUpdateSlice, scalar, tensor, toArray, zeros } from "thalweg"
 *
 * const kept = dynamicUpdateSlice(zeros([4]), tensor([1, 2]), [scalar(1, "i32")])
 * assert.deepStrictEqual(toArray(kept), [0, 1, 2, 0])
 */
export const dynamicUpdateSlice = (x: Tensor, update: Tensor, starts: readonly Start[]): Tensor => {
  const places = checkStarts("dynamicUpdateSlice", x, starts)
  checkFits("dynamicUpdateSlice", x, checkTensor("dynamicUpdateSlice", update).shape)
  const replaced = (base: Tensor, axis: number): Tensor => {
    const start = places[axis]
    if (start === undefined) return update
    const indices = placesOf(start, update.shape[axis] ?? 0)
    // along the last axis, all that is there is replaced; before, what is replaced is a part of what is taken
    return scatterSet(base, indices, replaced(take(base, indices, axis), axis + 1), axis)
  }
  return replaced(x, 0)
}
