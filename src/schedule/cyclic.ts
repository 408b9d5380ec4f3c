import { scalar } from "../dataflow/create.js"
import { add, div, floor, mul, rem, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hull, towardsInfinity, whereKnown, within } from "../options/extent.js"
import { beside, choice, fixed, quantity, type OptionsOf } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { checkNumber, finite, natural, positive, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { compounded, saturated } from "./common.js"
import { piecewiseInterpolate } from "./pieces.js"

const cyclicFields = {
  /** What every cycle starts from, a finite number. */
  low: quantity(finite),
  /** What the first cycle rises to, a finite number. */
  high: quantity(finite),
  /** How many steps a cycle rises, a whole number from 1. */
  upSteps: fixed(positiveInteger),
  /** How many steps a cycle falls, a whole number from 1. */
  downSteps: fixed(positiveInteger),
  /** Whether the height stays (the default), is halved at every cycle, or is multiplied by `rate` at every step. */
  mode: choice(["triangular", "triangular2", "expRange"], "triangular"),
  /** By what `mode: "expRange"` multiplies at every step, a finite number > 0. Default 1. */
  rate: beside("mode", fixed(positive, 1), "expRange")
}

/** The options of a triangle wave. */
export interface CyclicOptions extends OptionsOf<typeof cyclicFields> {}

/** What a height of the first cycle is at a step of another. */
const heights: Readonly<
  Record<"triangular" | "triangular2" | "expRange", (height: Tensor, t: Tensor, cycle: Tensor, rate: number) => Tensor>
> = {
  triangular: height => height,
  triangular2: (height, _, cycle) => compounded(height, scalar(0.5, "f64"), cycle),
  expRange: (height, t, _, rate) => compounded(height, scalar(rate, "f64"), t)
}

/**
 * Rises from `low` to `high` and falls back in straight lines, again and again: `s(t) = low + (high - low) · x · h`,
 * where `x` goes from 0 to 1 in `upSteps` and back in `downSteps`, and the height `h` is 1, `½^cycle` (`"triangular2"`)
 * or `rate^t` (`"expRange"`; what would grow beyond f64 stays at its largest number).
 *
 * Options: see `CyclicOptions`; others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Law: "expRange" of rate 1 is "triangular".
 * Source: Smith 2017, arXiv 1506.01186, §3.1, where both ways are as long; PyTorch's `CyclicLR`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { cyclic } from "thalweg/schedule"
 *
 * const wave = cyclic({ low: 0, high: 4, upSteps: 2, downSteps: 1, mode: "triangular2" })
 * assert.deepStrictEqual(toArray(wave(arange(7))), [0, 2, 4, 0, 1, 2, 0])
 */
export const cyclic: Recipe<typeof cyclicFields, (options: CyclicOptions) => Schedule> = recipe(
  "cyclic",
  cyclicFields,
  {},
  ({ low, high, upSteps, downSteps, mode, rate }): Schedule => {
    const steps = upSteps + downSteps
    const grows = mode === "expRange" && rate > 1
    const highest = whereKnown([low, high], (a, b) => (grows ? towardsInfinity(b - a) : b))
    return within(hull("cyclic", [low, high, highest]), step => {
      const t = cast(step, "f64")
      const passed = rem(t, steps)
      const share = where(lt(passed, upSteps), div(passed, upSteps), div(sub(steps, passed), downSteps))
      const height = heights[mode](mul(share, saturated(sub(high, low))), t, floor(div(t, steps)), rate)
      return grows ? saturated(add(height, low)) : add(height, low)
    })
  }
)

const oneCycleFields = {
  /** What it rises to, a finite number. */
  peak: fixed(finite),
  /** How many steps it rises, a whole number from 0; with 0 it begins with its peak. */
  upSteps: fixed(natural),
  /** How many steps it falls, a whole number from 0; with 0 it falls at once. */
  downSteps: fixed(natural),
  /**
   * How many steps it falls from its start to its end, a whole number from 0. Default 0: it falls from its peak to its
   * end at once.
   */
  finalSteps: fixed(natural, 0),
  /** By what the peak is divided at the start, a finite number > 0. Default 25. */
  divFactor: fixed(positive, 25),
  /** By what the start is divided at the end, a finite number > 0. Default 1e4. */
  finalDivFactor: fixed(positive, 1e4),
  /** What goes up and down: straight lines (the default) or half cosines. */
  interpolation: piecewiseInterpolate.fields.interpolation
}

/** The options of a single cycle. */
export interface OneCycleOptions extends OptionsOf<typeof oneCycleFields> {}

/**
 * Rises once to `peak` and falls, at last far below where it started: from `peak / divFactor` to `peak` in `upSteps`,
 * back in `downSteps`, to `peak / divFactor / finalDivFactor` in `finalSteps`, and stays there. Without `finalSteps` the
 * way down leads to the end at once.
 *
 * Options: see `OneCycleOptions`; others are a `HyperparameterError`, as are quotients beyond f64.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Source: Smith & Topin 2018, arXiv 1708.07120, §3: lines up and down of one length, then a fall by several orders.
 * optax and PyTorch give shares of all steps in place of numbers of steps. optax's `linear_onecycle_schedule` has
 * `finalSteps`, its `cosine_onecycle_schedule` has none; PyTorch's `OneCycleLR` has cosines and no `finalSteps` unless
 * told otherwise (`three_phase`), and reaches its peak and its end one step earlier: its `upSteps` are
 * `pct_start·total_steps - 1`, and all add up to `total_steps - 1`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { oneCycle } from "thalweg/schedule"
 *
 * const cycle = oneCycle({ peak: 8, upSteps: 2, downSteps: 2, finalSteps: 1, divFactor: 2, finalDivFactor: 4 })
 * assert.deepStrictEqual(toArray(cycle(arange(7))), [4, 6, 8, 6, 4, 1, 1])
 */
export const oneCycle: Recipe<typeof oneCycleFields, (options: OneCycleOptions) => Schedule> = recipe(
  "oneCycle",
  oneCycleFields,
  {},
  ({ peak, upSteps, downSteps, finalSteps, divFactor, finalDivFactor, interpolation }) => {
    const start = checkNumber("oneCycle", "peak / divFactor", finite, peak / divFactor)
    const end = checkNumber("oneCycle", "peak / divFactor / finalDivFactor", finite, start / finalDivFactor)
    const [top, bottom] = [upSteps, upSteps + downSteps]
    const boundaries = finalSteps === 0 ? [top, bottom] : [top, bottom, bottom + finalSteps]
    const values = finalSteps === 0 ? [start, peak, end] : [start, peak, start, end]
    return within(hull("oneCycle", [start, peak, end]), piecewiseInterpolate({ boundaries, values, interpolation }))
  }
)
