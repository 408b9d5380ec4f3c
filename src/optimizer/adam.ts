import type { Hyperparameter } from "../schedule/schedule.js"
import type { CountF } from "../transform/common.js"
import { scaleByAdam, type AdamScaling, type MomentsF } from "../transform/scale-by-adam.js"
import { scaleByLearningRate } from "../transform/scale.js"
import { chain, type ChainF } from "../transform/transform.js"
import { optimizer, type Optimizer } from "./optimizer.js"

export interface AdamOptions extends AdamScaling {
  /** η ≥ 0. Default 1e-3. */
  readonly learningRate?: Hyperparameter
}

export type AdamF = ChainF<readonly [MomentsF, CountF]>

/**
 * Adam: `p' = p - η · (m/c₁) / (√(v/c₂ + ε_root) + ε)` with `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`,
 * `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1.
 *
 * The state holds two moments for every parameter, in its dtype. Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-8, ε_root 0.
 * `withWeightDecay` makes it AdamW (decay not multiplied into the moments), `onGradient(addDecayedWeights(λ))` Adam + L2.
 *
 * Laws: does not see the scale of the gradients (ε = 0); the first step has length η in every coordinate (ε = 0, g ≠ 0);
 * odd in the gradients. Throws a `HyperparameterError` for numbers out of range.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 1. Keras has ε inside the bias correction ("epsilon hat").
 */
export const adam = ({ learningRate = 1e-3, ...scaling }: AdamOptions = {}): Optimizer<AdamF> =>
  optimizer(chain(scaleByAdam(scaling), scaleByLearningRate(learningRate)))
