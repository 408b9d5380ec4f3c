import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleByAdemamix, type AdemamixF, type AdemamixScaling } from "../../transform/scale-by-ademamix.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAdemamix.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of AdEMAMix. */
export interface AdemamixOptions extends AdemamixScaling, OptionsOf<typeof fields> {}

/** The states of `ademamix`: its averages, and nothing for the decay and the rate. */
export type AdemamixOptimizerF = ChainF<readonly [AdemamixF, StatelessF, StatelessF]>

/**
 * Makes AdEMAMix, AdamW with a second, slow average of the gradients:
 * `p' = p - η · ((m₁/c₁ + α·m₂) / (√(v/c₂ + ε_root) + ε) + λ·p)` with `m₁ = β₁·m₁ + (1-β₁)·g`,
 * `m₂ = β₃·m₂ + (1-β₃)·g`, `v = β₂·v + (1-β₂)·g²`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1.
 *
 * With `warmupSteps` T, α and β₃ rise to their values over the first T steps, as `scaleByAdemamix` says; long runs need
 * it, since `m₂` is not debiased and grows large. The state holds three averages for every parameter. Defaults: η 1e-3,
 * β₁ 0.9, β₂ 0.999, β₃ 0.9999, α 5, ε 1e-8, ε_root 0, T 0, λ 0. Throws a `HyperparameterError` for options out of
 * range.
 *
 * Laws: α = 0 ≡ `adamw`; does not see the scale of the gradients (ε = ε_root = 0); odd in the gradients (λ = 0);
 * elementwise.
 * Source: Pagliardini, Ablin & Grangier 2024, arXiv 2409.03137; its warm-ups count from 1, those
 * that one gives optax (or us) as schedules of α and β₃ from 0.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { ademamix } from "thalweg/optimizer"
 *
 * const opt = ademamix({ learningRate: 0.5, b1: 0, b2: 0, b3: 0.5, alpha: 4, eps: 0 })
 * const params = { w: tensor([1]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([-8]) })
 * assert.deepStrictEqual(toArray(w), [2.5]) // 1 + 0.5·(8 + 4·4) / 8
 */
export const ademamix: Recipe<typeof fields, (options?: AdemamixOptions) => Optimizer<AdemamixOptimizerF>> = recipe(
  "ademamix",
  fields,
  { additive: {}, ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } },
  ({ learningRate, weightDecay, ...scaling }) =>
    optimizer(chain(scaleByAdemamix(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
)
