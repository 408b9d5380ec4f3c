import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByYogi, type YogiScaling } from "../../transform/scale-by-yogi.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart } from "../traits.js"
import type { AdamF } from "./adam.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  ...scaleByYogi.fields
}

/** The options of Yogi. */
export interface YogiOptions extends YogiScaling, OptionsOf<typeof fields> {}

/**
 * Makes Yogi, Adam whose second moment falls no faster than it rises: `p' = p - η · m / (√(v + ε_root) + ε)` with
 * `m = β₁·m + (1-β₁)·g`, `v = v - (1-β₂)·sign(v - g²)·g²`, from `m₀` and `v₀`.
 *
 * The state is that of `adam`. Defaults: η 1e-2, β₁ 0.9, β₂ 0.999, ε 1e-3, ε_root 0, v₀ 1e-6, m₀ 0, form "undebiased".
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: `v` moves by at most `(1-β₂)·g²` in a step; odd in the gradients (m₀ = 0); elementwise.
 * Source: Zaheer et al. 2018, "Adaptive Methods for Nonconvex Optimization", Algorithm 2, with its ε 1e-3. optax
 * debiases both moments, and begins m at v₀ too, so that its first step is biased: `form: "debiased"`,
 * `initialMoment: 1e-6`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { yogi } from "thalweg/optimizer"
 *
 * const opt = yogi({ learningRate: 0.5, b1: 0, b2: 0.75, eps: 0, initialAccumulator: 12 })
 * const params = { w: tensor([3]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([4]) })
 * assert.deepStrictEqual(toArray(w), [2.5]) // 3 - 0.5·4 / √(12 + 0.25·16)
 */
export const yogi: Recipe<typeof fields, (options?: YogiOptions) => Optimizer<AdamF>> = recipe(
  "yogi",
  fields,
  {
    additive: {},
    ...apart,
    blind: {},
    odd: { initialMoment: 0 },
    still: { initialMoment: 0 },
    scaleFree: { eps: 0, epsRoot: 0, initialAccumulator: 0, initialMoment: 0 }
  },
  ({ learningRate, ...scaling }) => optimizer(chain(scaleByYogi(scaling), scaleByLearningRate(learningRate)))
)
