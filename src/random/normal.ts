import { describeValue } from "../dataflow/describe.js"
import { scalar } from "../dataflow/create.js"
import { clamp, mul, neg } from "../dataflow/arithmetic.js"
import { erf, erfInv } from "../dataflow/transcendental.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import { item } from "../engine/index.js"
import * as approximate from "./approximations.js"
import { next, round } from "./next.js"
import { TAIL, tailQuantile } from "./tail.js"
import { floatOf, uniform, type FloatOptions, type UniformOptions } from "./uniform.js"

type Float = NonNullable<FloatOptions["dtype"]>

/** The inverse of `erf`: in `f32` it follows jax rounding by rounding, in `f64` the formula to about 1e-15. */
const inverses = { f32: approximate.erfInv, f64: erfInv } as const

/** Not in one table with the inverses, because it needs the engine, which a bundle of `normal` then does not. */
const erfs = { f32: approximate.erf, f64: (x: number) => item(erf(scalar(x, "f64"))) } as const

/** `√2 · erf⁻¹ u` for `u` uniform on a part of `(-1, 1)`. */
const quantiles = (key: Tensor, shape: Shape, options: Required<UniformOptions>): Tensor =>
  mul(Math.SQRT2, inverses[options.dtype](uniform(key, shape, options)))

/**
 * Draws from the normal distribution of mean 0 and standard deviation 1: `√2 · erf⁻¹ u`, `u` uniform on `(-1, 1)`. Scale
 * and shift with `mul` and `add`.
 *
 * Shape: `shape`. A `KeyError` if `key` is not `u32` of shape `[2]`.
 *
 * Source: `jax.random.normal`. In `f32` its approximation of erf⁻¹ (Giles 2010), rounded step by step: its bits on
 * machines without fused multiply-add; with it, XLA differs in the last digit. In `f64` we deviate in the last digits:
 * the value is right to a relative 1e-15, where jax loses more as `u` nears ±1.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { key, normal } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(normal(key(0), [2])), [1.622642159461975, 2.0252647399902344])
 */
export const normal = (key: Tensor, shape: Shape, options: FloatOptions = {}): Tensor => {
  const dtype = floatOf("normal", options)
  return quantiles(key, shape, { min: next(dtype, -1, 1), max: 1, dtype })
}

/** Draws between two bounds that lie in one tail. */
const inTail = (key: Tensor, lower: number, upper: number, shape: Shape, dtype: Float): Tensor =>
  lower < 0
    ? neg(inTail(key, -upper, -lower, shape, dtype))
    : cast(tailQuantile(cast(uniform(key, shape, { dtype }), "f64"), lower, upper), dtype)

/** `erf(bound/√2)`, rounded step by step, but not to ±1, of which the quantile is infinite. */
const erfAt = (dtype: Float, bound: number): number => {
  const value = erfs[dtype](round(dtype, round(dtype, bound) * round(dtype, Math.SQRT1_2)))
  if (value === 1) return next(dtype, value, -1)
  return value === -1 ? next(dtype, value, 1) : value
}

/**
 * Draws from the normal distribution of mean 0 and standard deviation 1, given that it falls between two bounds:
 * `√2 · erf⁻¹ u`, `u` uniform between `erf(lower/√2)` and `erf(upper/√2)`.
 *
 * Shape: `shape`; every value lies strictly between the bounds. `lower < upper` must be finite and not so near to each
 * other that the dtype has nothing between them, else a `HyperparameterError`.
 *
 * Source: `jax.random.truncated_normal`; bits and digits as for `normal`, but that with fused multiply-add the last two
 * digits of XLA differ. Where both bounds are 2 or more on one side (4 in f64), we deviate: there `erf` tells few numbers apart (from
 * 5 to 6, ten), and the quantile is computed from the tail, as `±P⁻¹(P(lower) - u·(P(lower) - P(upper)))` with `u` uniform
 * on `[0, 1)` and `P(x)` the probability beyond `x`.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { key, truncatedNormal } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(truncatedNormal(key(0), -2, 2, [2])), [1.4559589624404907, 1.7147483825683594])
 */
export const truncatedNormal = (
  key: Tensor,
  lower: number,
  upper: number,
  shape: Shape,
  options: FloatOptions = {}
): Tensor => {
  const dtype = floatOf("truncatedNormal", options)
  if (!(Number.isFinite(lower) && Number.isFinite(upper) && lower < upper))
    fail(
      "HyperparameterError",
      "truncatedNormal",
      "finite bounds lower < upper",
      `${describeValue(lower)} and ${describeValue(upper)}`
    )
  const far = lower >= TAIL[dtype] || upper <= -TAIL[dtype]
  const [least, most] = [next(dtype, lower, 1), next(dtype, upper, -1)]
  const [min, max] = far ? [lower, upper] : [erfAt(dtype, lower), erfAt(dtype, upper)]
  if (!(far ? least <= most : min < max))
    fail(
      "HyperparameterError",
      "truncatedNormal",
      `bounds between which ${dtype} sees some probability`,
      `${lower} and ${upper}`
    )
  const drawn = far ? inTail(key, lower, upper, shape, dtype) : quantiles(key, shape, { min, max, dtype })
  return clamp(drawn, least, most)
}
