import type { Hyperparameter } from "../schedule/schedule.js"
import type { CountF } from "../transform/common.js"
import { scaleByLearningRate } from "../transform/scale.js"
import { trace, type TraceF } from "../transform/trace.js"
import { chain, type ChainF } from "../transform/transform.js"
import { optimizer, type Optimizer } from "./optimizer.js"

export interface SgdOptions {
  /** η ≥ 0. */
  readonly learningRate: Hyperparameter
}

export interface SgdMomentumOptions extends SgdOptions {
  /** μ, `0 ≤ μ < 1`. */
  readonly momentum: Hyperparameter
  /** How much of each gradient is held back, from 0 (the default) to 1. */
  readonly dampening?: Hyperparameter
  /** Whether dampening holds for the first gradient too. Default yes; PyTorch says no. */
  readonly dampenFirst?: boolean
  /** Whether to look one step ahead. Default no. */
  readonly nesterov?: boolean
}

interface Sgd {
  (options: SgdMomentumOptions): Optimizer<ChainF<readonly [TraceF, CountF]>>
  (options: SgdOptions): Optimizer<CountF>
}

/**
 * Gradient descent: `p' = p - η·g`; with `momentum`, `b = μ·b + (1 - dampening)·g` and `p' = p - η·b` (`p - η·(g + μ·b)`
 * with `nesterov`). Whether it is batch, stochastic or mini-batch descent is a matter of the batch alone.
 *
 * Momentum here is that of PyTorch and optax, the rate outside the velocity; `withMomentum` has it inside. A state of
 * momentum holds a velocity for every parameter; plain descent holds none.
 *
 * Laws: momentum 0 ≡ no momentum, exactly; odd in the gradients. Throws a `HyperparameterError` for numbers out of range.
 * Source: Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013.
 */
export const sgd = ((options: SgdOptions | SgdMomentumOptions) =>
  "momentum" in options
    ? optimizer(chain(trace({ ...options, decay: options.momentum }), scaleByLearningRate(options.learningRate)))
    : optimizer(scaleByLearningRate(options.learningRate))) as Sgd
