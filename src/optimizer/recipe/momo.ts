import { recipe, type Recipe } from "../../options/recipe.js"
import {
  stepByMomo,
  stepByMomoAdam,
  type MomoAdamF,
  type MomoAdamOptions,
  type MomoF,
  type MomoOptions
} from "../../transform/step-by-momo.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/**
 * Makes MoMo, descent with momentum and Polyak's step for it: with `d = β·d + (1-β)·g`, `f = β·f + (1-β)·loss`,
 * `γ = β·γ + (1-β)·⟨g, p⟩`, all beginning with their first values, `h = (1 + η·λ)·(f - γ) + ⟨d, p⟩`,
 * `τ = min(max(h - (1 + η·λ)·f*, 0) / ‖d‖², η)`, `p' = (p - τ·d) / (1 + η·λ)`.
 *
 * Needs the loss at which the gradient was taken: `step(params, state, grads, { loss })`. Looks across all leaves. Its
 * `rate` is `τ` of the last step, at first 0. `biasCorrection`, `bound` and `shrink` are as `stepByMomo` says. The state
 * holds an average of every parameter. Defaults: η 1, β (`b1`) 0.9, f* (`fMin`) 0, λ 0. Throws a `HyperparameterError`
 * for options out of range, a `ShapeError` for a loss that is no float scalar.
 *
 * Laws: the rate is never above η (no `biasCorrection`); β = 0, λ = 0 is `polyakSgd`, to rounding; does not see how the
 * parameters are divided into leaves.
 * Source: Schaipp et al. 2024, arXiv 2305.07583, Algorithm 1. As in optax (`adapt_lower_bound` is `bound: "estimated"`),
 * but that its decay shrinks the parameters and not the step, against the paper: `shrink: "parameters"`.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { momo } from "thalweg/optimizer"
 *
 * const opt = momo({ learningRate: 1, b1: 0.5 })
 * const p0 = { w: tensor([8]) } // of ½w², whose gradient is w
 * const [p1, s1] = opt.step(p0, opt.init(p0), p0, { loss: scalar(32) }) // by 32 / 64
 * const [p2] = opt.step(p1, s1, p1, { loss: scalar(8) }) // d = 6, h = 20 - 40 + 24
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[4], [Math.fround(4 - 4 / 6)]])
 */
export const momo: Recipe<typeof stepByMomo.fields, (options?: MomoOptions) => Optimizer<MomoF>> = recipe(
  "momo",
  stepByMomo.fields,
  { additive: {}, still: { weightDecay: 0 } },
  options => optimizer(stepByMomo(options))
)

/**
 * Makes MoMo-Adam, Adam with Polyak's step for it: with `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`, `D = √(v/c₂) + ε`,
 * `f = β₁·f + (1-β₁)·loss`, `γ = β₁·γ + (1-β₁)·⟨g, p⟩`, `h = (1 + η·λ)·(f - γ) + ⟨m, p⟩`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1,
 * `τ = min(max(h - (1 + η·λ)·c₁·f*, 0) / ⟨m, m/D⟩, η/c₁)`, `p' = (p - τ·m/D) / (1 + η·λ)`.
 *
 * Needs the loss at which the gradient was taken: `step(params, state, grads, { loss })`. Looks across all leaves. Its
 * `rate` is `τ` of the last step, at first 0. `bound` and `shrink` are as `stepByMomoAdam` says. The state holds two
 * averages for every parameter. Defaults: η 1e-2, β₁ 0.9, β₂ 0.999, ε 1e-8, f* (`fMin`) 0, λ 0. Throws a
 * `HyperparameterError` for options out of range, a `ShapeError` for a loss that is no float scalar.
 *
 * Laws: with f* far below all losses and λ = 0 it is `adam`, to rounding; the rate is never above η/c₁; does not see how
 * the parameters are divided into leaves.
 * Source: Schaipp et al. 2024, arXiv 2305.07583, Algorithm 2. As in optax (`adapt_lower_bound` is `bound: "estimated"`),
 * but that its decay shrinks the parameters and not the step, against the paper: `shrink: "parameters"`.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { momoAdam } from "thalweg/optimizer"
 *
 * const opt = momoAdam({ learningRate: 0.5, b1: 0, b2: 0, eps: 0 })
 * const params = { w: tensor([1]) }
 * const after = (loss: number) =>
 *   toArray(opt.step(params, opt.init(params), { w: tensor([8]) }, { loss: scalar(loss) })[0].w)
 * assert.deepStrictEqual([16, 2].map(after), [[0.5], [0.75]]) // by η, and by 2 / 8
 */
export const momoAdam: Recipe<typeof stepByMomoAdam.fields, (options?: MomoAdamOptions) => Optimizer<MomoAdamF>> =
  recipe("momoAdam", stepByMomoAdam.fields, { additive: {}, still: { weightDecay: 0 } }, options =>
    optimizer(stepByMomoAdam(options))
  )
