import { checkOptions, resolve, type Fields } from "../../schedule/fields.js"
import type { Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import { learningRateField, scaleByLearningRate } from "../../transform/scale.js"
import { trace, traceFields, type TraceF } from "../../transform/trace.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of plain gradient descent. */
export interface SgdOptions {
  /** η ≥ 0, in units of parameter per unit of gradient. */
  readonly learningRate: Hyperparameter
}

/** The options of gradient descent with momentum. */
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

/** What the options of plain gradient descent may be. */
const sgdFields: Fields<SgdOptions> = { learningRate: learningRateField }

/** What the options of gradient descent with momentum may be. */
export const sgdMomentumFields: Fields<SgdMomentumOptions> = {
  learningRate: learningRateField,
  momentum: traceFields.decay,
  dampening: traceFields.dampening,
  nesterov: traceFields.nesterov,
  dampenFirst: traceFields.dampenFirst
}

interface Sgd {
  (options: SgdMomentumOptions): Optimizer<ChainF<readonly [TraceF, CountF]>>
  (options: SgdOptions): Optimizer<CountF>
}

/** Any option but the rate is one of momentum. */
const isHeavy = (options: SgdOptions | SgdMomentumOptions): options is SgdMomentumOptions =>
  Object.keys(options).some(name => name !== "learningRate")

/**
 * Makes gradient descent: `p' = p - η·g`; with `momentum`, `b = μ·b + (1 - dampening)·g` and `p' = p - η·b`
 * (`p - η·(g + μ·b)` with `nesterov`). Whether it is batch, stochastic or mini-batch descent, the batch alone decides.
 *
 * Momentum here is that of PyTorch and optax, the rate outside the velocity; `withMomentum` has it inside. A state of
 * momentum holds a velocity for every parameter; plain descent holds none.
 *
 * Throws a `HyperparameterError` for numbers out of range.
 *
 * Laws: momentum 0 ≡ no momentum, exactly; odd in the gradients; elementwise.
 * Source: Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013, equations 1 to 4, from which we deviate in the
 * place of the rate and, with `nesterov`, in following the point where the gradient is taken (as PyTorch and optax do).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { sgd } from "thalweg/optimizer"
 *
 * const opt = sgd({ learningRate: 0.5, momentum: 0.5 })
 * const p0 = { w: tensor([8]) } // of ½w², whose gradient is w
 * const [p1, s1] = opt.step(p0, opt.init(p0), p0) // b = 8
 * const [p2] = opt.step(p1, s1, p1) // b = 0.5·8 + 4
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[4], [0]])
 */
export const sgd = ((given: SgdOptions | SgdMomentumOptions) => {
  const options = checkOptions("sgd", given)
  if (!isHeavy(options)) return optimizer(scaleByLearningRate(resolve("sgd", sgdFields, options).learningRate))
  const { learningRate, momentum, ...velocity } = resolve("sgd", sgdMomentumFields, options)
  return optimizer(chain(trace({ decay: momentum, ...velocity }), scaleByLearningRate(learningRate)))
}) as Sgd
