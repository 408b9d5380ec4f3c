import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByAdamax, type AdamaxF, type AdamaxScaling } from "../../transform/scale-by-adamax.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 2e-3. */
  learningRate: hyper(nonNegative, 2e-3),
  ...scaleByAdamax.fields
}

/** The options of Adamax. */
export interface AdamaxOptions extends AdamaxScaling, OptionsOf<typeof fields> {}

/**
 * Makes Adamax, Adam with the largest gradient in place of the root mean square: `p' = p - η · m / ((1 - β₁ᵗ)·u)` with
 * `m = β₁·m + (1-β₁)·g`, `u = max(β₂·u, |g| + ε)`, `t` from 1.
 *
 * The state holds an average and a maximum for every parameter. Defaults: η 2e-3, β₁ 0.9, β₂ 0.999, ε 1e-8.
 * `withWeightDecay` makes it AdamaxW. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0); a constant gradient gives steps of length η (ε = 0); odd in
 * the gradients; elementwise.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 2, which has no ε. Ours stands where PyTorch's and optax's do;
 * Keras's is `epsPlace: "outside"` (ε 1e-7, η 1e-3).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adamax } from "thalweg/optimizer"
 *
 * const opt = adamax({ learningRate: 0.5, eps: 0, b1: 0.5 })
 * const p0 = { w: tensor([1, 1]) }
 * const grads = { w: tensor([1000, -4]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), grads)
 * const [p2] = opt.step(p1, s1, grads)
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[0.5, 1.5], [0, 2]])
 */
export const adamax: Recipe<
  typeof fields,
  (options?: AdamaxOptions) => Optimizer<ChainF<readonly [AdamaxF, StatelessF]>>
> = recipe("adamax", fields, { ...allButScaleFree, scaleFree: { eps: 0 } }, ({ learningRate, ...scaling }) =>
  optimizer(chain(scaleByAdamax(scaling), scaleByLearningRate(learningRate)))
)
