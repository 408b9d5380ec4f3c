import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import type { MomentsF } from "../../transform/moments.js"
import { scaleByAdam, type AdamScaling } from "../../transform/scale-by-adam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters: about the length of a step in every coordinate. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAdam.fields
}

/** The options of Adam. */
export interface AdamOptions extends AdamScaling, OptionsOf<typeof fields> {}

/** The states of `adam`: the moments, and nothing for the rate. */
export type AdamF = ChainF<readonly [MomentsF, StatelessF]>

/**
 * Makes Adam: `p' = p - η · (m/c₁) / (√(v/c₂ + ε_root) + ε)` with `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`,
 * `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1.
 *
 * The state holds two moments for every parameter, in its dtype; one that would be subnormal is 0. Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-8, ε_root 0.
 * `withWeightDecay` makes it AdamW (decay does not enter the moments), `onGradient(addDecayedWeights(λ))` Adam + L2.
 * Throws a `HyperparameterError` for options out of range. `nesterov: true` makes NAdam.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); the first step has length η in every coordinate
 * (ε = 0, g ≠ 0); odd in the gradients; elementwise.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 1; ε_root as in optax. Keras adds ε before it corrects the bias,
 * `(√c₂/c₁)·m / (√v + ε)`, the paper's "epsilon hat": `form: "epsilonHat"`, with its ε 1e-7.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adam } from "thalweg/optimizer"
 *
 * const opt = adam({ learningRate: 0.5, eps: 0 })
 * const params = { w: tensor([1, 1], { dtype: "f64" }) }
 * const grads = { w: tensor([1000, -0.001], { dtype: "f64" }) }
 * const [{ w }] = opt.step(params, opt.init(params), grads)
 * const [a = NaN, b = NaN] = toArray(w) as number[]
 * assert.ok(Math.abs(a - 0.5) < 1e-12 && Math.abs(b - 1.5) < 1e-12) // η, whatever the size of the gradient
 */
export const adam: Recipe<typeof fields, (options?: AdamOptions) => Optimizer<AdamF>> = recipe(
  "adam",
  fields,
  { ...allButScaleFree, scaleFree: { eps: 0, epsRoot: 0 } },
  ({ learningRate, ...scaling }) => optimizer(chain(scaleByAdam(scaling), scaleByLearningRate(learningRate)))
)
