import { recipe, type Recipe } from "../../options/recipe.js"
import { stepByFtrl, type FtrlF, type FtrlOptions } from "../../transform/step-by-ftrl.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart } from "../traits.js"

/**
 * Makes FTRL-Proximal, follow the regularized leader: with `n' = n + g²`, `z = z + η·g - (n'^ρ - n^ρ)·p`,
 * `p' = -(z - clip(z, -η·λ₁, η·λ₁)) / (β + n'^ρ + η·λ₂)`. With `lambda1` many parameters are 0, exactly: for linear models of
 * many features.
 *
 * Begin at parameters of 0: others are drawn there by the first steps, the more so the larger β and n₀ are. The state holds
 * two sums for every parameter. Defaults: η 1e-2, β 1, λ₁ 0, λ₂ 0, no shrinkage, ρ 0.5, n₀ 0. Its `rate` is η. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: without β, n₀ and regularization it is AdaGrad without ε; parameters are 0 while `|z| ≤ η·λ₁`; elementwise; depends on
 * the parameters.
 * Source: McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", Algorithm 1; how its rate may be scheduled, and
 * the rest, at `stepByFtrl`. Keras: β 0, n₀ 0.1, η 1e-3, and half of our λ₂ and `shrinkage`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { ftrl } from "thalweg/optimizer"
 *
 * const opt = ftrl({ learningRate: 1, lambda1: 1 })
 * const params = { w: tensor([0, 0]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([3, -0.5]) }) // the second has no weight yet
 * assert.deepStrictEqual(toArray(w), [-0.5, 0])
 */
export const ftrl: Recipe<typeof stepByFtrl.fields, (options?: FtrlOptions) => Optimizer<FtrlF>> = recipe(
  "ftrl",
  stepByFtrl.fields,
  { additive: {}, ...apart },
  options => optimizer(stepByFtrl(options))
)
