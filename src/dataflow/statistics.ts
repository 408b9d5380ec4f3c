import { describeValue } from "./describe.js"
import { checkFlag, checkOptions } from "./check.js"
import { add, div, square, sub } from "./arithmetic.js"
import { scalar } from "./create.js"
import { cast, requireFloat, stopGradient } from "./elementwise.js"
import { fail } from "./error.js"
import { isFinite, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { max, mean, norm, sum, type ReduceOptions } from "./reduce.js"
import { normalizeAxes, normalizeAxis, removeAxes, showShape, sizeOf, type Axes } from "./shape.js"
import { reshape } from "./structure.js"
import { exp, log, sqrt } from "./transcendental.js"

/** How many elements are reduced into one. */
export const countOf = (operation: string, x: Tensor, axes: Axes | undefined): number => {
  const along = normalizeAxes(operation, axes, requireFloat(operation, x).shape.length)
  const count = sizeOf(along.map(axis => x.shape[axis] ?? 1))
  if (count === 0) fail("ShapeError", operation, "at least one element to reduce", `shape ${showShape(x.shape)}`)
  return count
}

/** What is reduced, and by what is divided. */
export interface VarianceOptions extends ReduceOptions {
  /** What is subtracted from the count in the divisor: 0 for a population (the default), 1 for a sample. */
  readonly correction?: number
}

/** The differences from the mean in f64, the square of what their norm is divided by, and how they are reduced. */
const deviations = (operation: string, x: Tensor, options: VarianceOptions) => {
  const { correction = 0, ...reduce } = checkOptions(operation, options, ["axes", "keepDims", "correction"])
  if (!Number.isFinite(correction))
    fail("HyperparameterError", operation, "correction to be a finite number", describeValue(correction))
  const { axes } = reduce
  const count = countOf(operation, x, axes)
  const along = axes === undefined ? {} : { axes }
  const wide = cast(x, "f64")
  return [sub(wide, mean(wide, { ...along, keepDims: true })), scalar(count - correction, "f64"), reduce] as const
}

/**
 * Computes `Σ (x - mean)² / (n - correction)` over axes, in f64 and rounded once. Dtypes, shape and errors as of `mean`.
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
  const [deviation, count, reduce] = deviations("variance", x, options)
  return cast(div(sum(square(deviation), reduce), count), x.dtype)
}

/**
 * Takes the square root of the variance, also where that would leave the dtype. Its derivative is 0 where it is 0 itself.
 * Dtypes, shape and errors as of `mean`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, standardDeviation, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 5], [2, 2]])
 * assert.deepStrictEqual(toArray(standardDeviation(x, { axes: 1 })), [2, 0])
 * assert.strictEqual(item(standardDeviation(tensor([2e20, -2e20]))), Math.fround(2e20))
 */
export const standardDeviation = (x: Tensor, options: VarianceOptions = {}): Tensor => {
  const [deviation, count, reduce] = deviations("standardDeviation", x, options)
  return cast(div(norm(deviation, reduce), sqrt(count)), x.dtype)
}

/** The largest over axes, as a constant; 0 over nothing. */
const largest = (x: Tensor, axes: Axes): Tensor =>
  sizeOf(x.shape) === 0 ? sum(x, { axes, keepDims: true }) : stopGradient(max(x, { axes, keepDims: true }))

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
  checkOptions("logSumExp", options, ["axes", "keepDims"])
  countOf("logSumExp", x, options.axes)
  const axes = normalizeAxes("logSumExp", options.axes, x.shape.length)
  const peak = largest(x, axes)
  const top = where(isFinite(peak), peak, 0) // what is infinite would be subtracted from itself
  const total = add(log(sum(exp(sub(x, top)), { axes, keepDims: true })), top)
  return checkFlag("logSumExp", "keepDims", options.keepDims) ? total : reshape(total, removeAxes(x.shape, axes))
}

/**
 * Turns logits into probabilities: `e^x / Σ e^x` along an axis (the last, by default), shifted by the largest, so that
 * nothing overflows. All NaN where one is ∞ or NaN, or all are -∞. Takes `f32` or `f64`, else a `DTypeError`.
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
  const powers = exp(sub(x, largest(x, along)))
  return div(powers, sum(powers, { axes: along, keepDims: true }))
}

/**
 * Computes `x - log Σ e^x` along an axis (the last, by default): the logarithm of `softmax`, finite where that
 * underflows to 0. All NaN where one is ∞ or NaN, or all are -∞. Takes `f32` or `f64`, else a `DTypeError`. Shape: that
 * of `x`.
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
  const shifted = sub(x, largest(x, along))
  return sub(shifted, log(sum(exp(shifted), { axes: along, keepDims: true })))
}
