import { add, div, floor, mul, pow, rem, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { ge, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { log } from "../dataflow/transcendental.js"
import { scalar } from "../dataflow/create.js"
import { hull, towardsInfinity, towardsZero, whereKnown, within } from "../options/extent.js"
import { choice, fixed, quantity, type OptionsOf } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { finite, natural, positive, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { compounded, fall, halfCosine, saturated, until } from "./common.js"

const cosineFields = {
  /** The value at step 0, a finite number. */
  start: quantity(finite),
  /** The value at step `steps`, a finite number. Default 0. */
  end: quantity(finite, 0),
  /** How many steps from start to end, a whole number from 0; 0 for the end at once. */
  steps: fixed(natural),
  /** A finite number > 0 to which the half cosine is raised. Default 1. */
  power: fixed(positive, 1),
  /** What follows: the end for ever (the default), or the cosine, which rises again. */
  beyond: choice(["hold", "swing"], "hold")
}

/** The options of half a cosine. */
export interface CosineOptions extends OptionsOf<typeof cosineFields> {}

/**
 * Follows half a cosine from `start` to `end` over `steps` steps and stays there:
 * `s(t) = end + (start - end) · ((1 + cos(π · min(t, steps) / steps)) / 2)^power`. It is flat at both ends (of power 1).
 *
 * Options: see `CosineOptions`; those out of range are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: Loshchilov & Hutter 2017, arXiv 1608.03983, equation 5: one period, without restarts. PyTorch's
 * `CosineAnnealingLR` rises again, which `beyond: "swing"` does; optax and Keras give `end` as a share `alpha` of
 * `start`, and optax the power as `exponent`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, round, toArray } from "thalweg"
 * import { cosine } from "thalweg/schedule"
 *
 * const annealing = cosine({ start: 200, end: 100, steps: 4 })
 * assert.deepStrictEqual(toArray(round(annealing(arange(6)))), [200, 185, 150, 115, 100, 100])
 */
export const cosine: Recipe<typeof cosineFields, (options: CosineOptions) => Schedule> = recipe(
  "cosine",
  cosineFields,
  {},
  ({ start, end, steps, power, beyond }) => {
    const after = (passed: Tensor): Tensor => fall(start, end, pow(halfCosine(passed), power))
    return within(
      hull("cosine", [start, end]),
      beyond === "hold" || steps === 0 ? until(steps, after, end) : step => after(div(cast(step, "f64"), steps))
    )
  }
)

const restartsFields = {
  /** The value at step 0, a finite number. */
  start: quantity(finite),
  /** What every period falls to, a finite number. Default 0. */
  end: quantity(finite, 0),
  /** T₀: how many steps the first period lasts, a whole number from 1. */
  steps: fixed(positiveInteger),
  /** T_mult: by what each period is longer than the one before, a whole number from 1. Default 1. */
  stepsFactor: fixed(positiveInteger, 1),
  /** By what the height above the end is multiplied at each restart, a finite number > 0. Default 1. */
  heightFactor: fixed(positive, 1)
}

/** The options of a cosine with restarts. */
export interface CosineRestartsOptions extends OptionsOf<typeof restartsFields> {}

/** A step's place: the number of its period, from 0, and how much of that has passed, from 0 to below 1. */
interface Place {
  readonly period: Tensor
  readonly passed: Tensor
}

/** Period `i` is `steps · factor^i` steps long, so it begins at `steps · (factor^i - 1) / (factor - 1)`. */
const growingPeriods = (t: Tensor, steps: number, factor: number): Place => {
  const base = scalar(factor, "f64")
  const lengths = (period: Tensor): Tensor => pow(base, period)
  const begin = (period: Tensor): Tensor => mul(div(sub(lengths(period), 1), factor - 1), steps)
  const about = floor(div(log(add(mul(t, (factor - 1) / steps), 1)), log(base)))
  // Right at a restart the logarithm may round to the period before.
  const period = where(ge(t, begin(add(about, 1))), add(about, 1), about)
  return { period, passed: div(sub(t, begin(period)), mul(lengths(period), steps)) }
}

const equalPeriods = (t: Tensor, steps: number): Place => ({
  period: floor(div(t, steps)),
  passed: div(rem(t, steps), steps)
})

/**
 * Follows half a cosine from `start` to `end` again and again, in periods that may grow longer and lower:
 * `s(t) = end + (start - end) · heightFactor^i · (1 + cos(π · T_cur / T_i)) / 2`, where `i` is the number of restarts
 * before, `T_i = steps · stepsFactor^i`, and `T_cur` counts from the last restart.
 *
 * At a restart the new period applies. Heights that would grow beyond f64 stay at its largest number.
 * Options: see `CosineRestartsOptions`; those out of range are a `HyperparameterError`. Shape: that of the step, a scalar
 * in optimizers; f64.
 *
 * Law: within the first period, `cosine`.
 * Source: SGDR, Loshchilov & Hutter 2017, arXiv 1608.03983, equation 5, with `heightFactor` 1, as PyTorch's
 * `CosineAnnealingWarmRestarts`. Keras's `CosineDecayRestarts` takes fractions for `stepsFactor`; we do not, so that
 * restarts fall on steps. optax's `sgdr_schedule` is a `join` of `warmup`s.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, round, toArray } from "thalweg"
 * import { cosineRestarts } from "thalweg/schedule"
 *
 * const restarts = cosineRestarts({ start: 100, steps: 2, stepsFactor: 2 })
 * assert.deepStrictEqual(toArray(round(restarts(arange(7)))), [100, 50, 100, 85, 50, 15, 100])
 */
export const cosineRestarts: Recipe<typeof restartsFields, (options: CosineRestartsOptions) => Schedule> = recipe(
  "cosineRestarts",
  restartsFields,
  {},
  ({ start, end, steps, stepsFactor, heightFactor }): Schedule => {
    const highest = whereKnown([start, end], (a, b) => (heightFactor > 1 ? towardsInfinity(a - b) : a))
    // no step is the end of a period
    const lowest = whereKnown([start, end], (a, b) => (b === 0 ? towardsZero(a) : b))
    return within(hull("cosineRestarts", [start, highest, lowest]), step => {
      const t = cast(step, "f64")
      const { period, passed } = stepsFactor === 1 ? equalPeriods(t, steps) : growingPeriods(t, steps, stepsFactor)
      const later = add(compounded(saturated(sub(start, end)), scalar(heightFactor, "f64"), period), end)
      const top = heightFactor === 1 ? start : where(lt(t, steps), start, saturated(later))
      return fall(top, end, halfCosine(passed))
    })
  }
)
