import { minimum, mul, reciprocal, sub } from "../dataflow/arithmetic.js"
import { zeros } from "../dataflow/create.js"
import { where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import type { OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { inverseTimes, isForgotten, memoryFields, noMemory, remember, type LbfgsMemory } from "../search/curvature.js"
import { vectorsLike, type Vectors } from "../search/problem.js"
import type { Tree } from "../tree/index.js"
import type { StateFamily, Transform } from "./transform.js"

/** How much is remembered. */
export interface LbfgsScaling extends OptionsOf<typeof memoryFields> {}

/** Where the last gradient was taken, and what is remembered of the ones before: vectors of all leaves, in the order of their paths. */
export type LbfgsState = { readonly point: Tensor; readonly gradient: Tensor; readonly memory: LbfgsMemory }

/** The memory of L-BFGS. */
export interface LbfgsF extends StateFamily {
  readonly type: LbfgsState
}

/** The state before the first step, of which nothing can be remembered, since there is no step that led to it. */
export const forgetful = (m: number, { size, dtype, vectorOf }: Vectors, params: Tree): LbfgsState => ({
  point: vectorOf(params),
  gradient: zeros([size], dtype),
  memory: noMemory(m, size, dtype)
})

/** What is known at a point: with the step that led there, and how the gradient changed along it. */
export const recalled = (before: LbfgsState, point: Tensor, gradient: Tensor, least: number): LbfgsState => ({
  point,
  gradient,
  memory: remember(before.memory, sub(point, before.point), sub(gradient, before.gradient), least)
})

/**
 * Multiplies updates by what L-BFGS knows of the inverse of the Hessian, `u' = H·u`, of the last m steps `s` and changes `y` of the updates:
 * `H' = (I - ρ·s·yᵀ)·H·(I - ρ·y·sᵀ) + ρ·s·sᵀ`, `ρ = 1/sᵀy`, beginning with `γ·I`, `γ = sᵀy/yᵀy` of the newest. As long as nothing is
 * remembered, `u' = u/max(1, ‖u‖)`.
 *
 * What a step was is seen from the parameters. Steps along which the function does not curve up, `sᵀy ≤ c·‖s‖·‖y‖`, are not
 * remembered. All leaves together: the state holds 2m + 2 vectors of all parameters, in f64 if any parameter is.
 * `memory`: m, a whole number from 1 (default 10); `leastCurvature`: c ≥ 0 (default 1e-10). Others are a `HyperparameterError`.
 *
 * Source: Liu & Nocedal 1989, Math. Programming 45; Nocedal & Wright 2006, Algorithm 7.4. As optax's `scale_by_lbfgs`, which
 * remembers all steps, whether or not the function curves up.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, tensor, toArray } from "thalweg"
 * import { clockAt, scaleByLbfgs } from "thalweg/transform"
 *
 * const { init, update } = scaleByLbfgs()
 * const [p0, p1] = [tensor([8]), tensor([6])] // of 2w², whose gradient is 4w
 * const [first, state] = update(mul(p0, 4), init(p0), p0, clockAt(0))
 * const [second] = update(mul(p1, 4), state, p1, clockAt(1))
 * assert.deepStrictEqual([first, second].map(toArray), [[1], [6]]) // of length 1, then all the way to the minimum
 */
export const scaleByLbfgs: Recipe<typeof memoryFields, (options?: LbfgsScaling) => Transform<LbfgsF>> = recipe(
  "scaleByLbfgs",
  memoryFields,
  {},
  ({ memory: m, leastCurvature }) => ({
    init: params => forgetful(m, vectorsLike(params), params),
    update: <P extends Tree>(updates: P, before: LbfgsState, params: P) => {
      const { vectorOf, treeOf } = vectorsLike(params)
      const gradient = vectorOf(updates)
      const after = recalled(before, vectorOf(params), gradient, leastCurvature)
      const short = mul(minimum(1, reciprocal(norm(gradient))), gradient)
      const scaled = where(isForgotten(after.memory), short, inverseTimes(after.memory, gradient))
      return [treeOf(scaled) as P, after]
    }
  })
)
