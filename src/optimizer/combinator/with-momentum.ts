import { flag, hyper, type OptionsOf } from "../../options/fields.js"
import type { Hyperparameter } from "../../options/hyperparameter.js"
import { decay } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { applyMomentum, type VelocityF } from "../../transform/apply-momentum.js"
import { onDisplacement, type OnDisplacement } from "../lift.js"
import { preserving } from "../traits.js"

const fields = {
  /** γ: how much of the velocity is kept, `0 ≤ γ < 1`. */
  momentum: hyper(decay),
  /** Whether to look one step ahead, as `sgd` does with its `nesterov`. Default no. */
  nesterov: flag(false)
}

/** The form of a momentum over displacements. */
export interface HeavyOptions extends Omit<OptionsOf<typeof fields>, "momentum"> {}

/**
 * Gives an optimizer momentum: `v = γ·v + Δ`, `p' = p + v`, where `Δ` is the displacement that the inner one proposes;
 * with `nesterov`, `p' = p + Δ + γ·v`.
 *
 * Acts on the displacement, so the rate is inside the velocity, as in Keras and most textbooks: when the rate changes,
 * what was accumulated keeps the rate it was made with. After `withWeightDecay` in a `pipe` the decay is accumulated
 * too; before it, it is not.
 *
 * `momentum`: γ, `0 ≤ γ < 1`, else a `HyperparameterError`. The state holds a velocity for every parameter.
 *
 * Laws: `withMomentum(0)` changes nothing, exactly (over `lookahead`, to rounding); over plain `sgd`, equal to
 * `sgd({ momentum })`, with `nesterov` too, for a constant rate only.
 * Source: Polyak 1964; Rumelhart, Hinton & Williams 1986; Sutskever et al. 2013, equations 1 and 2. `nesterov` is
 * Keras's over `sgd` and optax's over `rmsprop`; the textbooks' takes the gradient ahead: `withNesterov`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { sgd, withMomentum, type AnyOptimizer } from "thalweg/optimizer"
 * import { linear } from "thalweg/schedule"
 *
 * const learningRate = linear({ start: 1, end: 0, steps: 1 }) // 1, then 0
 * const twoSteps = (opt: AnyOptimizer) => {
 *   const [p0, grads] = [{ w: tensor([0]) }, { w: tensor([-1]) }]
 *   const [p1, s1] = opt.step(p0, opt.init(p0), grads)
 *   return toArray(opt.step(p1, s1, grads)[0].w)
 * }
 * assert.deepStrictEqual(twoSteps(pipe(sgd({ learningRate }), withMomentum(0.5))), [1.5]) // rolls on
 * assert.deepStrictEqual(twoSteps(sgd({ learningRate, momentum: 0.5 })), [1]) // stands still
 */
export const withMomentum: Recipe<
  typeof fields,
  (momentum: Hyperparameter, options?: HeavyOptions) => OnDisplacement<VelocityF>
> = combinatorOf("withMomentum", "momentum", fields, preserving, ({ momentum, nesterov }) =>
  onDisplacement(applyMomentum({ decay: momentum, nesterov }))
)
