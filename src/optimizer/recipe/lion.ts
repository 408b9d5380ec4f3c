import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import type { FirstMomentF } from "../../transform/moments.js"
import { scaleByLion, type LionScaling } from "../../transform/scale-by-lion.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters: the length of a step in every coordinate. Default 1e-4. */
  learningRate: hyper(nonNegative, 1e-4),
  ...scaleByLion.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of Lion. */
export interface LionOptions extends LionScaling, OptionsOf<typeof fields> {}

/** The states of `lion`: the average of gradients, and nothing for the decay and the rate. */
export type LionF = ChainF<readonly [FirstMomentF, StatelessF, StatelessF]>

/**
 * Makes Lion: `p' = p - η·(sign(β₁·m + (1-β₁)·g) + λ·p)`, and then `m = β₂·m + (1-β₂)·g`, from `m = 0`.
 *
 * The state holds one average for every parameter. Defaults: η 1e-4, β₁ 0.9, β₂ 0.99, λ 0, mode "hard". Steps are
 * longer than Adam's: the authors take a rate 3 to 10 times smaller, and a decay as much larger.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: no step is longer than η in any coordinate (λ = 0); does not see the scale of the gradients ("hard"); odd in
 * the gradients (λ = 0); elementwise; β₁ = 0 ≡ `signSgd`, exactly.
 * Source: Chen et al. 2023, arXiv 2302.06675, Algorithm 2. optax: η without default, λ 1e-3, and the modes "smooth" and
 * "refined"; Keras: η 1e-3, λ 0.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { lion } from "thalweg/optimizer"
 *
 * const opt = lion({ learningRate: 0.5, weightDecay: 0.25 })
 * const params = { w: tensor([8, 8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([100, -0.01]) })
 * assert.deepStrictEqual(toArray(w), [6.5, 7.5]) // 8 - 0.5·(±1 + 2)
 */
export const lion: Recipe<typeof fields, (options?: LionOptions) => Optimizer<LionF>> = recipe(
  "lion",
  fields,
  { additive: {}, ...apart, ...decaying, scaleFree: { mode: "hard" } },
  ({ learningRate, weightDecay, ...scaling }) =>
    optimizer(chain(scaleByLion(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
)
