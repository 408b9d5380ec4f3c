import { scalar } from "./create.js"
import { add, div, exp, isFinite, log, requireFloat, sqrt, square, stopGradient, sub, where } from "./elementwise.js"
import { fail } from "./error.js"
import type { ArgReduceFn, ReduceFn, Tensor } from "./primitive.js"
import { normalizeAxes, normalizeAxis, removeAxes, showShape, sizeOf, type Axes, type Shape } from "./shape.js"
import { reshape, takeAlongAxis } from "./structure.js"
import { apply } from "./tensor.js"

export interface ReduceOptions {
  /** The axes that are reduced. Default all. */
  readonly axes?: Axes
  /** Whether the reduced axes stay, with size 1. Default no. */
  readonly keepDims?: boolean
}

const keptShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((n, axis) => (axes.includes(axis) ? 1 : n))

const reduction =
  (fn: ReduceFn, empty: "allowed" | "refused", operation: string = fn) =>
  (x: Tensor, options: ReduceOptions = {}): Tensor => {
    const axes = normalizeAxes(operation, options.axes, x.shape.length)
    if (empty === "refused" && sizeOf(x.shape) === 0 && sizeOf(removeAxes(x.shape, axes)) > 0)
      fail("ShapeError", fn, "at least one element to reduce", `shape ${showShape(x.shape)}`)
    const reduced = axes.length === 0 ? x : apply({ kind: "reduce", fn, axes }, [x])
    return options.keepDims === true ? reshape(reduced, keptShape(x.shape, axes)) : reduced
  }

/** The sum over axes, accumulated in f64; 0 over nothing. */
export const sum = reduction("sum", "allowed")
/** The product over axes, accumulated in f64; 1 over nothing. */
export const prod = reduction("prod", "allowed")
/** The largest over axes; NaN if there is one. Ties share the derivative equally. */
export const max = reduction("max", "refused")
/** The smallest over axes; NaN if there is one. Ties share the derivative equally. */
export const min = reduction("min", "refused")

/** Whether every element of a boolean tensor is true. */
export const all = (x: Tensor, options: ReduceOptions = {}): Tensor => logical("all", "min", x, options)
/** Whether any element of a boolean tensor is true. */
export const any = (x: Tensor, options: ReduceOptions = {}): Tensor => logical("any", "max", x, options)

const logical = (operation: string, fn: "min" | "max", x: Tensor, options: ReduceOptions): Tensor =>
  x.dtype === "bool" ? reduction(fn, "allowed", operation)(x, options) : fail("DTypeError", operation, "bool", x.dtype)

const argReduction =
  (fn: ArgReduceFn) =>
  (x: Tensor, axis = -1): Tensor => {
    const along = normalizeAxis(fn, axis, x.shape.length)
    if (x.shape[along] === 0) fail("ShapeError", fn, "at least one element", `shape ${showShape(x.shape)}`)
    return apply({ kind: "argReduce", fn, axis: along }, [x])
  }

/** The index of the largest along an axis, as `i32`: the first of equals, or of NaNs if there are any. */
export const argMax = argReduction("argMax")
/** The index of the smallest along an axis, as `i32`: the first of equals, or of NaNs if there are any. */
export const argMin = argReduction("argMin")

/** The indices that sort an axis in ascending order, as `i32`. Stable; NaNs come last. */
export const argSort = (x: Tensor, axis = -1): Tensor =>
  apply({ kind: "argSort", axis: normalizeAxis("argSort", axis, x.shape.length) }, [x])

/** Sorts an axis in ascending order. */
export const sort = (x: Tensor, axis = -1): Tensor => takeAlongAxis(x, argSort(x, axis), axis)

export interface CumSumOptions {
  readonly axis?: number
  /** Whether to sum from the end. Default no. */
  readonly reverse?: boolean
}

/** The running sum along an axis (default the last), accumulated in f64. */
export const cumSum = (x: Tensor, { axis = -1, reverse = false }: CumSumOptions = {}): Tensor =>
  apply({ kind: "cumSum", axis: normalizeAxis("cumSum", axis, x.shape.length), reverse }, [x])

/** How many elements are reduced into one, as a scalar of the dtype of `x`. */
const countOf = (operation: string, x: Tensor, axes: Axes | undefined): Tensor => {
  const along = normalizeAxes(operation, axes, requireFloat(operation, x).shape.length)
  const count = sizeOf(along.map(axis => x.shape[axis] ?? 1))
  if (count === 0) fail("ShapeError", operation, "at least one element to reduce", `shape ${showShape(x.shape)}`)
  return scalar(count, x.dtype)
}

/** The arithmetic mean over axes. */
export const mean = (x: Tensor, options: ReduceOptions = {}): Tensor => {
  const count = countOf("mean", x, options.axes)
  return div(sum(x, options), count)
}

export interface VarianceOptions extends ReduceOptions {
  /** What is subtracted from the count in the divisor: 0 for a population (the default), 1 for a sample. */
  readonly correction?: number
}

/** `Σ (x - mean)² / (n - correction)` over axes. */
export const variance = (x: Tensor, options: VarianceOptions = {}): Tensor => {
  const { correction = 0, ...reduce } = options
  const count = countOf("variance", x, options.axes)
  const deviation = sub(x, mean(x, { ...reduce, keepDims: true }))
  return div(sum(square(deviation), reduce), sub(count, correction))
}

/** The square root of the variance. Its derivative is infinite or NaN where the variance is 0. */
export const standardDeviation = (x: Tensor, options: VarianceOptions = {}): Tensor => sqrt(variance(x, options))

/** `√Σ x²` over axes: the Euclidean norm (Frobenius, of a matrix). The derivative at 0 is NaN. */
export const norm = (x: Tensor, options: ReduceOptions = {}): Tensor =>
  sqrt(sum(square(requireFloat("norm", x)), options))

/** The largest over axes as a constant: 0 where it is not finite, so that subtracting it never makes a NaN. */
const shift = (x: Tensor, axes: Axes | undefined): Tensor => {
  const top = stopGradient(max(x, { ...(axes === undefined ? {} : { axes }), keepDims: true }))
  return where(isFinite(top), top, 0)
}

/** `log Σ e^x` over axes, without overflow. */
export const logSumExp = (x: Tensor, options: ReduceOptions = {}): Tensor => {
  const axes = normalizeAxes("logSumExp", options.axes, requireFloat("logSumExp", x).shape.length)
  const top = shift(x, axes)
  const total = add(log(sum(exp(sub(x, top)), { axes, keepDims: true })), top)
  return options.keepDims === true ? total : reshape(total, removeAxes(x.shape, axes))
}

/** `e^x / Σ e^x` along an axis (default the last), without overflow. */
export const softmax = (x: Tensor, axis = -1): Tensor => {
  const along = normalizeAxis("softmax", axis, requireFloat("softmax", x).shape.length)
  const powers = exp(sub(x, shift(x, along)))
  return div(powers, sum(powers, { axes: along, keepDims: true }))
}

/** `x - log Σ e^x` along an axis (default the last), without overflow. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor => {
  const along = normalizeAxis("logSoftmax", axis, requireFloat("logSoftmax", x).shape.length)
  const shifted = sub(x, shift(x, along))
  return sub(shifted, log(sum(exp(shifted), { axes: along, keepDims: true })))
}
