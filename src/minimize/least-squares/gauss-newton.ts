import { add, div, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { where } from "../../dataflow/logic.js"
import { type OptionsOf } from "../../options/fields.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { backtracking } from "../backtracking.js"
import { lineSearchField } from "../line-search.js"
import { GOING } from "../status.js"
import { count } from "../vector.js"
import type { LeastSquaresMethod } from "./method.js"
import { columnLengths, dampedStep, spectrumOf } from "./model.js"
import { STALLED } from "./status.js"

const fields = {
  /** How it finds the length of a step. Default `backtracking()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ backtracking())
}

/** The options of Gauss–Newton. */
export interface GaussNewtonOptions extends OptionsOf<typeof fields> {}

export const gaussNewton: Recipe<
  typeof fields,
  (options?: GaussNewtonOptions) => LeastSquaresMethod<readonly []>
> = recipe("gaussNewton", fields, {}, ({ lineSearch }) => ({
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
