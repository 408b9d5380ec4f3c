import { add, div, mul } from "./arithmetic.js"
import { checkOptions } from "./check.js"
import { scalar } from "./create.js"
import { describeValue } from "./describe.js"
import { checkDType, element, isFloat, type DType } from "./dtype.js"
import { cast } from "./elementwise.js"
import { fail } from "./error.js"
import { eq, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import { checkShape, normalizeAxis, type Shape } from "./shape.js"
import { apply } from "./tensor.js"

/**
 * Makes a tensor of the index along one axis: its element at `[i₀, i₁, …]` is `i_axis`, by default as `i32`.
 *
 * Shape: `shape`. An `axis` outside it is an `AxisError`; `bool` is a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { iota, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(iota([2, 3], 0)), [[0, 0, 0], [1, 1, 1]])
 * assert.deepStrictEqual(toArray(iota([2, 3], -1)), [[0, 1, 2], [0, 1, 2]])
 */
export const iota = (shape: Shape, axis: number, dtype: DType = "i32"): Tensor =>
  apply(shapes.iota, {
    kind: "iota",
    axis: normalizeAxis("iota", axis, checkShape("iota", shape).length),
    shape: shape.slice(),
    dtype
  })

/** `start + step·i` for each index, computed in f64 and rounded once; a dtype that cannot hold an end or the step refuses. */
const progression = (operation: string, length: number, start: number, step: number, dtype: DType): Tensor => {
  checkDType(operation, dtype)
  const held = length > 1 ? [start, step, start + step * (length - 1)] : [start].slice(0, length)
  if (!isFloat(dtype)) for (const value of held) element(operation, dtype, value)
  if (start === 0 && step === 1 && dtype !== "bool") return iota([length], 0, dtype)
  const index = cast(iota([length], 0, "u32"), "f64")
  return cast(add(mul(index, step), start), dtype)
}

/** Where a sequence begins, its step and its dtype. */
export interface ArangeOptions {
  /** The first number. Default 0. */
  readonly start?: number
  /** The difference between neighbours, negative to count down. Default 1. */
  readonly step?: number
  /** Default `i32` when start and step are integers, else `f32`. */
  readonly dtype?: DType
}

/**
 * Makes the vector `start, start + step, …` of the numbers below `stop` (above it, for a negative step).
 *
 * Bounds that are not finite, or a step of 0, are a `DataError`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(arange(4)), [0, 1, 2, 3])
 * assert.deepStrictEqual(toArray(arange(0, { start: 5, step: -2 })), [5, 3, 1])
 * assert.strictEqual(arange(3).dtype, "i32")
 * assert.strictEqual(arange(3, { step: 0.5 }).dtype, "f32")
 */
export const arange = (stop: number, options: ArangeOptions = {}): Tensor => {
  const { start = 0, step = 1 } = checkOptions("arange", options, ["start", "step", "dtype"])
  if (![start, stop, step].every(Number.isFinite) || step === 0)
    fail(
      "DataError",
      "arange",
      "finite bounds and a step other than 0",
      `start ${describeValue(start)}, stop ${describeValue(stop)}, step ${describeValue(step)}`
    )
  const count = Math.max(0, Math.ceil((stop - start) / step))
  // The quotient is rounded: (1.3 - 1) / 0.1 is above 3, yet 1 + 3 · 0.1 is not below 1.3.
  const length = count > 0 && Math.sign(step) * (start + (count - 1) * step - stop) >= 0 ? count - 1 : count
  checkShape("arange", [length])
  const dtype = options.dtype ?? (Number.isInteger(start) && Number.isInteger(step) ? "i32" : "f32")
  return progression("arange", length, start, step, dtype)
}

/**
 * Makes a vector of `count` equally spaced numbers from `start` to `stop`, both included, by default `f32`.
 *
 * `count`: a positive integer, else a `DataError`; of 1, only `start` is there.
 *
 * @example
 * import assert from "node:assert"
 * import { linspace, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(linspace(0, 1, 5)), [0, 0.25, 0.5, 0.75, 1])
 */
export const linspace = (start: number, stop: number, count: number, dtype: DType = "f32"): Tensor => {
  if (!Number.isInteger(count) || count < 1)
    fail("DataError", "linspace", "a positive integer count", describeValue(count))
  if (![start, stop].every(Number.isFinite))
    fail("DataError", "linspace", "finite ends", `start ${describeValue(start)}, stop ${describeValue(stop)}`)
  checkShape("linspace", [count])
  const last = count - 1
  if (!isFloat(checkDType("linspace", dtype)))
    for (const value of [start, stop, start + (stop - start) / Math.max(1, last)]) element("linspace", dtype, value)
  const index = iota([count], 0, "u32")
  const share = div(mul(cast(index, "f64"), stop - start), Math.max(1, last))
  const values = add(share, start)
  return cast(count === 1 ? values : where(eq(index, last), scalar(stop, "f64"), values), dtype)
}
