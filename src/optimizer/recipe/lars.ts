import { flag, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { decay, type Hyperparameter } from "../../schedule/schedule.js"
import type { CountF } from "../../transform/common.js"
import { larsScalingFields, scaleByLars, type LarsScaling } from "../../transform/scale-by-trust-ratio.js"
import { learningRateField, scaleByLearningRate } from "../../transform/scale.js"
import { trace, type TraceF } from "../../transform/trace.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of LARS. */
export interface LarsOptions extends LarsScaling {
  /** η ≥ 0, without a unit. */
  readonly learningRate: Hyperparameter
  /** μ: how much of the velocity is kept, `0 ≤ μ < 1`. Default 0.9. */
  readonly momentum?: Hyperparameter
  /** Whether to look one step ahead. Default no. */
  readonly nesterov?: boolean
}

/** What the options of LARS may be. */
export const larsFields: Fields<LarsOptions> = {
  learningRate: learningRateField,
  momentum: hyper(decay, 0.9),
  nesterov: flag(false),
  ...larsScalingFields
}

/**
 * Makes LARS, momentum with a rate for each leaf: `u = g + λ·p`, `v = μ·v + η·r·u` with
 * `r = c·‖p‖ / (‖g‖ + λ·‖p‖ + ε)`, `p' = p - v` (`p - (η·r·u + μ·v)` with `nesterov`); `r = 1` where `‖p‖` or what
 * stands below is 0.
 *
 * Looks across each leaf: reshaping or splitting one changes the run. The state holds a velocity for every parameter.
 * Defaults: μ 0.9, c 1e-3, λ 0, ε 0, ratio "separate". Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients of any leaf (λ = ε = 0, p ≠ 0); depends on the parameters; odd in the gradients
 * (λ = 0); not elementwise.
 * Source: You, Gitman & Ginsburg 2017, arXiv 1708.03888, Algorithm 1. optax divides by `‖g + λ·p‖`: `ratio: "joint"`.
 * Biases and scales, which the authors leave out, are `partition`'s to choose.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { lars } from "thalweg/optimizer"
 *
 * const opt = lars({ learningRate: 1, trustCoefficient: 0.5 })
 * const params = { w: tensor([6, 8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([0, 1000]) })
 * assert.deepStrictEqual(toArray(w), [6, 3]) // by half the length of w, whatever that of the gradient
 */
export const lars = (options: LarsOptions): Optimizer<ChainF<readonly [CountF, CountF, TraceF]>> => {
  const { learningRate, momentum, nesterov, ...scaling } = resolve("lars", larsFields, options)
  return optimizer(chain(scaleByLars(scaling), scaleByLearningRate(learningRate), trace({ decay: momentum, nesterov })))
}
