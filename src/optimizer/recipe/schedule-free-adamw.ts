import { mul } from "../../dataflow/arithmetic.js"
import { sqrt } from "../../dataflow/transcendental.js"
import { choice, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter, type Schedule } from "../../schedule/schedule.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import type { CountF } from "../../transform/common.js"
import { debias } from "../../transform/moments.js"
import { scaleByRms, type RmsF } from "../../transform/scale-by-rms.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { scheduleFreeSgdFields, warmed, type ScheduleFreeSgdOptions } from "./schedule-free-sgd.js"
import { scheduleFree, type ScheduleFreeF } from "../combinator/schedule-free.js"

/** The options of schedule-free AdamW. */
export interface ScheduleFreeAdamwOptions extends ScheduleFreeSgdOptions {
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** What is debiased: the "rate", and with it the weight (the default, the paper's), or the "moment" (optax, Keras). */
  readonly debiased?: "rate" | "moment"
}

/** What the options of schedule-free AdamW may be. */
export const scheduleFreeAdamwFields: Fields<ScheduleFreeAdamwOptions> = {
  ...scheduleFreeSgdFields,
  learningRate: hyper(nonNegative, 2.5e-3),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-8),
  debiased: choice(["rate", "moment"], "rate")
}

/**
 * Makes schedule-free AdamW: `scheduleFree` over `v = β₂·v + (1-β₂)·g²`, `z' = z - η_t·(g/(√v + ε) + λ·y)` with
 * `η_t = η·√(1 - β₂ᵗ)·min(1, t/T)`, `t` from 1.
 *
 * With `debiased: "moment"`, `√(v/(1 - β₂ᵗ))` stands for `√v`, and `η_t = η·min(1, t/T)`. The parameters are `z`;
 * gradients are to be taken at `gradientPoint`, and `evalParams` is to be deployed. Defaults: η 2.5e-3, β₁ 0.9, β₂
 * 0.999, ε 1e-8, r 2, T 0, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: those of `scheduleFree`; does not see the scale of the gradients (ε = 0); elementwise.
 * Source: Defazio et al. 2024, arXiv 2405.15682, Algorithm 1. optax and Keras: `debiased: "moment"`; Keras weighs all
 * iterates alike (`weightLrPower: 0`), and lets its decay reach `x` alone, which we do not offer, as little as optax's
 * warm-up of the step from t - 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scheduleFreeAdamw } from "thalweg/optimizer"
 *
 * const opt = scheduleFreeAdamw({ learningRate: 0.5, b2: 0, eps: 0, weightDecay: 0.25 })
 * const params = { w: tensor([8]) }
 * const [p1] = opt.step(params, opt.init(params), { w: tensor([100]) })
 * assert.deepStrictEqual(toArray(p1.w), [6.5]) // 8 - 0.5·(1 + 0.25·8)
 */
export const scheduleFreeAdamw = (
  options: ScheduleFreeAdamwOptions = {}
): Optimizer<ScheduleFreeF<ChainF<readonly [RmsF, CountF, CountF]>>> => {
  const { learningRate, warmupSteps, weightDecay, b2, eps, debiased, ...averaging } = resolve(
    "scheduleFreeAdamw",
    scheduleFreeAdamwFields,
    options
  )
  const rate = warmed(learningRate, warmupSteps)
  const corrected: Schedule = count => mul(rate(count), sqrt(debias(b2(count), count)))
  const scaled = scaleByRms({ decay: b2, eps, epsPlace: "outside", biasCorrection: debiased === "moment" })
  const descent = scaleByLearningRate(debiased === "rate" ? corrected : rate)
  return scheduleFree(averaging)(optimizer(chain(scaled, addDecayedWeights(weightDecay), descent)))
}
