import { ceil, div, maximum, mul, pow, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hull, within } from "../options/extent.js"
import { choice, fixed, quantity, type OptionsOf } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { finite, natural, positive } from "../options/range.js"
import { recipe, recipeAs, type Recipe } from "../options/recipe.js"
import { fall, line, until } from "./common.js"

const constantFields = {
  /** A finite number. */
  value: quantity(finite)
}

/**
 * Gives the same value at every step: `s(t) = value`, an f64 scalar.
 *
 * `value`: a finite number or a tensor, else a `HyperparameterError`.
 *
 * Law: a constant schedule is the number, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { constant } from "thalweg/schedule"
 *
 * assert.strictEqual(item(constant(0.1)(scalar(1000))), 0.1)
 */
export const constant: Recipe<typeof constantFields, (value: number | Tensor) => Schedule> = recipeAs(
  "constant",
  constantFields,
  {},
  ({ value }): Schedule => {
    return within(hull("constant", [value]), () => value)
  },
  make => value => make({ value })
)

const linearFields = {
  /** The value at step 0, a finite number. */
  start: quantity(finite),
  /** The value from step `steps` on, a finite number. */
  end: quantity(finite),
  /** How many steps from start to end, a whole number from 0; 0 for the end at once. */
  steps: fixed(natural)
}

/** The options of a straight line. */
export interface LinearOptions extends OptionsOf<typeof linearFields> {}

/**
 * Goes from `start` to `end` in a straight line over `steps` steps and stays there:
 * `s(t) = start + (end - start) · min(t, steps) / steps`. From 0 it is a warm-up.
 *
 * `start`, `end`: finite numbers, or tensors. `steps`: a whole number from 0. Others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Law: `polynomial` of power 1.
 * Source: PyTorch's `LinearLR`, which gives `start` and `end` as factors of a rate.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { linear } from "thalweg/schedule"
 *
 * const warmup = linear({ start: 0, end: 0.5, steps: 4 })
 * assert.deepStrictEqual(toArray(warmup(arange(6))), [0, 0.125, 0.25, 0.375, 0.5, 0.5])
 */
export const linear: Recipe<typeof linearFields, (options: LinearOptions) => Schedule> = recipe(
  "linear",
  linearFields,
  {},
  ({ start, end, steps }) =>
    within(
      hull("linear", [start, end]),
      until(steps, passed => line(start, end, passed), end)
    )
)

const polynomialFields = {
  /** The value at step 0, a finite number. */
  start: quantity(finite),
  /** The value at step `steps`, a finite number. Default 0. */
  end: quantity(finite, 0),
  /** How many steps from start to end, a whole number from 0; 0 for the end at once. */
  steps: fixed(natural),
  /** A finite number > 0: 1 (the default) is a straight line, more is steeper at first. */
  power: fixed(positive, 1),
  /** What follows: the end for ever (the default), or the whole curve stretched to the next multiple of `steps`. */
  beyond: choice(["hold", "stretch"], "hold")
}

/** The options of a polynomial. */
export interface PolynomialOptions extends OptionsOf<typeof polynomialFields> {}

/**
 * Goes from `start` to `end` along a power of the steps that remain:
 * `s(t) = end + (start - end) · (1 - t / steps)^power`, and stays there.
 *
 * With `beyond: "stretch"` the steps are `steps · max(1, ⌈t / steps⌉)`: at every multiple it is at its end, and jumps up
 * after it. Options: see `PolynomialOptions`; those out of range are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: Keras's `PolynomialDecay` (its `cycle` is "stretch"); optax's `polynomial_schedule`, whose `transition_begin`
 * is `shift`; PyTorch's `PolynomialLR`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { polynomial } from "thalweg/schedule"
 *
 * const decay = polynomial({ start: 16, steps: 4, power: 2 })
 * assert.deepStrictEqual(toArray(decay(arange(6))), [16, 9, 4, 1, 0, 0])
 */
export const polynomial: Recipe<typeof polynomialFields, (options: PolynomialOptions) => Schedule> = recipe(
  "polynomial",
  polynomialFields,
  {},
  ({ start, end, steps, power, beyond }): Schedule => {
    const after = (passed: Tensor): Tensor => fall(start, end, pow(sub(1, passed), power))
    const stretched: Schedule = step => {
      const t = cast(step, "f64")
      const passed = div(t, mul(maximum(ceil(div(t, steps)), 1), steps))
      return where(eq(passed, 1), end, after(passed))
    }
    return within(
      hull("polynomial", [start, end]),
      beyond === "hold" || steps === 0 ? until(steps, after, end) : stretched
    )
  }
)
