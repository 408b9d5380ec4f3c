import { recipe, type Recipe } from "../../options/recipe.js"
import { stepByMadgrad, type MadgradF, type MadgradOptions } from "../../transform/step-by-madgrad.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart } from "../traits.js"

/**
 * Makes MADGRAD, dual averaging with momentum: with `λ = η·√t`, `t` from 1, `s = s + λ·g`, `v = v + λ·g²`,
 * `z = p₀ - s / (∛v + ε)`, `p' = μ·p + (1 - μ)·z`.
 *
 * The state holds the parameters at first and two sums for every parameter. Defaults: η 1e-2, μ 0.9, ε 1e-6. Its `rate`
 * is η. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: zero gradients from a fresh state move nothing; with gradients `a` times as large the steps are `a^⅓` times as
 * long (ε = 0); elementwise; depends on the parameters.
 * Source: Defazio & Jelassi 2021, arXiv 2101.11075, Algorithm 1, whose `c` is `1 - μ`. optax and the authors' code add ε
 * to the rate: give `learningRate` η + ε. Their decay is coupled: `withL2`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { madgrad } from "thalweg/optimizer"
 *
 * const opt = madgrad({ learningRate: 1, momentum: 0.5, eps: 0 })
 * const params = { w: tensor([3], { dtype: "f64" }) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([8], { dtype: "f64" }) }) // z = 3 - 8 / ∛64
 * assert.ok(Math.abs((toArray(w) as number[])[0]! - 2) < 1e-12)
 */
export const madgrad: Recipe<typeof stepByMadgrad.fields, (options?: MadgradOptions) => Optimizer<MadgradF>> = recipe(
  "madgrad",
  stepByMadgrad.fields,
  { additive: {}, ...apart },
  options => optimizer(stepByMadgrad(options))
)
