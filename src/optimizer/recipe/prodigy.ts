import { recipe, type Recipe } from "../../options/recipe.js"
import {
  stepByDadaptAdam,
  stepByProdigy,
  type DadaptOptions,
  type EstimateF,
  type ProdigyF,
  type ProdigyOptions
} from "../../transform/step-by-estimate.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/**
 * Makes Prodigy, AdamW that finds its rate: `p' = p - η·(m/(√v + d·ε) + λ·p)` with `η = d·γ` and the estimate `d` of
 * `stepByProdigy`, which grows as far as gradients lead away from the start.
 *
 * Looks across all leaves. The state holds three sums and the start for every parameter; its `rate` is `η`. Defaults: γ
 * 1, β₁ 0.9, β₂ 0.999, κ 0.5, ε 1e-8, d₀ 1e-6, c 1, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the estimate never falls; does not see the scale of the gradients (ε = 0); zero gradients from a fresh state
 * move nothing (λ = 0); does not see how the parameters are divided into leaves.
 * Source: Mishchenko & Defazio 2023, arXiv 2306.06101v4, Algorithm 3. optax: `biasCorrection`, which the paper has not,
 * and `epsEstimate: "after"`; its `beta3` is our `β₂^κ`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { prodigy } from "thalweg/optimizer"
 *
 * const opt = prodigy({ b1: 0, b2: 0, eps: 0, estimLr0: 0.5 })
 * const params = { w: tensor([1, 1]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([8, -2]) })
 * assert.deepStrictEqual(toArray(w), [0.5, 1.5]) // by d₀ at first
 */
export const prodigy: Recipe<typeof stepByProdigy.fields, (options?: ProdigyOptions) => Optimizer<ProdigyF>> = recipe(
  "prodigy",
  stepByProdigy.fields,
  { additive: {}, odd: { weightDecay: 0 }, still: { weightDecay: 0 }, scaleFree: { eps: 0 } },
  options => optimizer(stepByProdigy(options))
)

/**
 * Makes D-Adaptation of AdamW, which finds its rate: `p' = p - (m/(√v + ε) + η·λ·p)` with `η = d·γ`, `m` the average of
 * `η·g`, and the estimate `d` of `stepByDadaptAdam`, which grows as far as gradients agree.
 *
 * Looks across all leaves. The state holds three sums for every parameter; its `rate` is `η`. Defaults: γ 1, β₁ 0.9,
 * β₂ 0.999, ε 1e-8, d₀ 1e-6, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the estimate never falls; does not see the scale of the gradients (ε = 0); zero gradients from a fresh state
 * move nothing (λ = 0); odd in the gradients (λ = 0); does not see how the parameters are divided into leaves.
 * Source: Defazio & Mishchenko 2023, arXiv 2301.07733v5, Algorithm 5. The authors' code: `weights: "old"`; optax that
 * and `biasCorrection`, which the paper has not.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { dadaptAdamw } from "thalweg/optimizer"
 *
 * const opt = dadaptAdamw({ b1: 0, b2: 0, eps: 0, estimLr0: 0.5 })
 * const params = { w: tensor([1, 1]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([8, -2]) })
 * assert.deepStrictEqual(toArray(w), [0.5, 1.5]) // by d₀ at first
 */
export const dadaptAdamw: Recipe<typeof stepByDadaptAdam.fields, (options?: DadaptOptions) => Optimizer<EstimateF>> =
  recipe(
    "dadaptAdamw",
    stepByDadaptAdam.fields,
    { additive: {}, odd: { weightDecay: 0 }, still: { weightDecay: 0 }, scaleFree: { eps: 0 } },
    options => optimizer(stepByDadaptAdam(options))
  )
