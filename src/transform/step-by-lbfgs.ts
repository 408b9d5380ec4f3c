import { div, mul, neg } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { and, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { aimed } from "../search/aim.js"
import { inverseTimes, isForgotten, memoryFields, noMemory, type LbfgsMemory } from "../search/curvature.js"
import { problemOf, vectorsLike } from "../search/problem.js"
import { strongWolfe, type StrongWolfeOptions } from "../search/strong-wolfe.js"
import { Tree } from "../tree/index.js"
import { objectiveAt, zero } from "./common.js"
import { forgetful, recalled, type LbfgsState } from "./scale-by-lbfgs.js"
import type { AtObjective, StateFamily, Transform } from "./transform.js"

const fields = {
  ...memoryFields,
  ...strongWolfe.fields
}

/** The options of L-BFGS. */
export interface LbfgsOptions extends OptionsOf<typeof memoryFields>, StrongWolfeOptions {}

/** The memory of L-BFGS, and the length of the last step, an f64 scalar. */
export type SearchedLbfgsState = LbfgsState & { readonly length: Tensor }

/** The memory of L-BFGS; a step needs the objective. */
export interface SearchedLbfgsF extends StateFamily {
  readonly type: SearchedLbfgsState
  readonly needs: AtObjective<this["params"]>
}

const either = (which: Tensor, yes: LbfgsMemory, no: LbfgsMemory): LbfgsMemory =>
  Tree.zipWith((a: Tensor, b: Tensor) => where(which, a, b))(yes, no)

/**
 * Goes along `-H·g` by a line search on the objective, `u' = -α·H·g`, with `H` as `scaleByLbfgs` makes it, and `α` that satisfies the strong Wolfe
 * conditions, `f(p + u') ≤ f(p) + c₁·u'·∇f(p)` and `|u'·∇f(p + u')| ≤ c₂·|u'·∇f(p)|`.
 *
 * The first length that is tried is 1; as long as nothing is remembered, at most that of a step of length 1. Where `-H·g` is no direction of descent,
 * `-g` is; where nothing lower is found, nothing moves, and all is forgotten. The rate is `α` of the last step, at first 0.
 *
 * Needs the objective. Options: those of `scaleByLbfgs` and of `strongWolfe` (`thalweg/minimize`). The search is a loop without
 * a bound, which has derivatives in forward mode alone. Throws a `HyperparameterError` for options out of range, or c₁ ≥ c₂.
 *
 * Source: as `scaleByLbfgs`; Nocedal & Wright 2006, Algorithms 3.5, 3.6 and 7.5.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, mul, square, sum, tensor, toArray, type Tensor } from "thalweg"
 * import { clockAt, stepByLbfgs } from "thalweg/transform"
 *
 * const f = (w: Tensor) => mul(sum(square(w)), 2)
 * const { init, update } = stepByLbfgs()
 * const p = tensor([0.5])
 * const [u] = update(grad(f)(p), init(p), p, { ...clockAt(0), objective: f })
 * assert.deepStrictEqual(toArray(u), [-0.5])
 */
export const stepByLbfgs: Recipe<typeof fields, (options?: LbfgsOptions) => Transform<SearchedLbfgsF>> = recipe(
  "stepByLbfgs",
  fields,
  {},
  ({ memory: m, leastCurvature, ...searching }) => {
    const { search } = strongWolfe(searching)
    return {
      needs: ["objective"],
      init: params => ({ ...forgetful(m, vectorsLike(params), params), length: zero }),
      update: <P extends Tree>(grads: P, before: SearchedLbfgsState, params: P, now: AtObjective<P>) => {
        const objective = objectiveAt<P>("stepByLbfgs", now) as (at: Tree) => Tensor
        const problem = problemOf("stepByLbfgs", objective, params)
        const [point, gradient] = [problem.vectorOf(params), problem.vectorOf(grads)]
        const { memory } = recalled(before, point, gradient, leastCurvature)
        const { along, unit, first, isDescent } = aimed(
          { point, gradient },
          {
            direction: neg(inverseTimes(memory, gradient)),
            length: scalar(1, problem.dtype),
            isFresh: isForgotten(memory)
          }
        )
        const [value, slope] = problem.valueAndGradient(point)
        const { length, found } = search(problem, { point, value, gradient: slope }, along, first)
        const kept = either(and(found, isDescent), memory, noMemory(m, problem.size, problem.dtype))
        const after = { point, gradient, memory: kept, length: cast(div(length, unit), "f64") }
        return [problem.treeOf(mul(length, along)) as P, after]
      },
      rate: ({ length }) => length
    }
  }
)
