import { add, mul } from "../dataflow/arithmetic.js"
import { zeros } from "../dataflow/create.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { checkShape, showShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { choice, fixed, type OptionsOf } from "../options/fields.js"
import { finiteF32, fitsF32, nonNegativeF32 } from "../options/range.js"
import { functionRecipe } from "../options/function-recipe.js"
import type { Recipe } from "../options/recipe.js"
import { normal, truncatedNormal, uniform } from "../random/index.js"

/** Draws initial parameters of a shape from a key; `dtype` is `f32` by default. The same key draws the same bits. */
export type Initializer = (key: Tensor, shape: Shape, dtype?: FloatDType) => Tensor

/** Connections into and out of a unit, of a kernel `[…window, inputs, outputs]`. */
const fans = (shape: Shape): readonly [fanIn: number, fanOut: number] => {
  const [inputs, outputs] = checkShape("initializer", shape).slice(-2)
  if (inputs === undefined || outputs === undefined)
    return fail("ShapeError", "initializer", "a kernel […window, inputs, outputs]", showShape(shape))
  const window = sizeOf(shape.slice(0, -2))
  return [inputs * window, outputs * window]
}

/** The standard deviation of a normal distribution that is cut off at two of them. */
const TRUNCATED = 0.87962566103423978

const draws = {
  normal: (key: Tensor, deviation: number, shape: Shape, dtype: FloatDType) =>
    mul(normal(key, shape, { dtype }), deviation),
  truncatedNormal: (key: Tensor, deviation: number, shape: Shape, dtype: FloatDType) =>
    mul(truncatedNormal(key, -2, 2, shape, { dtype }), deviation / TRUNCATED)
}

const scalingFields = {
  /** The variance, times the fan: a finite number ≥ 0. Default 1. */
  scale: fixed(nonNegativeF32, 1),
  /** By which fan the variance is divided: "fanIn" (default), "fanOut", or their mean, "fanAverage". */
  mode: choice(["fanIn", "fanOut", "fanAverage"], "fanIn"),
  /** Of which shape the distribution is: "normal" (default), "truncatedNormal", cut off at two deviations, or "uniform". */
  distribution: choice(["normal", "truncatedNormal", "uniform"], "normal")
}

/** By what the variance of a kernel is scaled, and how it is distributed. */
export interface VarianceScalingOptions extends OptionsOf<typeof scalingFields> {}

/**
 * Makes an initializer of kernels of mean 0 and variance `scale / fan`, whatever the distribution.
 *
 * Shape: `[…window, inputs, outputs]`, with `fanIn = inputs · |window|`, `fanOut = outputs · |window|`; others are a
 * `ShapeError`. Options: see `VarianceScalingOptions`; others are a `HyperparameterError`.
 *
 * Glorot's are those of "fanAverage", He's of scale 2, LeCun's of scale 1; Keras and jax truncate the normal ones. Source:
 * `jax.nn.initializers.variance_scaling`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, standardDeviation } from "thalweg"
 * import { varianceScaling } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const kernel = varianceScaling({ scale: 4, mode: "fanOut", distribution: "truncatedNormal" })(key(0), [100, 100])
 * assert.ok(Math.abs(item(standardDeviation(kernel)) - 0.2) < 0.004)
 */
export const varianceScaling: Recipe<typeof scalingFields, (options?: VarianceScalingOptions) => Initializer> =
  functionRecipe("varianceScaling", scalingFields, ({ scale, mode, distribution }): Initializer => {
    return (key, shape, dtype = "f32") => {
      const [fanIn, fanOut] = fans(shape)
      if (sizeOf(shape) === 0) return zeros(shape, dtype) // a fan may be 0
      const variance = scale / { fanIn, fanOut, fanAverage: (fanIn + fanOut) / 2 }[mode]
      if (distribution !== "uniform") return draws[distribution](key, Math.sqrt(variance), shape, dtype)
      const bound = Math.sqrt(3 * variance)
      if (bound === 0) return zeros(shape, dtype)
      return uniform(key, shape, { min: -bound, max: bound, dtype })
    }
  })

