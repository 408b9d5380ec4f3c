import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleByAdamax, type AdamaxF } from "../../transform/scale-by-adamax.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"
import { adamax, type AdamaxOptions } from "./adamax.js"

const fields = {
  ...adamax.fields,
  /** λ ≥ 0: the decay. Default 1e-2. */
  weightDecay: hyper(nonNegative, 1e-2)
}

/** The options of AdamaxW. */
export interface AdamaxwOptions extends AdamaxOptions, OptionsOf<typeof fields> {}

/** The states of `adamaxw`: that of `scaleByAdamax`, and nothing for the decay and the rate. */
export type AdamaxwF = ChainF<readonly [AdamaxF, StatelessF, StatelessF]>

/**
 * Makes AdamaxW: Adamax, and apart from it a decay of the parameters, `p' = p - η · (U + λ·p)` with the update `U` of
 * `adamax` and `p` before the step.
 *
 * Defaults: those of `adamax`, λ 1e-2. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: λ = 0 ≡ `adamax`, exactly; equal to `withWeightDecay(λ)` over `adamax`, to rounding; with zero gradients from a
 * fresh state, `n` steps at a constant rate scale `p` by `(1 - ηλ)ⁿ`.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 2, with the decay of Loshchilov & Hutter 2019, arXiv 1711.05101;
 * as in optax (λ 1e-4). Keras's Adamax with `weight_decay` is `epsPlace: "outside"`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adamaxw } from "thalweg/optimizer"
 *
 * const opt = adamaxw({ learningRate: 0.5, b1: 0.5, eps: 0, weightDecay: 0.25 })
 * const params = { w: tensor([8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([100]) })
 * assert.deepStrictEqual(toArray(w), [6.5]) // 8 - 0.5·(1 + 0.25·8)
 */
export const adamaxw: Recipe<typeof fields, (options?: AdamaxwOptions) => Optimizer<AdamaxwF>> = recipe(
  "adamaxw",
  fields,
  { additive: {}, ...apart, ...decaying, scaleFree: { eps: 0 } },
  ({ learningRate, weightDecay, ...scaling }) =>
    optimizer(chain(scaleByAdamax(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
)
