import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByBelief, type BeliefScaling } from "../../transform/scale-by-belief.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import type { AdamF } from "./adam.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByBelief.fields
}

/** The options of AdaBelief. */
export interface AdabeliefOptions extends BeliefScaling, OptionsOf<typeof fields> {}

/**
 * Makes AdaBelief, Adam that trusts a gradient as far as it was expected: `p' = p - η · (m/c₁) / (√(s/c₂) + ε)` with
 * `m = β₁·m + (1-β₁)·g`, `s = β₂·s + (1-β₂)·(g - m)² + ε_root`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1.
 *
 * The state is that of `adam`. Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-16, ε_root 1e-16. `withWeightDecay` gives the
 * authors' decoupled decay. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); odd in the gradients; elementwise.
 * Source: Zhuang et al. 2020, arXiv 2010.07468, Algorithm 2, where ε_root is ε. As in optax they are two, and as in
 * optax and the authors' code 1e-16. It is added to the state, not under the root alone, and so accumulates.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adabelief } from "thalweg/optimizer"
 *
 * const opt = adabelief({ learningRate: 0.5, b1: 0.5, b2: 0, eps: 0, epsRoot: 0 })
 * const params = { w: tensor([3]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([8]) })
 * assert.deepStrictEqual(toArray(w), [2]) // 3 - 0.5·8 / |8 - 4|
 */
export const adabelief: Recipe<typeof fields, (options?: AdabeliefOptions) => Optimizer<AdamF>> = recipe(
  "adabelief",
  fields,
  { ...allButScaleFree, scaleFree: { b1: 0.9, b2: 0.999, eps: 0, epsRoot: 0 } },
  ({ learningRate, ...scaling }) => optimizer(chain(scaleByBelief(scaling), scaleByLearningRate(learningRate)))
)
