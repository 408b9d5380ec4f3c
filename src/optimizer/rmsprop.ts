import { flag, hyper, resolve, type Fields } from "../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import type { CountF } from "../transform/common.js"
import {
  rmsScalingFields,
  scaleByRms,
  scaleByStddev,
  type RmsF,
  type RmsScaling,
  type StddevF
} from "../transform/scale-by-rms.js"
import { scaleByLearningRate } from "../transform/scale.js"
import { chain, type ChainF } from "../transform/transform.js"
import { optimizer, type Optimizer } from "./optimizer.js"

/** The options of RMSProp. */
export interface RmspropOptions extends RmsScaling {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  readonly learningRate?: Hyperparameter
  /** Whether to divide by the standard deviation of the gradients, not by their root mean square. Default no. */
  readonly centered?: boolean
}

/** What the options of RMSProp may be. */
export const rmspropFields: Fields<RmspropOptions> = {
  learningRate: hyper(nonNegative, 1e-3),
  centered: flag(false),
  ...rmsScalingFields
}

interface Rmsprop {
  (options: RmspropOptions & { readonly centered: true }): Optimizer<ChainF<readonly [StddevF, CountF]>>
  (options?: RmspropOptions & { readonly centered?: false }): Optimizer<ChainF<readonly [RmsF, CountF]>>
}

/**
 * Makes RMSProp: `v = ρ·v + (1-ρ)·g²`, `p' = p - η · g / √(v + ε)`; when `centered`, with `v - m²` in place of `v`,
 * where `m = ρ·m + (1-ρ)·g`.
 *
 * The state holds one average for every parameter, two when centered. Defaults: η 1e-3, ρ 0.9, ε 1e-8 inside the root,
 * v₀ 0, no bias correction. Throws a `HyperparameterError` for options out of range.
 *
 * With momentum, the rate inside the velocity (optax, Keras): `withMomentum` over it; Nesterov's (optax):
 * `onDisplacement(trace({ decay, nesterov: true }))` over it. The rate outside (PyTorch):
 * `optimizer(chain(scaleByRms(…), trace({ decay }), scaleByLearningRate(η)))`, centered with `scaleByStddev`.
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
export const rmsprop = ((options: RmspropOptions = {}) => {
  const { learningRate, centered, ...scaling } = resolve("rmsprop", rmspropFields, options)
  const rate = scaleByLearningRate(learningRate)
  return centered ? optimizer(chain(scaleByStddev(scaling), rate)) : optimizer(chain(scaleByRms(scaling), rate))
}) as Rmsprop
