import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import {
  adamaxScalingFields,
  scaleByAdamax,
  type AdamaxF,
  type AdamaxScaling
} from "../../transform/scale-by-adamax.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of Adamax. */
export interface AdamaxOptions extends AdamaxScaling {
  /** η ≥ 0, in units of the parameters. Default 2e-3. */
  readonly learningRate?: Hyperparameter
}

/** What the options of Adamax may be. */
export const adamaxFields: Fields<AdamaxOptions> = { learningRate: hyper(nonNegative, 2e-3), ...adamaxScalingFields }

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
export const adamax = (options: AdamaxOptions = {}): Optimizer<ChainF<readonly [AdamaxF, CountF]>> => {
  const { learningRate, ...scaling } = resolve("adamax", adamaxFields, options)
  return optimizer(chain(scaleByAdamax(scaling), scaleByLearningRate(learningRate)))
}
