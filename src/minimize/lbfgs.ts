import { div, mul, neg, reciprocal } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { at } from "../dataflow/indexing.js"
import { and, gt, isFinite, ne, not, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { sqrt } from "../dataflow/transcendental.js"
import type { OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { isHeld } from "../search/bounds.js"
import { inverseTimes, isForgotten, memoryFields, noMemory, remember, type LbfgsMemory } from "../search/curvature.js"
import { lineSearchField } from "../search/line-search.js"
import type { Problem } from "../search/problem.js"
import { strongWolfe } from "../search/strong-wolfe.js"
import { descend } from "./descend.js"
import { beginAt, type Iterate, type Method } from "./method.js"

const fields = {
  ...memoryFields,
  /** How it finds the length of a step: `strongWolfe()` (the default) or `backtracking()`. */
  lineSearch: lineSearchField(/* @__PURE__ */ strongWolfe())
}

/** The options of L-BFGS. */
export interface LbfgsOptions extends OptionsOf<typeof memoryFields>, OptionsOf<typeof fields> {}

/** What is remembered of some variables: as if there were no others. */
const only = (free: Tensor, memory: LbfgsMemory, least: number): LbfgsMemory => {
  const [steps, changes] = [where(free, memory.steps, 0), where(free, memory.changes, 0)]
  const along = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axes: 1 })
  const [product, squared] = [along(steps, changes), along(changes, changes)]
  const enough = mul(least, mul(sqrt(along(steps, steps)), sqrt(squared)))
  const isCurved = and(and(ne(memory.rho, 0), gt(product, enough)), isFinite(reciprocal(product)))
  const [newest, gamma] = [isCurved, div(product, squared)].map(x => at(x, -1)) as [Tensor, Tensor]
  return { steps, changes, rho: where(isCurved, reciprocal(product), 0), gamma: where(newest, gamma, memory.gamma) }
}

/** -H·∇f; where there are bounds, of the variables that they do not hold. */
const directionOf = ({ bounds }: Problem, { point, gradient, memory }: Iterate<LbfgsMemory>, least: number): Tensor => {
  if (bounds === undefined) return neg(inverseTimes(memory, gradient))
  const free = not(isHeld(bounds, point, neg(gradient)))
  return neg(inverseTimes(only(free, memory, least), where(free, gradient, 0)))
}

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
 * Bounds hold a variable that stands at one which -∇f(x) leads out of. The others go along -H∇f(x), of an H that is made of their
 * shares of sᵢ and yᵢ, as if there were no more variables; the step of length 1 is projected, P(x - H∇f(x)) - x, or cut where it meets
 * the first bound if that is no descent, and the line search goes no further than the bounds. This is the two-metric projection of
 * Bertsekas with the segment of L-BFGS-B; without its Cauchy point it needs about as many
 * evaluations, within a tenth (`test/minimize/bounds.test.ts`).
 *
 * Throws a `HyperparameterError` for options out of range. Laws: as of `minimize`; monotone.
 *
 * Liu & Nocedal, Math. Programming 45, 1989; Nocedal & Wright, Numerical Optimization, 2nd edition, 2006, algorithms 7.4, 7.5.
 * Bounds: Bertsekas, SIAM J. Control Optim. 20, 1982; Byrd, Lu, Nocedal & Zhu, SIAM J. Sci. Comput. 16, 1995; Morales & Nocedal,
 * ACM TOMS 38, 2011.
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
    takesBounds: true,
    init: (problem, start) => beginAt(problem, start, noMemory(m, problem.size, problem.dtype)),
    step: (problem, iterate) => {
      const { memory } = iterate
      return descend(problem, lineSearch, iterate, {
        direction: directionOf(problem, iterate, leastCurvature),
        length: scalar(1, problem.dtype),
        isFresh: isForgotten(memory),
        fresh: noMemory(m, problem.size, problem.dtype),
        remember: (before, { step, change }) => remember(before, step, change, leastCurvature)
      })
    }
  })
)
