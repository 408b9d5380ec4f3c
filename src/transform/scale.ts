import { neg } from "../dataflow/arithmetic.js"
import { hyper } from "../options/fields.js"
import type { Hyperparameter } from "../options/hyperparameter.js"
import { finite, nonNegative } from "../options/range.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import { scaledBy } from "./common.js"
import type { StatelessF, Transform } from "./transform.js"

const scaleFields = {
  /** s, any finite number. */
  factor: hyper(finite)
}

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
 * import { clockAt, scale } from "thalweg/transform"
 *
 * const u = tensor([1, -2])
 * const ascend = scale(-1)
 * assert.deepStrictEqual(toArray(ascend.update(u, ascend.init(u), u, clockAt(0))[0]), [-1, 2])
 */
export const scale: Recipe<typeof scaleFields, (factor: Hyperparameter) => Transform<StatelessF>> = recipeOf(
  "scale",
  "factor",
  scaleFields,
  {},
  ({ factor }) => ({
    init: () => [],
    update: (updates, state, _, { step }) => [scaledBy(factor(step))(updates), state]
  })
)

const learningRateFields = {
  /** η ≥ 0, in units of parameter per unit of update. */
  learningRate: hyper(nonNegative)
}

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
 * import { clockAt, scaleByLearningRate } from "thalweg/transform"
 *
 * const u = tensor([3, -4])
 * const descend = scaleByLearningRate(linear({ start: 1, end: 0, steps: 2 }))
 * const [displacement, state] = descend.update(u, descend.init(u), u, clockAt(1))
 * assert.deepStrictEqual(toArray(displacement), [-1.5, 2])
 * assert.strictEqual(descend.rate && item(descend.rate(state, clockAt(1))), 0.5)
 */
export const scaleByLearningRate: Recipe<
  typeof learningRateFields,
  (learningRate: Hyperparameter) => Transform<StatelessF>
> = recipeOf("scaleByLearningRate", "learningRate", learningRateFields, {}, ({ learningRate }) => ({
  init: () => [],
  update: (updates, state, _, { step }) => [scaledBy(neg(learningRate(step)))(updates), state],
  rate: (_, { step }) => learningRate(step)
}))
