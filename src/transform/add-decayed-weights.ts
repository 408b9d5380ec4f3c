import { add, mul } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyperparameter, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount, type CountF } from "./common.js"
import type { Transform } from "./transform.js"

/**
 * Adds a multiple of the parameters: `u' = u + λ·p`. Before an adaptive scaling it is L2 regularization, after it
 * decoupled weight decay. `weightDecay` ≥ 0.
 */
export const addDecayedWeights = (weightDecay: Hyperparameter): Transform<CountF> => {
  const lambda = hyperparameter("addDecayedWeights", "weightDecay", nonNegative, weightDecay)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }, params) => {
      const decay = lambda(count)
      const decayed = Tree.zipWith((u: Tensor, p: Tensor) => add(u, mul(p, like(decay, p))))(updates, params)
      return [decayed, { count: next(count) }]
    }
  }
}
