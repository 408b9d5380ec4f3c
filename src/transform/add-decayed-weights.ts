import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyperparameter, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { next, times, zeroCount, type CountF } from "./common.js"
import type { Transform } from "./transform.js"

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
 * import { addDecayedWeights } from "thalweg/transform"
 *
 * const params = tensor([4, -8])
 * const decay = addDecayedWeights(0.25)
 * const [updates] = decay.update(tensor([1, 1]), decay.init(params), params)
 * assert.deepStrictEqual(toArray(updates), [2, -1])
 */
export const addDecayedWeights = (weightDecay: Hyperparameter): Transform<CountF> => {
  const lambda = hyperparameter("addDecayedWeights", "weightDecay", nonNegative, weightDecay)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }, params) => {
      const decay = lambda(count)
      const decayed = Tree.zipWith((u: Tensor, p: Tensor) => add(u, times(p, decay)))(updates, params)
      return [decayed, { count: next(count) }]
    }
  }
}
