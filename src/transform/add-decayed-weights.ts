import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper } from "../options/fields.js"
import type { Hyperparameter } from "../options/hyperparameter.js"
import { nonNegative } from "../options/range.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { times } from "./common.js"
import type { StatelessF, Transform } from "./transform.js"

const fields = {
  /** λ ≥ 0: the decay. */
  weightDecay: hyper(nonNegative)
}

/**
 * Adds a multiple of the parameters: `u' = u + λ·p`. Before an adaptive scaling it is L2 regularization, after it (and
 * before the rate) decoupled weight decay.
 *
 * `weightDecay`: λ, a finite number ≥ 0, else a `HyperparameterError`. Updates must be like the parameters, leaf by
 * leaf, which the `step` of an optimizer checks; another structure is a `TreeError` here.
 *
 * Laws: λ = 0 changes nothing; linear in updates and parameters together.
 * Source: Krogh & Hertz 1991, "A simple weight decay can improve generalization".
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { addDecayedWeights, clockAt } from "thalweg/transform"
 *
 * const params = tensor([4, -8])
 * const decay = addDecayedWeights(0.25)
 * const [updates] = decay.update(tensor([1, 1]), decay.init(params), params, clockAt(0))
 * assert.deepStrictEqual(toArray(updates), [2, -1])
 */
export const addDecayedWeights: Recipe<typeof fields, (weightDecay: Hyperparameter) => Transform<StatelessF>> =
  recipeOf("addDecayedWeights", "weightDecay", fields, {}, ({ weightDecay }) => ({
    init: () => [],
    update: (updates, state, params, { step }) => {
      const lambda = weightDecay(step)
      const decayed = Tree.zipWith((u: Tensor, p: Tensor) => add(u, times(p, lambda)))(updates, params)
      return [decayed, state]
    }
  }))
