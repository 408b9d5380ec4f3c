import { add, div, floor, minimum, mul, pow } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hull, towardsInfinity, towardsZero, whereKnown, within } from "../options/extent.js"
import { fixed, flag, quantity, type OptionsOf } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { finite, natural, positive, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { divisor, compounded } from "./common.js"

const rateFields = {
  /** The value at step 0, a finite number. */
  start: quantity(finite),
  /** How many steps it takes for the rate to apply once, a finite number > 0. Default 1. */
  steps: fixed(positive, 1),
  /** Whether the value changes only after each `steps` steps. Default no. */
  staircase: flag(false)
}

const exponentialFields = {
  ...rateFields,
  /** By what it is multiplied, a finite number > 0; above 1 it grows. */
  rate: quantity(positive)
}

/** The options of an exponential. */
export interface ExponentialOptions extends OptionsOf<typeof exponentialFields> {}

/** How often `steps` steps have passed; a whole number on a staircase. */
const periods = (step: Tensor, steps: number, staircase: boolean): Tensor => {
  const passed = div(cast(step, "f64"), steps)
  return staircase ? floor(passed) : passed
}

/**
 * Multiplies by `rate` every `steps` steps, smoothly: `s(t) = start · rate^(t / steps)`; with `staircase` at once,
 * `s(t) = start · rate^⌊t / steps⌋`.
 *
 * What would grow beyond f64 stays at its largest number; from 0, all is 0.
 *
 * `start`: a finite number. `rate`: a finite number > 0; above 1 it grows. `steps`: a finite number > 0 (default 1).
 * Others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: with `steps` 1, `ExponentialLR` of PyTorch; with `staircase`, its `StepLR`; Keras's `ExponentialDecay`;
 * optax's `exponential_decay`, whose `transition_begin` is `shift` and whose `end_value` is `atLeast` or `atMost`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { exponential } from "thalweg/schedule"
 *
 * const decay = exponential({ start: 1, rate: 0.25, steps: 2 }) // a quarter after two steps, half after one
 * assert.deepStrictEqual(toArray(decay(arange(5))), [1, 0.5, 0.25, 0.125, 0.0625])
 * const stairs = exponential({ start: 1, rate: 0.25, steps: 2, staircase: true })
 * assert.deepStrictEqual(toArray(stairs(arange(5))), [1, 1, 0.25, 0.25, 0.0625])
 */
export const exponential: Recipe<typeof exponentialFields, (options: ExponentialOptions) => Schedule> = recipe(
  "exponential",
  exponentialFields,
  {},
  ({ start, rate, steps, staircase }): Schedule => {
    const end = whereKnown([start, rate], (a, r) => (r === 1 ? a : r < 1 ? towardsZero(a) : towardsInfinity(a)))
    return within(hull("exponential", [start, end]), step => compounded(start, rate, periods(step, steps, staircase)))
  }
)

const inverseTimeFields = {
  ...rateFields,
  /** By what the denominator grows, a finite number > 0. */
  rate: quantity(positive)
}

/** The options of an inverse of time. */
export interface InverseTimeOptions extends OptionsOf<typeof inverseTimeFields> {}

/**
 * Divides by what grows evenly: `s(t) = start / (1 + rate · t / steps)`, with `staircase` of `⌊t / steps⌋`.
 *
 * Such rates add up to infinity and their squares do not, as Robbins & Monro ask of those of stochastic descent.
 * Options: see `InverseTimeOptions`; those out of range are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: Robbins & Monro 1951; Keras's `InverseTimeDecay`; with `steps` 1, the `lr_decay` of PyTorch's Adagrad.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { inverseTime } from "thalweg/schedule"
 *
 * const decay = inverseTime({ start: 12, rate: 1 })
 * assert.deepStrictEqual(toArray(decay(arange(4))), [12, 6, 4, 3])
 */
export const inverseTime: Recipe<typeof inverseTimeFields, (options: InverseTimeOptions) => Schedule> = recipe(
  "inverseTime",
  inverseTimeFields,
  {},
  ({ start, rate, steps, staircase }): Schedule =>
    within(hull("inverseTime", [start, whereKnown([start], towardsZero)]), step =>
      div(start, add(mul(periods(step, steps, staircase), rate), 1))
    )
)

const noamFields = {
  /** d: the width of the model, a whole number from 1. */
  modelSize: fixed(positiveInteger),
  /** w: how many steps it rises, a whole number; it begins with its peak if that is 0 or 1. */
  warmupSteps: fixed(natural),
  /** By what all is multiplied, a finite number. Default 1. */
  factor: quantity(finite, 1)
}

/** The options of the schedule of the Transformer. */
export interface NoamOptions extends OptionsOf<typeof noamFields> {}

/**
 * Rises in a straight line, then falls as the root of the steps: `s(t) = factor · d^-½ · min(n^-½, n · w^-1.5)` with
 * `n = t + 1`. It is highest at step `w - 1`, with `factor / √(d·w)`.
 *
 * Options: see `NoamOptions`; those out of range are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: Vaswani et al. 2017, arXiv 1706.03762, equation 3, which counts steps from 1.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, item, scalar, toArray } from "thalweg"
 * import { noam } from "thalweg/schedule"
 *
 * const rate = noam({ modelSize: 64, warmupSteps: 4 })
 * assert.deepStrictEqual(toArray(rate(arange(4))), [1 / 64, 2 / 64, 3 / 64, 4 / 64])
 * assert.strictEqual(item(rate(scalar(15))), 2 / 64) // at four times the steps, half the rate
 */
export const noam: Recipe<typeof noamFields, (options: NoamOptions) => Schedule> = recipe(
  "noam",
  noamFields,
  {},
  ({ modelSize, warmupSteps, factor }): Schedule => {
    const size = div(factor, Math.sqrt(modelSize))
    const w = divisor(warmupSteps)
    const highest = whereKnown([factor], f => f / Math.sqrt(modelSize) / Math.sqrt(w))
    return within(hull("noam", [highest, whereKnown([highest], towardsZero)]), step => {
      const n = add(cast(step, "f64"), 1)
      return mul(minimum(pow(n, -0.5), div(n, w * Math.sqrt(w))), size)
    })
  }
)
