import { add, maximum, mul } from "./arithmetic.js"
import { checkTensor, rankOf } from "./check.js"
import { concat } from "./concat.js"
import { ones, zeros } from "./create.js"
import { cast } from "./elementwise.js"
import { fail } from "./error.js"
import { scatterAdd, scattering, take, takeAlongAxis } from "./indexing.js"
import { gt, ne, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { argSort } from "./reduce.js"
import * as shapes from "./rules.js"
import { arange } from "./sequence.js"
import { normalizeAxis, sameShape, showShape, sizeOf } from "./shape.js"
import { sliceAxis } from "./slice.js"
import { flatten, moveAxis, reshape } from "./structure.js"
import { apply } from "./tensor.js"

/** Base and updates with the axis first and all others as one, and indices as one. */
interface Rows {
  /** `[size, inner]`. */
  readonly base: Tensor
  /** `[count]`. */
  readonly indices: Tensor
  /** `[count, inner]`. */
  readonly updates: Tensor
  /** Puts rows like `base` where they were. */
  readonly back: (rows: Tensor) => Tensor
}

const rowsOf = (operation: string, base: Tensor, indices: Tensor, updates: Tensor, axis: number): Rows => {
  const along = normalizeAxis(operation, axis, rankOf(operation, base))
  for (const t of [indices, updates]) checkTensor(operation, t)
  const expected = [...base.shape.slice(0, along), ...indices.shape, ...base.shape.slice(along + 1)]
  if (!sameShape(updates.shape, expected))
    fail("ShapeError", operation, `updates of shape ${showShape(expected)}`, showShape(updates.shape))
  if (updates.dtype !== base.dtype) fail("DTypeError", operation, `updates of ${base.dtype}`, updates.dtype)
  const first = moveAxis(base, along, 0)
  const inner = sizeOf(first.shape.slice(1))
  const count = sizeOf(indices.shape)
  const joined = reshape(updates, [...base.shape.slice(0, along), count, ...base.shape.slice(along + 1)])
  return {
    base: reshape(first, [first.shape[0] ?? 0, inner]),
    indices: flatten(indices),
    updates: reshape(moveAxis(joined, along, 0), [count, inner]),
    back: rows => moveAxis(reshape(rows, first.shape), 0, along)
  }
}

const isEmpty = ({ shape }: Tensor): boolean => shape.includes(0)

/**
 * For each of `size` targets the place of the last index that points at it, and whether there is one. Indices are sorted, which
 * keeps the order of equal ones.
 */
const lastOf = (indices: Tensor, size: number): readonly [place: Tensor, isHit: Tensor] => {
  const count = indices.shape[0] ?? 0
  const order = argSort(indices)
  const sorted = take(indices, order)
  const differs = ne(sliceAxis(sorted, 0, 1, count), sliceAxis(sorted, 0, 0, count - 1))
  const isLast = concat([differs, ones([1], "bool")])
  const none = zeros([size], "i32")
  return [scatterAdd(none, sorted, where(isLast, order, 0)), gt(scatterAdd(none, sorted, cast(isLast, "i32")), 0)]
}

/**
 * Replaces what indices along one axis (the first, by default) point at by `updates`; of repeated indices the last counts.
 *
 * Shape: that of `base`; `updates` has that of `take(base, indices, axis)`, and the dtype of `base`, else a `ShapeError` or a
 * `DTypeError`. Indices as of `take`. Derivatives flow to what is replaced by and to what is not replaced.
 *
 * Laws: `take(scatterSet(x, i, u), i) ≡ u` for distinct indices; `scatterSet(x, i, take(x, i)) ≡ x`.
 * We deviate from `jax`, where it is not said which of repeated indices counts, and which drops indices outside.
 *
 * @example
 * import assert from "node:assert"
 * import { scatterSet, tensor, toArray, zeros } from "thalweg"
 *
 * const indices = tensor([0, 2, 0], { dtype: "i32" })
 * assert.deepStrictEqual(toArray(scatterSet(zeros([3]), indices, tensor([1, 10, 100]))), [100, 0, 10])
 */
export const scatterSet = (base: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor =>
  apply(shapes.scatterSet, { kind: "scatterSet", ...scattering("scatterSet", base, indices, updates, axis) }, [
    base,
    indices,
    updates
  ])

/**
 * Takes, where indices along one axis (the first, by default) point, the larger of `base` and of all `updates` for the place.
 *
 * Shapes, dtypes and errors as of `scatterSet`; not of `bool`. NaN wins. The derivative goes to what is largest, of equal
 * updates to the last of them.
 *
 * @example
 * import assert from "node:assert"
 * import { scatterMax, tensor, toArray, zeros } from "thalweg"
 *
 * const indices = tensor([0, 2, 0], { dtype: "i32" })
 * assert.deepStrictEqual(toArray(scatterMax(zeros([3]), indices, tensor([5, -1, 3]))), [5, 0, 0])
 */
export const scatterMax = (base: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor => {
  const rows = rowsOf("scatterMax", base, indices, updates, axis)
  if (isEmpty(rows.updates)) return base
  const [size = 0, inner = 0] = rows.base.shape
  // the largest last, and then every element for itself
  const order = argSort(rows.updates, 0)
  const rising = flatten(takeAlongAxis(rows.updates, order, 0))
  const targets = flatten(add(mul(take(rows.indices, order), inner), arange(inner, { dtype: rows.indices.dtype })))
  const [place, isHit] = lastOf(targets, size * inner)
  const before = flatten(rows.base)
  return rows.back(reshape(where(isHit, maximum(before, take(rising, place)), before), [size, inner]))
}
