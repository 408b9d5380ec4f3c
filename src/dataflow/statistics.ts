import { add, div, square, sub } from "./arithmetic.js"
import { scalar } from "./create.js"
import { requireFloat, stopGradient } from "./elementwise.js"
import { fail } from "./error.js"
import { isFinite, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { max, sum, type ReduceOptions } from "./reduce.js"
import { normalizeAxes, normalizeAxis, removeAxes, showShape, sizeOf, type Axes } from "./shape.js"
import { reshape } from "./structure.js"
import { exp, log, sqrt } from "./transcendental.js"

/** How many elements are reduced into one, as a scalar of the dtype of `x`. */
const countOf = (operation: string, x: Tensor, axes: Axes | undefined): Tensor => {
  const along = normalizeAxes(operation, axes, requireFloat(operation, x).shape.length)
  const count = sizeOf(along.map(axis => x.shape[axis] ?? 1))
  if (count === 0) fail("ShapeError", operation, "at least one element to reduce", `shape ${showShape(x.shape)}`)
  return scalar(count, x.dtype)
}

/**
 * Averages over axes: `Σ x / n`. Takes `f32` or `f64` (a `DTypeError`), at least one element (a `ShapeError`).
 *
 * Shape: that of `x` without `axes`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mean, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 3], [5, 7]])
 * assert.strictEqual(item(mean(x)), 4)
 * assert.deepStrictEqual(toArray(mean(x, { axes: 0 })), [3, 5])
 */
export const mean = (x: Tensor, options: ReduceOptions = {}): Tensor => {
  const count = countOf("mean", x, options.axes)
  return div(sum(x, options), count)
}

export interface VarianceOptions extends ReduceOptions {
  /** What is subtracted from the count in the divisor: 0 for a population (the default), 1 for a sample. */
  readonly correction?: number
}

/**
 * Computes `Σ (x - mean)² / (n - correction)` over axes. Dtypes, shape and errors as of `mean`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor, variance } from "thalweg"
 *
 * const x = tensor([1, 2, 3, 6])
 * assert.strictEqual(item(variance(x)), 3.5)
 * assert.strictEqual(item(variance(tensor([1, 3]), { correction: 1 })), 2)
 */
export const variance = (x: Tensor, options: VarianceOptions = {}): Tensor => {
  const { correction = 0, ...reduce } = options
  const count = countOf("variance", x, options.axes)
  const deviation = sub(x, mean(x, { ...reduce, keepDims: true }))
  return div(sum(square(deviation), reduce), sub(count, correction))
}

/**
 * Takes the square root of the variance. Its derivative is NaN where the variance is 0: add an epsilon to the
 * `variance` and take `sqrt` instead. Dtypes, shape and errors as of `mean`.
 *
 * @example
 * import assert from "node:assert"
 * import { standardDeviation, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 5], [2, 2]])
 * assert.deepStrictEqual(toArray(standardDeviation(x, { axes: 1 })), [2, 0])
 */
export const standardDeviation = (x: Tensor, options: VarianceOptions = {}): Tensor => sqrt(variance(x, options))

/**
 * Computes `√Σ x²` over axes: the Euclidean norm (Frobenius, of a matrix). The derivative at 0 is NaN. Takes `f32` or
 * `f64`, else a `DTypeError`; shape as of `sum`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, norm, tensor, toArray } from "thalweg"
 *
 * assert.strictEqual(item(norm(tensor([3, 4]))), 5)
 * assert.deepStrictEqual(toArray(norm(tensor([[3, 4], [0, 2]]), { axes: 1 })), [5, 2])
 */
export const norm = (x: Tensor, options: ReduceOptions = {}): Tensor =>
  sqrt(sum(square(requireFloat("norm", x)), options))

/** The largest over axes as a constant: 0 where it is not finite, so that subtracting it never makes a NaN. */
const shift = (x: Tensor, axes: Axes | undefined): Tensor => {
  const top = stopGradient(max(x, { ...(axes === undefined ? {} : { axes }), keepDims: true }))
  return where(isFinite(top), top, 0)
}

/**
 * Computes `log Σ e^x` over axes, shifted by the largest, so that nothing overflows; its derivative is the softmax.
 * Takes `f32` or `f64`, else a `DTypeError`; over nothing it is a `ShapeError`. Shape as of `sum`.
 *
 * @example
 * import assert from "node:assert"
 * import { exp, grad, item, log, logSumExp, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * const x = tensor([1000, 1000])
 * assert.strictEqual(item(logSumExp(x)), Math.fround(1000 + Math.LN2))
 * assert.strictEqual(item(log(sum(exp(x)))), Infinity)
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => logSumExp(x))(x)), [0.5, 0.5])
 */
export const logSumExp = (x: Tensor, options: ReduceOptions = {}): Tensor => {
  const axes = normalizeAxes("logSumExp", options.axes, requireFloat("logSumExp", x).shape.length)
  const top = shift(x, axes)
  const total = add(log(sum(exp(sub(x, top)), { axes, keepDims: true })), top)
  return options.keepDims === true ? total : reshape(total, removeAxes(x.shape, axes))
}

/**
 * Turns logits into probabilities: `e^x / Σ e^x` along an axis (the last, by default), shifted by the largest, so that
 * nothing overflows. NaN where all are -∞. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Shape: that of `x`. Law: `softmax(x + c) ≡ softmax(x)`, but for rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { softmax, tensor, toArray } from "thalweg"
 *
 * const masked = tensor([2000, 2000, -Infinity])
 * assert.deepStrictEqual(toArray(softmax(masked)), [0.5, 0.5, 0])
 */
export const softmax = (x: Tensor, axis = -1): Tensor => {
  const along = normalizeAxis("softmax", axis, requireFloat("softmax", x).shape.length)
  const powers = exp(sub(x, shift(x, along)))
  return div(powers, sum(powers, { axes: along, keepDims: true }))
}

/**
 * Computes `x - log Σ e^x` along an axis (the last, by default): the logarithm of `softmax`, finite where that
 * underflows to 0. Takes `f32` or `f64`, else a `DTypeError`. Shape: that of `x`.
 *
 * @example
 * import assert from "node:assert"
 * import { log, logSoftmax, softmax, tensor, toArray } from "thalweg"
 *
 * const x = tensor([0, 1000])
 * assert.deepStrictEqual(toArray(logSoftmax(x)), [-1000, 0])
 * assert.deepStrictEqual(toArray(log(softmax(x))), [-Infinity, 0])
 */
export const logSoftmax = (x: Tensor, axis = -1): Tensor => {
  const along = normalizeAxis("logSoftmax", axis, requireFloat("logSoftmax", x).shape.length)
  const shifted = sub(x, shift(x, along))
  return sub(shifted, log(sum(exp(shifted), { axes: along, keepDims: true })))
}
