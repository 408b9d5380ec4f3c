import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import {
  scaleBySimplifiedAdemamix,
  type SimplifiedAdemamixScaling
} from "../../transform/scale-by-simplified-ademamix.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"
import type { AdamwF } from "./adamw.js"

const fields = {
  /** η ≥ 0, in units of the parameters; to be chosen with β₁, since updates grow to `1/(1-β₁) + α`. */
  learningRate: hyper(nonNegative),
  ...scaleBySimplifiedAdemamix.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of simplified AdEMAMix. */
export interface SimplifiedAdemamixOptions extends SimplifiedAdemamixScaling, OptionsOf<typeof fields> {}

/**
 * Makes simplified AdEMAMix, whose fast average is the gradient itself:
 * `p' = p - η · ((m + α·g) / (√(v/c₂ + ε_root) + ε) + λ·p)` with `m = β₁·m + g`, `v = β₂·v + (1-β₂)·g²`,
 * `c₂ = 1 - β₂ᵗ`, `t` from 1.
 *
 * `m` is a sum, no mean: a larger β₁ needs a smaller η. The state is that of `adamw`. Defaults: β₁ 0.99, β₂ 0.95, α 0,
 * ε 1e-8, ε_root 0, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: β₁ = 0, α = 0 ≡ `adamw` with β₁ = 0; does not see the scale of the gradients (ε = ε_root = 0); odd in the
 * gradients (λ = 0); elementwise.
 * Source: Morwani et al. 2025, arXiv 2502.02431; `v` debiased and ε_root as in optax. The authors let β₁ rise from 0.9:
 * a schedule of `b1`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { simplifiedAdemamix } from "thalweg/optimizer"
 *
 * const opt = simplifiedAdemamix({ learningRate: 0.5, b1: 0.5, b2: 0, alpha: 3, eps: 0 })
 * const p0 = { w: tensor([1]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([8]) }) // by 0.5·(8 + 3·8) / 8
 * const [p2] = opt.step(p1, s1, { w: tensor([-2]) }) // by 0.5·(2 + 3·-2) / 2
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[-1], [0]])
 */
export const simplifiedAdemamix: Recipe<typeof fields, (options: SimplifiedAdemamixOptions) => Optimizer<AdamwF>> =
  recipe(
    "simplifiedAdemamix",
    fields,
    { additive: {}, ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } },
    ({ learningRate, weightDecay, ...scaling }) => {
      const decay = addDecayedWeights(weightDecay)
      return optimizer(chain(scaleBySimplifiedAdemamix(scaling), decay, scaleByLearningRate(learningRate)))
    }
  )
