import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByAdopt, type AdoptScaling } from "../../transform/scale-by-adopt.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import type { AdamF } from "./adam.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAdopt.fields
}

/** The options of ADOPT. */
export interface AdoptOptions extends AdoptScaling, OptionsOf<typeof fields> {}

/**
 * Makes ADOPT, Adam that converges with any β₂: the first step moves nothing and sets `v = g²`; after `n` steps
 * `x = clamp(g / max(√v, ε), -n^κ, n^κ)`, `m = β₁·m + (1-β₁)·x`, `p' = p - η·m`, and then `v = β₂·v + (1-β₂)·g²`.
 *
 * A gradient is scaled by those before it alone, and only then enters the momentum. The state is that of `adam`.
 * Defaults: η 1e-3, β₁ 0.9, β₂ 0.9999, ε 1e-6, κ 0.25, form "clipped". Throws a `HyperparameterError` for options out
 * of range.
 *
 * Laws: the first step moves nothing; no step after `n` others is longer than `η·n^κ` in any coordinate ("clipped");
 * does not see the scale of the gradients (ε = 0); odd in the gradients; elementwise.
 * Source: Taniguchi et al. 2024, arXiv 2411.02853, Algorithm 2; `form: "unclipped"` is Algorithm 1. `nesterov` is
 * optax's, not the paper's.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adopt } from "thalweg/optimizer"
 *
 * const opt = adopt({ learningRate: 1, b1: 0.5 })
 * const p0 = { w: tensor([1]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([4]) })
 * const [p2] = opt.step(p1, s1, { w: tensor([-2]) }) // x = -2/4
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[1], [1.25]])
 */
export const adopt: Recipe<typeof fields, (options?: AdoptOptions) => Optimizer<AdamF>> = recipe(
  "adopt",
  fields,
  { ...allButScaleFree, scaleFree: { eps: 0 } },
  ({ learningRate, ...scaling }) => optimizer(chain(scaleByAdopt(scaling), scaleByLearningRate(learningRate)))
)
