import { neg } from "../dataflow/arithmetic.js"
import { hyper } from "../schedule/fields.js"
import { finite, hyperparameter, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { next, scaledBy, zeroCount, type CountF } from "./common.js"
import type { Transform } from "./transform.js"

/**
 * Multiplies updates by a factor: `u' = s·u`. It is not a learning rate: `rate` does not see it.
 *
 * `factor`: s, any finite number, else a `HyperparameterError`.
 *
 * Laws: `chain(scale(a), scale(b)) ≡ scale(a·b)`, exactly for powers of two; `scale(1)` is the identity.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scale } from "thalweg/transform"
 *
 * const u = tensor([1, -2])
 * const ascend = scale(-1)
 * assert.deepStrictEqual(toArray(ascend.update(u, ascend.init(u), u)[0]), [-1, 2])
 */
export const scale = (factor: Hyperparameter): Transform<CountF> => {
  const at = hyperparameter("scale", "factor", finite, factor)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const s = at(count)
      return [scaledBy(s)(updates), { count: next(count) }]
    }
  }
}

/** What a learning rate that must be given may be. */
export const learningRateField = hyper(nonNegative)

/**
 * Turns a direction of ascent into a displacement: `u' = -η·u`, and says as `rate` what `η` is in force.
 *
 * `learningRate`: η, a finite number ≥ 0, else a `HyperparameterError`; in units of parameter per unit of update.
 *
 * Law: `scaleByLearningRate(η) ≡ scale(-η)` on updates, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor, toArray } from "thalweg"
 * import { linear } from "thalweg/schedule"
 * import { scaleByLearningRate } from "thalweg/transform"
 *
 * const u = tensor([3, -4])
 * const descend = scaleByLearningRate(linear({ start: 1, end: 0, steps: 2 }))
 * const [displacement, state] = descend.update(u, descend.init(u), u)
 * assert.deepStrictEqual(toArray(displacement), [-3, 4])
 * assert.strictEqual(descend.rate && item(descend.rate(state)), 0.5)
 */
export const scaleByLearningRate = (learningRate: Hyperparameter): Transform<CountF> => {
  const at = hyperparameter("scaleByLearningRate", "learningRate", nonNegative, learningRate)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const step = neg(at(count))
      return [scaledBy(step)(updates), { count: next(count) }]
    },
    rate: ({ count }) => at(count)
  }
}
