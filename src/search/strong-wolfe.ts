import { abs, add, clamp, maximum, minimum, mul, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { and, eq, ge, gt, isFinite, le, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { fixed, type OptionsOf, type Resolved } from "../options/fields.js"
import { nonNegative, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { whileLoop } from "../tree/while-loop.js"
import { moved } from "./bounds.js"
import { cubicMinimum, eitherTrial, type Trial } from "./cubic.js"
import type { Found, LineSearch } from "./line-search.js"
import type { Place } from "./place.js"
import type { Problem } from "./problem.js"
import { share, stretch, unit } from "./ranges.js"
import { count, dot, epsilonOf } from "./vector.js"

const fields = {
  /** 0 < c₁ < 1: the share of the fall that the slope promises, of which a step must bring at least so much. Default 1e-4. */
  sufficient: fixed(unit, 1e-4),
  /** c₁ < c₂ < 1: the share of the slope at the start that may be left at the end. Default 0.9. */
  curvature: fixed(unit, 0.9),
  /** How many points are looked at, at most, unless the function only falls: a whole number from 1. Default 30. */
  maxTrials: fixed(positiveInteger, 30),
  /** > 1.1: how many times farther than it went last it may go next, as long as the function still falls. Default 4. */
  growth: fixed(stretch, 4),
  /** From 0 to ½: the share of a bracket, at either end, in which no trial lies. Default 0.1. */
  margin: fixed(share, 0.1),
  /** ≥ 0: how many units of rounding values differ by that count as even. Default 4. */
  roundings: fixed(nonNegative, 4)
}

/** The options of the strong Wolfe conditions. */
export interface StrongWolfeOptions extends OptionsOf<typeof fields> {}

/** The least that it goes on beyond the last trial, in units of the last stride (Moré & Thuente, 1994). */
const LEAST_GROWTH = 1.1

interface Search {
  readonly trials: Tensor
  readonly done: Tensor
  /** The length that is looked at next. */
  readonly next: Tensor
  /** The best so far, with its gradient: where it begins, until something is lower by enough. */
  readonly low: Trial
  readonly gradient: Tensor
  /** The other end of the bracket, infinitely long as long as there is none. */
  readonly high: Trial
}

const shortest = (longest: Tensor | undefined, length: Tensor): Tensor =>
  longest === undefined ? length : minimum(longest, length)

const searching =
  (
    options: Resolved<typeof fields>,
    problem: Problem,
    from: Place,
    direction: Tensor,
    slope: Tensor,
    longest?: Tensor
  ) =>
  ({ trials, next, low, gradient: lowGradient, high }: Search): Search => {
    const { sufficient, curvature, growth, margin, roundings } = options
    const [value, gradient] = problem.valueAndGradient(moved(problem.bounds, from.point, mul(next, direction)))
    const trial: Trial = { length: next, value, slope: dot(gradient, direction) }
    const isFallen = eq(value, -Infinity)
    const isSound = and(isFinite(value), isFinite(trial.slope))

    const falls = and(le(value, add(from.value, mul(mul(sufficient, next), slope))), lt(value, low.value))
    const levels = le(abs(trial.slope), mul(-curvature, slope))
    // near a minimum differences of values are rounding, and slopes alone tell
    const isEven = le(abs(sub(value, from.value)), mul(roundings * epsilonOf(problem.dtype), abs(from.value)))
    const accepts = or(isFallen, and(and(isSound, levels), or(falls, isEven)))

    const isLower = or(accepts, and(isSound, falls))
    const isBeyond = where(gt(high.length, low.length), ge(trial.slope, 0), le(trial.slope, 0))
    const newLow = eitherTrial(isLower, trial, low)
    const newHigh = eitherTrial(isLower, eitherTrial(isBeyond, low, high), trial)

    const width = sub(newHigh.length, newLow.length)
    const middle = add(newLow.length, mul(0.5, width))
    const within = minimum(newLow.length, newHigh.length)
    const inset = mul(margin, abs(width))
    const inside = clamp(
      where(isSound, cubicMinimum(newLow, newHigh, middle), middle),
      add(within, inset),
      sub(maximum(newLow.length, newHigh.length), inset)
    )
    const stride = sub(next, low.length)
    const outside = clamp(
      cubicMinimum(low, trial, add(next, mul(growth, stride))),
      add(next, mul(LEAST_GROWTH, stride)),
      add(next, mul(growth, stride))
    )
    const isBracketed = isFinite(newHigh.length)
    const ends = longest === undefined ? accepts : or(accepts, and(isLower, ge(next, longest)))
    const isNarrow = le(abs(width), mul(epsilonOf(problem.dtype), newLow.length))
    return {
      trials: add(trials, 1),
      done: or(ends, and(isBracketed, isNarrow)),
      next: shortest(longest, where(isBracketed, inside, outside)),
      low: newLow,
      gradient: where(isLower, gradient, lowGradient),
      high: newHigh
    }
  }

/**
 * Makes the line search for the strong Wolfe conditions, by brackets and cubics. Along the direction p, with φ(α) = f(x + αp), it
 * finds a length with
 *
 *     φ(α) ≤ φ(0) + c₁ α φ'(0)    (lower by enough)
 *     |φ'(α)| ≤ c₂ |φ'(0)|        (and where it is flatter)
 *
 * It goes on while φ falls, by the minimum of a cubic, at most `growth` times as far as it went last; once it has a bracket of
 * such a length it draws it together by cubics, which keep away from its ends by `margin`. Where φ(α) and φ(0) differ by
 * `roundings` units of rounding or less, the second condition is enough. A value or slope that is not finite counts as too long.
 * After `maxTrials` it takes the lowest point that was lower by enough; but as long as φ only falls it goes on, until it is
 * -Infinity, or too far away to be said, which is -Infinity as well.
 *
 * Each trial takes a value and a gradient. Throws a `HyperparameterError` for options out of range, or c₁ ≥ c₂.
 *
 * Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, algorithms 3.5 and 3.6, in one loop; deviates in what it does
 * where values are rounding (near what Hager & Zhang do, 2005, SIAM J. Optim. 16, eq. 4.1) and in how far it extrapolates (Moré &
 * Thuente, 1994, ACM TOMS 20).
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, square, sub, type Tensor } from "thalweg"
 * import { lbfgs, minimize, strongWolfe } from "thalweg/minimize"
 *
 * const method = lbfgs({ lineSearch: strongWolfe({ curvature: 0.1 }) })
 * const { at, reason } = minimize((x: Tensor) => square(sub(x, 3)), { method })(scalar(0, "f64"))
 * assert.strictEqual(reason, "converged")
 */
export const strongWolfe: Recipe<typeof fields, (options?: StrongWolfeOptions) => LineSearch> = recipe(
  "strongWolfe",
  fields,
  {},
  (options): LineSearch => {
    const { sufficient, curvature, maxTrials } = options
    fixed({ expected: `a number above sufficient, ${sufficient}`, holds: x => x > sufficient }).check(
      "strongWolfe",
      "curvature",
      curvature
    )
    const search: LineSearch["search"] = (problem, from, direction, first, longest): Found => {
      const { dtype } = problem
      const slope = dot(from.gradient, direction)
      const at = (length: number): Trial => ({
        length: scalar(length, dtype),
        value: from.value,
        slope
      })
      const { trials, next, low, gradient } = whileLoop<Search>(
        ({ done, trials, next, high }) =>
          and(and(not(done), isFinite(next)), or(lt(trials, maxTrials), not(isFinite(high.length)))),
        searching(options, problem, from, direction, slope, longest),
        {
          trials: count(0),
          done: not(lt(slope, 0)),
          next: shortest(longest, first),
          low: at(0),
          gradient: from.gradient,
          high: at(Infinity)
        }
      )
      // it still fell where there are no more numbers to go to
      const isEndless = and(eq(next, Infinity), gt(low.length, 0))
      return {
        point: moved(problem.bounds, from.point, mul(low.length, direction)),
        ...{ value: where(isEndless, -Infinity, low.value), gradient, length: low.length, found: gt(low.length, 0) },
        evaluations: { values: trials, gradients: trials }
      }
    }
    return { name: "strongWolfe", search }
  }
)
