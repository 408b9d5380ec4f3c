import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import type { Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"
import { adamw, type AdamwF } from "./adamw.js"
import { nadam, type NadamOptions } from "./nadam.js"

const fields = {
  ...nadam.fields,
  /** λ ≥ 0: the decay. Default 1e-2. */
  weightDecay: hyper(nonNegative, 1e-2)
}

/** The options of NAdamW. */
export interface NadamwOptions extends NadamOptions, OptionsOf<typeof fields> {}

/**
 * Makes NAdamW: NAdam, and apart from it a decay of the parameters, `p' = p - η · (U + λ·p)` with the update `U` of
 * `nadam` and `p` before the step.
 *
 * Defaults: those of `nadam`, λ 1e-2. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: λ = 0 ≡ `nadam`, exactly; equal to `withWeightDecay(λ)` over `nadam`, to rounding; β₁ = 0 is `adamw` with β₁ =
 * 0; with zero gradients from a fresh state, `n` steps at a constant rate scale `p` by `(1 - ηλ)ⁿ`.
 * Source: Dozat 2016, Algorithm 2, with the decay of Loshchilov & Hutter 2019, arXiv 1711.05101; as in optax (λ 1e-4).
 * With a momentum schedule (PyTorch, Keras): `withWeightDecay(λ)` over `scheduledNadam`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { nadamw } from "thalweg/optimizer"
 *
 * const opt = nadamw({ learningRate: 0.5, b1: 0, eps: 0, weightDecay: 0.25 })
 * const params = { w: tensor([8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([100]) })
 * assert.deepStrictEqual(toArray(w), [6.5]) // 8 - 0.5·(1 + 0.25·8)
 */
export const nadamw: Recipe<typeof fields, (options?: NadamwOptions) => Optimizer<AdamwF>> = recipe(
  "nadamw",
  fields,
  { additive: {}, ...apart, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } },
  options => adamw({ ...options, nesterov: true })
)
