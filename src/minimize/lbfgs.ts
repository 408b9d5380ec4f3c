import { neg } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { inverseTimes, isForgotten, memoryFields, noMemory, remember, type LbfgsMemory } from "../search/curvature.js"
import { lineSearchField } from "../search/line-search.js"
import { strongWolfe } from "../search/strong-wolfe.js"
import { descend } from "./descend.js"
import { beginAt, type Method } from "./method.js"

const fields = {
  ...memoryFields,
  /** How it finds the length of a step: `strongWolfe()` (the default) or `backtracking()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ strongWolfe())
}

/** The options of L-BFGS. */
export interface LbfgsOptions extends OptionsOf<typeof memoryFields>, OptionsOf<typeof fields> {}

/**
 * Makes L-BFGS, the method of choice for many variables. It goes along -H∇f(x), with an H that it makes of the last m steps sᵢ
 * and changes yᵢ of the gradient,
 *
 *     Hₖ₊₁ = (I - ρ s yᵀ) Hₖ (I - ρ y sᵀ) + ρ s sᵀ,   ρ = 1 / sᵀy,   beginning with γ I,   γ = sᵀy / yᵀy of the newest
 *
 * by two loops over the vectors, never as a matrix: a step takes time and memory of m vectors. Steps along which the function
 * does not curve up (`leastCurvature`) are not remembered. The first step is of length 1, or of the gradient if that is shorter.
 * Where H gives no direction of descent, or nothing lower is found along it, all is forgotten, and it goes along -∇f(x).
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `minimize`; monotone.
 *
 * Liu & Nocedal, Math. Programming 45, 1989; Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, algorithms 7.4, 7.5.
 *
 * @example
 * import assert from "node:assert"
 * import { linspace, square, sub, sum, zeros, type Tensor } from "thalweg"
 * import { lbfgs, minimize } from "thalweg/minimize"
 *
 * const bowl = (x: Tensor) => sum(square(sub(x, linspace(-1, 1, 1000))))
 * const { reason, iterations } = minimize(bowl, { method: lbfgs({ memory: 5 }) })(zeros([1000]))
 * assert.strictEqual(reason, "converged")
 * assert.ok(iterations <= 3)
 */
export const lbfgs: Recipe<typeof fields, (options?: LbfgsOptions) => Method<LbfgsMemory>> = recipe(
  "lbfgs",
  fields,
  {},
  ({ memory: m, leastCurvature, lineSearch }): Method<LbfgsMemory> => ({
    name: "lbfgs",
    init: (problem, start) => beginAt(problem, start, noMemory(m, problem.size, problem.dtype)),
    step: (problem, iterate) => {
      const { gradient, memory } = iterate
      return descend(problem, lineSearch, iterate, {
        direction: neg(inverseTimes(memory, gradient)),
        length: scalar(1, problem.dtype),
        isFresh: isForgotten(memory),
        fresh: noMemory(m, problem.size, problem.dtype),
        remember: (before, { step, change }) => remember(before, step, change, leastCurvature)
      })
    }
  })
)
