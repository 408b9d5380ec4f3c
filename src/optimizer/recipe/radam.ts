import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import type { MomentsF } from "../../transform/moments.js"
import { radamScalingFields, scaleByRadam, type RadamScaling } from "../../transform/scale-by-radam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of RAdam. */
export interface RadamOptions extends RadamScaling {
  /** η ≥ 0: in units of the parameters once it rectifies, before that of parameter per gradient. Default 1e-3. */
  readonly learningRate?: Hyperparameter
}

/** What the options of RAdam may be. */
export const radamFields: Fields<RadamOptions> = { learningRate: hyper(nonNegative, 1e-3), ...radamScalingFields }

/**
 * Makes RAdam, Adam that waits until its mean square is known well enough: `p' = p - η · r·(m/c₁) / (√(v/c₂) + ε)`
 * where `ρ` exceeds the threshold, before that `p' = p - η · m/c₁`.
 *
 * Here `ρ∞ = 2/(1-β₂) - 1`, `ρ = ρ∞ - 2t·β₂ᵗ/c₂`, `r = √[(ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ)]` and the rest is as in `adam`,
 * its options (`form`, `nesterov`) included. Defaults: those of `adam`, threshold 5, as in both libraries.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: before it rectifies, descent along the debiased average of gradients; odd in the gradients; elementwise.
 * Source: Liu et al. 2020, arXiv 1908.03265, Algorithm 2, whose threshold is 4. PyTorch is `form: "epsilonHat"`; optax
 * rectifies at the threshold already, we above it, as the paper and PyTorch do.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { radam } from "thalweg/optimizer"
 *
 * const opt = radam({ learningRate: 0.5, b1: 0.5 })
 * const params = { w: tensor([8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([4]) })
 * assert.deepStrictEqual(toArray(w), [6]) // 8 - 0.5·4: not divided yet
 */
export const radam = (options: RadamOptions = {}): Optimizer<ChainF<readonly [MomentsF, CountF]>> => {
  const { learningRate, ...scaling } = resolve("radam", radamFields, options)
  return optimizer(chain(scaleByRadam(scaling), scaleByLearningRate(learningRate)))
}
