import { checkOptions, flag, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import {
  rmsScalingFields,
  scaleByRms,
  scaleByStddev,
  type RmsF,
  type RmsScaling,
  type StddevF
} from "../../transform/scale-by-rms.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { trace, type TraceF } from "../../transform/trace.js"
import { chain, type AnyF, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of RMSProp. */
export interface RmspropOptions extends RmsScaling {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  readonly learningRate?: Hyperparameter
  /** Whether to divide by the standard deviation of the gradients, not by their root mean square. Default no. */
  readonly centered?: boolean
}

/** What the options of RMSProp may be. */
const rmspropFields: Fields<RmspropOptions> = {
  learningRate: hyper(nonNegative, 1e-3),
  centered: flag(false),
  ...rmsScalingFields
}

/** The options of RMSProp with momentum. */
export interface RmspropMomentumOptions extends RmspropOptions {
  /** μ: how much of the velocity is kept, `0 ≤ μ < 1`. */
  readonly momentum: Hyperparameter
  /** Whether to look one step ahead. Default no. */
  readonly nesterov?: boolean
}

/** What the options of RMSProp with momentum may be. */
export const rmspropMomentumFields: Fields<RmspropMomentumOptions> = {
  ...rmspropFields,
  momentum: hyper(decay),
  nesterov: flag(false)
}

type Centered = { readonly centered: true }
type Plain = { readonly centered?: false }

interface Rmsprop {
  (options: RmspropMomentumOptions & Centered): Optimizer<ChainF<readonly [StddevF, TraceF, CountF]>>
  (options: RmspropMomentumOptions & Plain): Optimizer<ChainF<readonly [RmsF, TraceF, CountF]>>
  (options: RmspropOptions & Centered): Optimizer<ChainF<readonly [StddevF, CountF]>>
  (options?: RmspropOptions & Plain): Optimizer<ChainF<readonly [RmsF, CountF]>>
  (options: RmspropOptions | RmspropMomentumOptions): Optimizer<AnyF>
}

/**
 * Makes RMSProp: `v = ρ·v + (1-ρ)·g²`, `p' = p - η · g / √(v + ε)`; when `centered`, with `v - m²` in place of `v`,
 * where `m = ρ·m + (1-ρ)·g`; with `momentum`, `b = μ·b + U` and `p' = p - η·b` (`p - η·(U + μ·b)` with `nesterov`),
 * where `U` is what stood beside `η`.
 *
 * The state holds one average for every parameter, two when centered, and a velocity with momentum. Defaults: η 1e-3, ρ
 * 0.9, ε 1e-8 inside the root, v₀ 0, no bias correction. Throws a `HyperparameterError` for options out of range.
 *
 * `momentum` has the rate outside the velocity, as in PyTorch; `withMomentum` over it has the rate inside, as in optax
 * and Keras.
 *
 * Laws: no step is longer than `η/√(1-ρ)` (not centered, v₀ = 0, no correction); does not see the scale of the gradients
 * (v₀ = ε = 0); odd in the gradients; elementwise.
 * Source: Tieleman & Hinton 2012, COURSERA lecture 6.5; centered: Graves 2013, arXiv 1308.0850, equations 38 to 41.
 * PyTorch: `epsPlace: "outside"`, ρ 0.99, η 1e-2. optax and Keras (ε 1e-7) as here.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { rmsprop } from "thalweg/optimizer"
 *
 * const params = { w: tensor([2]) }
 * const opt = rmsprop({ learningRate: 0.5, decay: 0.75, eps: 0 })
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([-8]) }) // v = 0.25·64
 * assert.deepStrictEqual(toArray(w), [3]) // 2 + 0.5·8/4
 */
export const rmsprop = ((given: RmspropOptions | RmspropMomentumOptions = {}) => {
  const options = checkOptions("rmsprop", given)
  if ("momentum" in options) {
    const { learningRate, centered, momentum, nesterov, ...scaling } = resolve(
      "rmsprop",
      rmspropMomentumFields,
      options
    )
    const [velocity, rate] = [trace({ decay: momentum, nesterov }), scaleByLearningRate(learningRate)]
    return centered
      ? optimizer(chain(scaleByStddev(scaling), velocity, rate))
      : optimizer(chain(scaleByRms(scaling), velocity, rate))
  }
  const { learningRate, centered, ...scaling } = resolve("rmsprop", rmspropFields, options)
  const rate = scaleByLearningRate(learningRate)
  return centered ? optimizer(chain(scaleByStddev(scaling), rate)) : optimizer(chain(scaleByRms(scaling), rate))
}) as Rmsprop
