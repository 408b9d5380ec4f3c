import { checkOptions } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat, type DType } from "../dataflow/dtype.js"
import { add, minimum, mul, rem } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { lt, shiftRight, xor } from "../dataflow/logic.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { checkShape, type Shape } from "../dataflow/shape.js"
import { broadcastTo } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { bits, split, words } from "./key.js"
import { next, round } from "./next.js"

/** The dtype of what is drawn. */
export interface FloatOptions {
  /** Default `"f32"`. */
  readonly dtype?: "f32" | "f64"
}

/** The dtype that is asked for. */
export const floatOf = (operation: string, options: FloatOptions): "f32" | "f64" =>
  checkFloat(operation, checkOptions(operation, options, ["dtype"]).dtype)

const checkFloat = (operation: string, dtype: FloatOptions["dtype"] = "f32"): "f32" | "f64" =>
  isFloat(dtype) ? dtype : fail("DTypeError", operation, "f32 or f64", describeValue(dtype))

/** Multiples of 2⁻²³ (`f32`) or 2⁻⁵² (`f64`) in `[0, 1)`, all equally likely. Every operation is exact. */
const unit = (operation: string, key: Tensor, shape: Shape, dtype: DType): Tensor => {
  if (!isFloat(dtype)) return fail("DTypeError", operation, "f32 or f64", describeValue(dtype))
  const [first, second] = words(operation, key, shape)
  if (dtype === "f32") return mul(cast(shiftRight(xor(first, second), 9), "f32"), 2 ** -23)
  return mul(add(mul(cast(first, "f64"), 2 ** 20), cast(shiftRight(second, 12), "f64")), 2 ** -52)
}

/** The range of numbers that are drawn, and their dtype. */
export interface UniformOptions extends FloatOptions {
  /** The smallest value. Default 0. */
  readonly min?: number
  /** The end of the range, itself excluded. Default 1. */
  readonly max?: number
}

/**
 * Draws from the uniform distribution on `[min, max)`: `min + (max - min)·u`, `u` a multiple of 2⁻²³ (2⁻⁵² in `f64`).
 *
 * Shape: `shape`. `min` and `max` must be finite, with `min < max` as numbers of the dtype, else a
 * `HyperparameterError`.
 *
 * Source: `jax.random.uniform`; on `[0, 1)`, where nothing rounds, its bits. On other ranges the multiplication and the
 * addition each round, as in jax on machines without fused multiply-add; with it, XLA differs in the last digits. We
 * deviate where they round to `max`, which jax then gives: it becomes the number below it.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { key, uniform } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(uniform(key(0), [2])), [0.9476670026779175, 0.9785798788070679])
 */
export const uniform = (key: Tensor, shape: Shape, options: UniformOptions = {}): Tensor => {
  const { min = 0, max = 1, ...given } = checkOptions("uniform", options, ["min", "max", "dtype"])
  const dtype = checkFloat("uniform", given.dtype)
  if (typeof min !== "number" || typeof max !== "number")
    fail("HyperparameterError", "uniform", "numbers min < max", `min ${describeValue(min)}, max ${describeValue(max)}`)
  const [low, high] = [round(dtype, min), round(dtype, max)]
  const span = round(dtype, high - low)
  if (!(span > 0 && span < Infinity))
    fail("HyperparameterError", "uniform", `finite min < max (as ${dtype})`, `min ${min}, max ${max}`)
  return minimum(add(mul(unit("uniform", key, shape, dtype), span), low), next(dtype, high, -1))
}

/**
 * Draws truth values, true with probability `p`: `u < p` for `u` uniform on `[0, 1)`.
 *
 * Shapes: `p` broadcasts to `shape`; the result is `bool` of `shape`. A number `p` outside `[0, 1]` is a
 * `HyperparameterError`; the values of a tensor `p` (`f32` or `f64`) are not looked at.
 *
 * Source: the bits of `jax.random.bernoulli`.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { bernoulli, key } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(bernoulli(key(0), 0.95, [3])), [true, false, true])
 */
export const bernoulli = (key: Tensor, p: number | Tensor, shape: Shape): Tensor => {
  if (isTensor(p)) return lt(unit("bernoulli", key, shape, p.dtype), broadcastTo(p, checkShape("bernoulli", shape)))
  if (!(typeof p === "number" && p >= 0 && p <= 1))
    fail("HyperparameterError", "bernoulli", "a probability from 0 to 1", describeValue(p))
  return lt(unit("bernoulli", key, shape, "f32"), p)
}

/** The range of integers that are drawn. */
export interface RandintOptions {
  /** The smallest value. Default 0. */
  readonly min?: number
  /** The end of the range, itself excluded. */
  readonly max: number
}

/**
 * Draws integers from `[min, max)`: two draws of 32 bits make a number of 64 bits (mod 2³²), whose remainder by
 * `max - min` is added to `min`, so that no integer is noticeably likelier than another.
 *
 * Shape: `shape`, dtype `i32`. `-2³¹ ≤ min < max ≤ 2³¹`, integers, else a `HyperparameterError`.
 *
 * Source: the bits of `jax.random.randint`. We deviate where `min ≥ max`: jax gives `min`, we refuse.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { key, randint } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(randint(key(0), [7], { max: 10 })), [9, 0, 2, 3, 1, 7, 2])
 */
export const randint = (key: Tensor, shape: Shape, options: RandintOptions): Tensor => {
  const { min = 0, max } = checkOptions("randint", options, ["min", "max"])
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < -(2 ** 31) || max > 2 ** 31 || min >= max)
    fail(
      "HyperparameterError",
      "randint",
      "integers -2^31 ≤ min < max ≤ 2^31",
      `min ${describeValue(min)}, max ${describeValue(max)}`
    )
  const span = max - min
  const [high, low] = split(key)
  const offset = span === 2 ** 32 ? bits(low, shape) : remainder(bits(high, shape), bits(low, shape), span)
  return add(cast(offset, "i32"), min)
}

/** `(high·2³² + low) mod span`, but that products and sums wrap around at 2³² on the way. */
const remainder = (high: Tensor, low: Tensor, span: number): Tensor => {
  const half = 2 ** 16 % span
  const weight = ((half * half) % 2 ** 32) % span
  return rem(add(mul(rem(high, span), weight), rem(low, span)), span)
}
