import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { scaleByAdahessian, type AdahessianF, type AdahessianScaling } from "../../transform/scale-by-adahessian.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"

const fields = {
  /** η ≥ 0: 1 is the step of Newton's method, where the Hessian is diagonal. Default 0.15. */
  learningRate: hyper(nonNegative, 0.15),
  ...scaleByAdahessian.fields,
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of AdaHessian. */
export interface AdahessianOptions extends AdahessianScaling, OptionsOf<typeof fields> {}

/** The states of `adahessian`: the moments and the key, and nothing for decay and rate. */
export type AdahessianOptimizerF = ChainF<readonly [AdahessianF, StatelessF, StatelessF]>

/**
 * Makes AdaHessian, Adam with the diagonal of the Hessian in place of the gradient below: with `D = z ⊙ ∇²f(p)·z`, `z` random signs,
 * `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·D²`, `p' = p - η·((m/c₁) / (√(v/c₂)ᵏ + ε) + λ·p)`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from
 * 1.
 *
 * `D` of a kernel `[…window, in, out]` is the mean of `|D|` over its window. Needs the objective: `step(params, state, grads, { objective })`,
 * of which each step takes a product of the Hessian, about the time of another gradient; `trainStep` hands over that of the batch.
 * `seed`: what the signs are drawn from; `init` puts its key into the state, so that a run replays bit for bit. The state holds two
 * moments for every parameter. Defaults: η 0.15, β₁ 0.9, β₂ 0.999, ε 1e-4, k 1, λ 0. Throws a `HyperparameterError` for options
 * out of range.
 *
 * Laws: as of `scaleByAdahessian`; odd in the gradients (λ = 0); zero gradients leave the parameters as they are (λ = 0).
 * Source: Yao et al. 2021, arXiv 2006.00719, Algorithm 1; defaults of the authors' code. The PyPI package `pytorch_optimizer` has no
 * spatial average (`spatialAverage: false`), η 0.1 and ε 1e-16.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, square, type Tensor } from "thalweg"
 * import { adahessian } from "thalweg/optimizer"
 *
 * const opt = adahessian({ seed: 0, learningRate: 0.5, eps: 0 })
 * const p0 = scalar(8) // of p², whose gradient is 2p, and whose Hessian is 2
 * const [p1] = opt.step(p0, opt.init(p0), scalar(16), { objective: (p: Tensor) => square(p) })
 * assert.ok(Math.abs(item(p1) - 4) < 1e-5) // half the way
 */
export const adahessian: Recipe<typeof fields, (options: AdahessianOptions) => Optimizer<AdahessianOptimizerF>> =
  recipe(
    "adahessian",
    fields,
    { additive: {}, odd: { weightDecay: 0 }, still: { weightDecay: 0 } },
    ({ learningRate, weightDecay, ...scaling }) =>
      byDepth(
        optimizer(chain(scaleByAdahessian(scaling), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)))
      )
  )