const normalFields = {
  /** A finite number. Default 0. */
  mean: fixed(finiteF32, 0),
  /** A finite number ≥ 0. Default 0.05. */
  standardDeviation: fixed(nonNegativeF32, 0.05)
}

/** Mean and standard deviation. */
export interface NormalInitializerOptions extends OptionsOf<typeof normalFields> {}

/**
 * Makes an initializer that draws from a normal distribution, in any shape.
 *
 * Options: `mean` (0) and `standardDeviation` (0.05, as Keras has it); others are a `HyperparameterError`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mean } from "thalweg"
 * import { normalInitializer } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const drawn = normalInitializer({ mean: 2, standardDeviation: 0.1 })(key(0), [1000])
 * assert.ok(Math.abs(item(mean(drawn)) - 2) < 0.01)
 */
export const normalInitializer: Recipe<typeof normalFields, (options?: NormalInitializerOptions) => Initializer> =
  functionRecipe("normalInitializer", normalFields, ({ mean, standardDeviation }): Initializer => {
    return (key, shape, dtype = "f32") => add(mul(normal(key, shape, { dtype }), standardDeviation), mean)
  })

const truncatedFields = {
  ...normalFields,
  /** Below how many deviations it is cut off, a finite number. Default -2. */
  lower: fixed(finiteF32, -2),
  /** Above how many deviations it is cut off, a finite number above `lower`. Default 2. */
  upper: fixed(finiteF32, 2)
}

/** Mean and standard deviation, as if nothing were cut off, and what is. */
export interface TruncatedNormalInitializerOptions extends OptionsOf<typeof truncatedFields> {}

/**
 * Makes an initializer that draws from a normal distribution without its tails, in any shape.
 *
 * Options: `mean` (0) and `standardDeviation` (0.05) of the whole distribution, `lower` (-2) and `upper` (2) in deviations from
 * the mean; others are a `HyperparameterError`. What is left deviates less: by 0.88 times, between -2 and 2.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, item, max } from "thalweg"
 * import { truncatedNormalInitializer } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const drawn = truncatedNormalInitializer({ standardDeviation: 0.5 })(key(0), [1000])
 * assert.ok(item(max(abs(drawn))) <= 1)
 */
export const truncatedNormalInitializer: Recipe<
  typeof truncatedFields,
  (options?: TruncatedNormalInitializerOptions) => Initializer
> = functionRecipe(
  "truncatedNormalInitializer",
  truncatedFields,
  ({ mean, standardDeviation, lower, upper }): Initializer => {
    if (lower >= upper)
      fail("HyperparameterError", "truncatedNormalInitializer", "lower < upper", `${lower} and ${upper}`)
    return (key, shape, dtype = "f32") =>
      add(mul(truncatedNormal(key, lower, upper, shape, { dtype }), standardDeviation), mean)
  }
)

const uniformFields = {
  /** A finite number. Default -0.05. */
  min: fixed(finiteF32, -0.05),
  /** A finite number above `min`. Default 0.05. */
  max: fixed(finiteF32, 0.05)
}

/** Between which bounds is drawn. */
export interface UniformInitializerOptions extends OptionsOf<typeof uniformFields> {}

/**
 * Makes an initializer that draws evenly from `min` to below `max`, in any shape.
 *
 * Options: `min` (-0.05) and `max` (0.05, as Keras has them), finite, `min < max`; others are a `HyperparameterError`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, max } from "thalweg"
 * import { uniformInitializer } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * assert.ok(item(max(uniformInitializer({ min: 0, max: 3 })(key(0), [1000]))) < 3)
 */
export const uniformInitializer: Recipe<typeof uniformFields, (options?: UniformInitializerOptions) => Initializer> =
  functionRecipe("uniformInitializer", uniformFields, ({ min, max }): Initializer => {
    if (min >= max || !fitsF32(max - min))
      fail("HyperparameterError", "uniformInitializer", "min < max, apart by what f32 can hold", `${min} and ${max}`)
    return (key, shape, dtype = "f32") => uniform(key, shape, { min, max, dtype })
  })
