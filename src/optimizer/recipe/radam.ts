import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByRadam, type RadamScaling } from "../../transform/scale-by-radam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import type { AdamF } from "./adam.js"

const fields = {
  /** η ≥ 0: in units of the parameters once it rectifies, before that of parameter per gradient. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByRadam.fields
}

/** The options of RAdam. */
export interface RadamOptions extends RadamScaling, OptionsOf<typeof fields> {}

/**
 * Makes RAdam, Adam that waits until its mean square is known well enough: `p' = p - η · r·(m/c₁) / (√(v/c₂) + ε)`
 * where `ρ` exceeds the threshold, before that `p' = p - η · m/c₁`.
 *
 * Here `ρ∞ = 2/(1-β₂) - 1`, `ρ = ρ∞ - 2t·β₂ᵗ/c₂`, `r = √[(ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ)]` and the rest is as in `adam`,
 * its options (`form`, `nesterov`) included. Defaults: those of `adam`, threshold 5, as in both libraries.
 * The state is that of `adam`. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: before it rectifies, descent along the debiased average of gradients; odd in the gradients; elementwise.
 * Source: Liu et al. 2020, arXiv 1908.03265, Algorithm 2, whose threshold is 4. PyTorch is `form: "epsilonHat"`; optax
 * rectifies at the threshold already, we above it, as the paper and PyTorch do.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { radam } from "thalweg/optimizer"
 *
 * const opt = radam({ learningRate: 0.5, b1: 0.5 })
 * const params = { w: tensor([8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([4]) })
 * assert.deepStrictEqual(toArray(w), [6]) // 8 - 0.5·4: not divided yet
 */
export const radam: Recipe<typeof fields, (options?: RadamOptions) => Optimizer<AdamF>> = recipe(
  "radam",
  fields,
  allButScaleFree,
  ({ learningRate, ...scaling }) => optimizer(chain(scaleByRadam(scaling), scaleByLearningRate(learningRate)))
)
