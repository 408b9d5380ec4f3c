import { abs, add, mul } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { and, eq, isFinite, le, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { nonNegative, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { whileLoop } from "../tree/while-loop.js"
import { moved } from "./bounds.js"
import type { Found, LineSearch } from "./line-search.js"
import { unit } from "./ranges.js"
import { count, dot, epsilonOf } from "./vector.js"

const fields = {
  /** 0 < c₁ < 1: the share of the fall that the slope promises, of which a step must bring at least so much. Default 1e-4. */
  sufficient: fixed(unit, 1e-4),
  /** 0 < τ < 1: what a length that was too long is multiplied by. Default 0.5. */
  shrink: fixed(unit, 0.5),
  /** How many lengths are tried, at most, a whole number from 1. Default 50. */
  maxTrials: fixed(positiveInteger, 50),
  /** How many roundings of its value the function may rise by. Default 4. */
  roundings: fixed(nonNegative, 4)
}

/** The options of backtracking. */
export interface BacktrackingOptions extends OptionsOf<typeof fields> {}

interface Search {
  readonly trials: Tensor
  readonly length: Tensor
  readonly value: Tensor
  readonly done: Tensor
}

/**
 * Makes the line search that goes back until the Armijo condition holds. Along the direction p, with φ(α) = f(x + αp), it takes the
 * first of α, τα, τ²α, … with
 *
 *     φ(α) ≤ φ(0) + c₁ α φ'(0)    (Armijo)
 *
 * A value that is not finite counts as too long. Where rounding hides what is left to win, a value that is higher by at most
 * `roundings` units of it is taken too. Each trial takes a value; the gradient is computed once, where it ends.
 *
 * Throws a `HyperparameterError` for options out of range. Armijo, Pacific J. Math. 16, 1966; Nocedal & Wright, 2006,
 * algorithm 3.1.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, square, sub, type Tensor } from "thalweg"
 * import { backtracking, gradientDescent, minimize } from "thalweg/minimize"
 *
 * const method = gradientDescent({ lineSearch: backtracking({ shrink: 0.3 }) })
 * const { reason } = minimize((x: Tensor) => square(sub(x, 3)), { method })(scalar(0, "f64"))
 * assert.strictEqual(reason, "converged")
 */
export const backtracking: Recipe<typeof fields, (options?: BacktrackingOptions) => LineSearch> = recipe(
  "backtracking",
  fields,
  {},
  ({ sufficient, shrink, maxTrials, roundings }): LineSearch => ({
    name: "backtracking",
    search: (problem, from, direction, first): Found => {
      const { dtype } = problem
      const slope = dot(from.gradient, direction)
      const at = (length: Tensor): Tensor => moved(problem.bounds, from.point, mul(length, direction))
      const allowed = mul(roundings * epsilonOf(dtype), abs(from.value))
      const { trials, length, value, done } = whileLoop<Search>(
        ({ done, trials }) => and(not(done), lt(trials, maxTrials)),
        ({ trials, length: before }) => {
          const length = where(eq(trials, 0), before, mul(shrink, before))
          const value = problem.value(at(length))
          const bound = add(add(from.value, mul(mul(sufficient, length), slope)), allowed)
          const accepts = or(eq(value, -Infinity), and(isFinite(value), le(value, bound)))
          return { trials: add(trials, 1), length, value, done: accepts }
        },
        { trials: count(0), length: first, value: from.value, done: not(lt(slope, 0)) }
      )
      const found = and(done, lt(slope, 0))
      const point = where(found, at(length), from.point)
      return {
        point,
        value: where(found, value, from.value),
        gradient: problem.valueAndGradient(point)[1],
        length: where(found, length, scalar(0, dtype)),
        found,
        evaluations: { values: trials, gradients: count(1) }
      }
    }
  })
)
