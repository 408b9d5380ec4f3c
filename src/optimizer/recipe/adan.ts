import { add, div, mul } from "../../dataflow/arithmetic.js"
import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleByAdan, type AdanF, type AdanScaling } from "../../transform/scale-by-adan.js"
import { scale, scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAdan.fields,
  /** λ ≥ 0: the decay, proximal. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of Adan. The β are decays, one minus those of the paper. */
export interface AdanOptions extends AdanScaling, OptionsOf<typeof fields> {}

/** The states of `adan`: its averages, and nothing for the decay, the rate and the proximal step. */
export type AdanOptimizerF = ChainF<readonly [AdanF, StatelessF, StatelessF, StatelessF]>

/**
 * Makes Adan, adaptive Nesterov momentum: `p' = (p - η·U) / (1 + η·λ)`,
 * `U = (m/c₁ + β₂·v/c₂) / (√(n/c₃ + ε_root) + ε)` with `d = g - g_last`, at first 0, `m = β₁·m + (1-β₁)·g`,
 * `v = β₂·v + (1-β₂)·d`, `n = β₃·n + (1-β₃)·(g + β₂·d)²`, `cᵢ = 1 - βᵢᵗ`, `t` from 1.
 *
 * The state holds three averages and a gradient for every parameter. Defaults: η 1e-3, β₁ 0.98, β₂ 0.92, β₃ 0.99,
 * ε 1e-8, ε_root 0, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); constant gradients give steps of length η
 * (ε = ε_root = λ = 0); with zero gradients from a fresh state, `n` steps at a constant rate scale `p` by `(1 + ηλ)⁻ⁿ`;
 * odd in the gradients (λ = 0); elementwise.
 * Source: Xie et al. 2022, arXiv 2208.06677, Algorithm 1, whose β are one minus ours. It starts from `m = g`; we
 * debias, as the authors' code does. `withWeightDecay(λ)` over `adan()` makes the decay additive, as optax does. We do
 * not offer optax's update, which takes `1 - β₂` for our `β₂` where differences lead, against the paper.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adan } from "thalweg/optimizer"
 *
 * const opt = adan({ learningRate: 1, b1: 0, b2: 0.5, b3: 0, eps: 0, weightDecay: 1 })
 * const params = { w: tensor([9]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([100]) })
 * assert.deepStrictEqual(toArray(w), [4]) // (9 - 1) / 2
 */
export const adan: Recipe<typeof fields, (options?: AdanOptions) => Optimizer<AdanOptimizerF>> = recipe(
  "adan",
  fields,
  { additive: {}, ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } },
  ({ learningRate, weightDecay, ...scaling }) => {
    const proximal = scale(step => div(1, add(1, mul(learningRate(step), weightDecay(step)))))
    return optimizer(
      chain(scaleByAdan(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate), proximal)
    )
  }
)
