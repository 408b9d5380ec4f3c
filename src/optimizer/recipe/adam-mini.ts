import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleByAdamMini, type AdamMiniF, type AdamMiniScaling } from "../../transform/scale-by-adam-mini.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAdamMini.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of Adam-mini. */
export interface AdamMiniOptions extends AdamMiniScaling, OptionsOf<typeof fields> {}

/** The states of `adamMini`: the moments, and nothing for decay and rate. */
export type AdamMiniOptimizerF = ChainF<readonly [AdamMiniF, StatelessF, StatelessF]>

/**
 * Makes Adam-mini, AdamW with one second moment for each block: `p' = p - η·((m/c₁) / (√(v/c₂) + ε) + λ·p)` with
 * `m = β₁·m + (1-β₁)·g`, for each block `v = β₂·v + (1-β₂)·mean(g²)`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1.
 *
 * `blocks`: what a block is, a unit along the last axis, a unit along the first (for an embedding, a token), or a leaf. The
 * paper takes heads for blocks of queries and keys: keep each head as a leaf, or `partition`. The state holds one moment for
 * every parameter, in its dtype, and one number for every block: half of Adam's. Looks across each leaf. Defaults: η 1e-3, β₁
 * 0.9, β₂ 0.999, ε 1e-8, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = λ = 0); odd in the gradients (λ = 0); leaves apart; where all gradients
 * of a block have one size, and of scalars, AdamW.
 * Source: Zhang et al. 2024, arXiv 2406.16793, Algorithms 1 and 3; our kernels are `[in, out]`, so that its output neurons lie
 * along the last axis. pytorch_optimizer: `blocks: "leaf"` for all but embeddings, queries and keys.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { adamMini } from "thalweg/optimizer"
 *
 * const opt = adamMini({ learningRate: 5 })
 * const params = { kernel: tensor([[0, 0], [0, 0]]) }
 * const [{ kernel }] = opt.step(params, opt.init(params), { kernel: tensor([[7, 0.5], [-1, 0.5]]) })
 * assert.deepStrictEqual(toArray(round(kernel)), [[-7, -5], [1, -5]]) // root mean squares of 5 and 0.5
 */
export const adamMini: Recipe<typeof fields, (options?: AdamMiniOptions) => Optimizer<AdamMiniOptimizerF>> = recipe(
  "adamMini",
  fields,
  { additive: {}, leafwise: {}, ...decaying, scaleFree: { eps: 0, weightDecay: 0 } },
  ({ learningRate, weightDecay, ...scaling }) =>
    byDepth(
      optimizer(chain(scaleByAdamMini(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
    )
)
