import { add, mul, sub } from "./arithmetic.js"
import { checkInteger, checkOptions, checkFlag, rankOf } from "./check.js"
import { describeValue } from "./describe.js"
import { fail } from "./error.js"
import { at, takeAlongAxis } from "./indexing.js"
import { eq, isNaN, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { argSort, keptShape, sort, type ReduceOptions } from "./reduce.js"
import { normalizeAxes, normalizeAxis, range } from "./shape.js"
import { sliceAxis } from "./slice.js"
import { countOf } from "./statistics.js"
import { flip, reshape, transpose } from "./structure.js"

/**
 * Finds the `k` largest along an axis (the last, by default), the largest first, and their indices (`i32`). Equals come
 * in their order; a NaN is larger than any number. Derivatives follow the elements to their places.
 *
 * Shapes: that of `x`, but with size `k` along the axis, of both. A `k` that is no integer from 0 to the size is a
 * `DataError`.
 *
 * Source: `jax.lax.top_k`, which takes the last axis only.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, topK } from "thalweg"
 *
 * const [values, indices] = topK(tensor([1, 5, 3, 5]), 3)
 * assert.deepStrictEqual(toArray(values), [5, 5, 3])
 * assert.deepStrictEqual(toArray(indices), [1, 3, 2])
 */
export const topK = (x: Tensor, k: number, axis = -1): readonly [values: Tensor, indices: Tensor] => {
  const along = normalizeAxis("topK", axis, rankOf("topK", x))
  const size = x.shape[along] ?? 0
  if (checkInteger("topK", "a count", k) < 0 || k > size)
    fail("DataError", "topK", `a count from 0 to ${size}, the size of axis ${along}`, describeValue(k))
  const order = sub(size - 1, flip(argSort(flip(x, along), along), along))
  const indices = sliceAxis(order, along, 0, k)
  return [takeAlongAxis(x, indices, along), indices]
}

/** The elements over axes in ascending order, on a last axis. */
export const sorted = (x: Tensor, axes: readonly number[], count: number): Tensor => {
  const kept = range(x.shape.length).filter(axis => !axes.includes(axis))
  return sort(reshape(transpose(x, [...kept, ...axes]), [...kept.map(axis => x.shape[axis] ?? 1), count]))
}

/** The quantile at a place between two of the sorted elements. */
const atPlace = (order: Tensor, place: number): Tensor => {
  const [below, above] = [at(order, Math.floor(place), -1), at(order, Math.ceil(place), -1)]
  const share = place - Math.floor(place)
  if (share === 0) return below
  const gap = sub(above, below)
  // Of equals, themselves, to the bit, while the derivative is that of both; between infinities there is no gap.
  return where(eq(gap, 0), add(below, mul(gap, share)), add(mul(below, 1 - share), mul(above, share)))
}

const quantileOf = (operation: string, x: Tensor, q: number, options: ReduceOptions): Tensor => {
  const { keepDims, ...reduce } = checkOptions(operation, options, ["axes", "keepDims"])
  const count = countOf(operation, x, reduce.axes)
  const axes = normalizeAxes(operation, reduce.axes, x.shape.length)
  if (!(typeof q === "number" && q >= 0 && q <= 1))
    fail("HyperparameterError", operation, "a probability from 0 to 1", describeValue(q))
  const order = sorted(x, axes, count)
  const last = at(order, -1, -1) // a NaN, if there is one
  const result = where(isNaN(last), last, atPlace(order, q * (count - 1)))
  return checkFlag(operation, "keepDims", keepDims) ? reshape(result, keptShape(x.shape, axes)) : result
}

/**
 * Computes a quantile over axes: what a share `q` of the elements lies below, the element at the place `q·(n - 1)` of
 * the sorted ones; between two of them, interpolated linearly. NaN if there is one. The derivative follows the elements,
 * equals in their order.
 *
 * `q`: a number from 0 to 1, else a `HyperparameterError`. Dtypes, shape and errors as of `mean`.
 *
 * Law: `quantile(x, 0) ≡ min(x)`, `quantile(x, 1) ≡ max(x)`. Source: `jax.numpy.quantile`, whose `q` may be several.
 *
 * @example
 * import assert from "node:assert"
 * import { item, quantile, tensor, toArray } from "thalweg"
 *
 * assert.strictEqual(item(quantile(tensor([4, 1, 3, 2, 5]), 0.25)), 2)
 * assert.deepStrictEqual(toArray(quantile(tensor([[1, 3], [5, 4]]), 0.75, { axes: 1 })), [2.5, 4.75])
 */
export const quantile = (x: Tensor, q: number, options: ReduceOptions = {}): Tensor =>
  quantileOf("quantile", x, q, options)

/**
 * Computes the median over axes: the middle one of the sorted elements, or the mean of the two in the middle. NaN if
 * there is one. The derivative follows the elements, equals in their order. Dtypes, shape and errors as of `mean`.
 *
 * Law: `median(x) ≡ quantile(x, ½)`. Source: `jax.numpy.median`; PyTorch takes the lower of two in the middle.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, median, tensor, toArray, type Tensor } from "thalweg"
 *
 * const x = tensor([4, 1, 3, 100])
 * assert.strictEqual(item(median(x)), 3.5)
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => median(x))(x)), [0.5, 0, 0.5, 0])
 */
export const median = (x: Tensor, options: ReduceOptions = {}): Tensor => quantileOf("median", x, 0.5, options)
