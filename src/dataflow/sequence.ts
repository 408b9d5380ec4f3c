import { literal } from "./create.js"
import { allocate, checkDType, element, type DType } from "./dtype.js"
import { fail } from "./error.js"
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

/** A vector of what `at` gives for each index. */
const generate = (operation: string, length: number, dtype: DType, at: (index: number) => number): Tensor => {
  const data = allocate(checkDType(operation, dtype), length)
  for (let i = 0; i < length; i++) data[i] = element(operation, dtype, at(i))
  return literal(data, [length], dtype)
}

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
  const { start = 0, step = 1 } = options
  if (![start, stop, step].every(Number.isFinite) || step === 0)
    fail("DataError", "arange", "finite bounds and a step other than 0", `start ${start}, stop ${stop}, step ${step}`)
  const count = Math.max(0, Math.ceil((stop - start) / step))
  // The quotient is rounded: (1.3 - 1) / 0.1 is above 3, yet 1 + 3 · 0.1 is not below 1.3.
  const length = count > 0 && Math.sign(step) * (start + (count - 1) * step - stop) >= 0 ? count - 1 : count
  checkShape("arange", [length])
  const dtype = options.dtype ?? (Number.isInteger(start) && Number.isInteger(step) ? "i32" : "f32")
  return generate("arange", length, dtype, i => start + i * step)
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
  if (!Number.isInteger(count) || count < 1) fail("DataError", "linspace", "a positive integer count", String(count))
  checkShape("linspace", [count])
  const at = (i: number): number =>
    i === count - 1 && count > 1 ? stop : start + ((stop - start) * i) / Math.max(1, count - 1)
  return generate("linspace", count, dtype, at)
}
