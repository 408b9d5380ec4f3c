import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative, positive } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { quotient } from "../../transform/common.js"
import type { MomentsF } from "../../transform/moments.js"
import { scaleByAdam } from "../../transform/scale-by-adam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"
import { adam, type AdamOptions } from "./adam.js"

const fields = {
  ...adam.fields,
  /** λ ≥ 0: the decay. Default 1e-2. */
  weightDecay: hyper(nonNegative, 1e-2),
  /** The rate, above 0, at which a step decays by all of λ. Default 1; the paper's is the base rate of the schedule. */
  baseRate: hyper(positive, 1)
}

/** The options of AdamW. */
export interface AdamwOptions extends AdamOptions, OptionsOf<typeof fields> {}

/** The states of `adamw`: the moments, and nothing for the decay and the rate. */
export type AdamwF = ChainF<readonly [MomentsF, StatelessF, StatelessF]>

/**
 * Makes AdamW: Adam, and apart from it a decay of the parameters, `p' = p - η · (U + (λ / η_base)·p)` with the update
 * `U` of `adam` and `p` before the step.
 *
 * Defaults: those of `adam`, λ 1e-2, η_base 1. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: λ = 0 ≡ `adam`, exactly; equal to `withWeightDecay(λ)` over `adam`, to rounding (η_base 1); with zero gradients
 * from a fresh state, `n` steps at a constant rate scale `p` by `(1 - ηλ)ⁿ`. Adam after `addDecayedWeights` is Adam
 * with L2 regularization, another method.
 * Source: Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2, where the schedule but not the base rate multiplies
 * λ: `baseRate` equal to the rate without its schedule. As PyTorch, optax (λ 1e-4) and Keras (λ 4e-3,
 * `form: "epsilonHat"`) we multiply it by the whole rate.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adamw } from "thalweg/optimizer"
 *
 * const params = { w: tensor([8]) }
 * const stepOf = (opt: ReturnType<typeof adamw>) =>
 *   toArray(opt.step(params, opt.init(params), { w: tensor([100]) })[0].w)
 *
 * const options = { learningRate: 0.5, eps: 0, weightDecay: 0.25 }
 * assert.deepStrictEqual(stepOf(adamw(options)), [6.5]) // 8 - 0.5·(1 + 0.25·8)
 * assert.deepStrictEqual(stepOf(adamw({ ...options, baseRate: 0.5 })), [5.5]) // 8 - 0.5·1 - 0.25·8
 */
export const adamw: Recipe<typeof fields, (options?: AdamwOptions) => Optimizer<AdamwF>> = recipe(
  "adamw",
  fields,
  { additive: {}, ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } },
  ({ learningRate, weightDecay, baseRate, ...scaling }) => {
    const decay = addDecayedWeights(step => quotient(weightDecay(step), baseRate(step)))
    return optimizer(chain(scaleByAdam(scaling), decay, scaleByLearningRate(learningRate)))
  }
)
