import { add, div, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { where } from "../../dataflow/logic.js"
import { type OptionsOf } from "../../options/fields.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { backtracking } from "../../search/backtracking.js"
import { lineSearchField } from "../../search/line-search.js"
import { GOING } from "../status.js"
import { count } from "../../search/vector.js"
import type { LeastSquaresMethod } from "./method.js"
import { columnLengths, dampedStep, spectrumOf } from "./model.js"
import { STALLED } from "./status.js"

const fields = {
  /** How it finds the length of a step. Default `backtracking()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ backtracking())
}

/** The options of Gauss–Newton. */
export interface GaussNewtonOptions extends OptionsOf<typeof fields> {}

/**
 * Makes Gauss–Newton, for least squares. It goes along the step to the minimum of the linear model, `p = -J⁺r`, the shortest if there are
 * several, and looks for a length by a line search, which begins with 1. Where residuals are linear it is there in one step. It
 * keeps no bounds. Where nothing along p lowers the cost it ends, stalled: `levenbergMarquardt` is the one that forgives.
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `leastSquares`; linear residuals take one step, to what
 * `lstsq` gives. Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, section 10.3; J⁺ by singular values, in units of
 * the lengths of columns.
 *
 * @example
 * import assert from "node:assert"
 * import { add, mul, sub, tensor, type Tensor } from "thalweg"
 * import { gaussNewton, leastSquares } from "thalweg/minimize"
 *
 * const f64 = { dtype: "f64" } as const
 * const line = ({ a, b }: { a: Tensor; b: Tensor }) => sub(add(a, mul(b, tensor([0, 1, 2], f64))), tensor([1, 3, 5.1], f64))
 * const { iterations } = leastSquares(line, { method: gaussNewton() })({ a: tensor(0, f64), b: tensor(0, f64) })
 * assert.strictEqual(iterations, 1)
 */
export const gaussNewton: Recipe<typeof fields, (options?: GaussNewtonOptions) => LeastSquaresMethod<readonly []>> =
  recipe("gaussNewton", fields, {}, ({ lineSearch }) => ({
    name: "gaussNewton",
    bounded: false,
    init: () => [] as const,
    step: (problem, iterate) => {
      const { dtype } = problem
      const spectrum = spectrumOf(problem, iterate, columnLengths(iterate.triangle))
      const direction = div(dampedStep(spectrum, scalar(0, dtype)), spectrum.units)
      const made = lineSearch.search(problem.whole, iterate, direction, scalar(1, dtype))
      const { residuals, jacobians } = iterate.evaluations
      return {
        ...problem.fitAt(made.point),
        evaluations: { residuals: add(residuals, made.evaluations.values), jacobians: add(jacobians, 1) },
        reduction: where(made.found, div(sub(iterate.value, made.value), iterate.value), Infinity),
        status: where(made.found, count(GOING), count(STALLED)),
        memory: []
      }
    }
  }))
