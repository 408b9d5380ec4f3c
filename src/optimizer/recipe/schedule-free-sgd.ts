import { div, minimum, mul } from "../../dataflow/arithmetic.js"
import { cast } from "../../dataflow/elementwise.js"
import { fixed, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { natural, nonNegative, type Hyperparameter, type Schedule } from "../../schedule/schedule.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { next, type CountF } from "../../transform/common.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import {
  scheduleFree,
  scheduleFreeFields,
  type ScheduleFreeF,
  type ScheduleFreeOptions
} from "../combinator/schedule-free.js"

/** The options of schedule-free gradient descent. */
export interface ScheduleFreeSgdOptions extends ScheduleFreeOptions {
  /** η ≥ 0, in units of the parameters per unit of the gradient. Default 1. */
  readonly learningRate?: Hyperparameter
  /** T: steps over which the rate rises, `η·min(1, t/T)`, `t` from 1, a whole number from 0. Default 0. */
  readonly warmupSteps?: number
  /** λ ≥ 0: the decay, of the point where the gradient is taken. Default 0. */
  readonly weightDecay?: Hyperparameter
}

/** What the options of schedule-free gradient descent may be. */
export const scheduleFreeSgdFields: Fields<ScheduleFreeSgdOptions> = {
  learningRate: hyper(nonNegative, 1),
  ...scheduleFreeFields,
  warmupSteps: fixed(natural, 0),
  weightDecay: hyper(nonNegative, 0)
}

/** The rate with its linear warm-up: `η·min(1, t/T)`, `t` from 1. */
export const warmed =
  (learningRate: Schedule, warmupSteps: number): Schedule =>
  count =>
    warmupSteps === 0
      ? learningRate(count)
      : mul(learningRate(count), minimum(div(cast(next(count), "f64"), warmupSteps), 1))

/**
 * Makes schedule-free gradient descent: `scheduleFree` over `z' = z - η_t·(g(y) + λ·y)` with `η_t = η·min(1, t/T)`, `t`
 * from 1.
 *
 * The parameters are `z`; gradients are to be taken at `gradientPoint`, and `evalParams` is to be deployed. Defaults: η
 * 1, β₁ 0.9, r 2, T 0, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: those of `scheduleFree`; odd in the gradients around p₀ (λ = 0); elementwise.
 * Source: Defazio et al. 2024, arXiv 2405.15682. optax warms up the step from t - 1 and the
 * weight from t, against the paper.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scheduleFreeSgd } from "thalweg/optimizer"
 *
 * const opt = scheduleFreeSgd({ learningRate: 0.5, warmupSteps: 2 })
 * const params = { w: tensor([8]) }
 * const [p1, s1] = opt.step(params, opt.init(params), { w: tensor([8]) }) // at half the rate
 * assert.deepStrictEqual([p1.w, opt.evalParams(p1, s1).w].map(toArray), [[6], [6]])
 */
export const scheduleFreeSgd = (
  options: ScheduleFreeSgdOptions = {}
): Optimizer<ScheduleFreeF<ChainF<readonly [CountF, CountF]>>> => {
  const { learningRate, warmupSteps, weightDecay, ...averaging } = resolve(
    "scheduleFreeSgd",
    scheduleFreeSgdFields,
    options
  )
  const rate = scaleByLearningRate(warmed(learningRate, warmupSteps))
  return scheduleFree(averaging)(optimizer(chain(addDecayedWeights(weightDecay), rate)))
}
