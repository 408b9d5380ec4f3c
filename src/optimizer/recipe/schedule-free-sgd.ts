import { div, minimum, mul } from "../../dataflow/arithmetic.js"
import { fixed, hyper, type OptionsOf } from "../../options/fields.js"
import type { Schedule } from "../../options/hyperparameter.js"
import { natural, nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { next } from "../../transform/common.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { scheduleFree, type ScheduleFreeF, type ScheduleFreeOptions } from "../combinator/schedule-free.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters per unit of the gradient. Default 1. */
  learningRate: hyper(nonNegative, 1),
  ...scheduleFree.fields,
  /** T: steps over which the rate rises, `η·min(1, t/T)`, `t` from 1, a whole number from 0. Default 0. */
  warmupSteps: fixed(natural, 0),
  /** λ ≥ 0: the decay, of the point where the gradient is taken. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of schedule-free gradient descent. */
export interface ScheduleFreeSgdOptions extends ScheduleFreeOptions, OptionsOf<typeof fields> {}

/** The rate with its linear warm-up: `η·min(1, t/T)`, `t` from 1. */
export const warmed =
  (learningRate: Schedule, warmupSteps: number): Schedule =>
  step =>
    warmupSteps === 0 ? learningRate(step) : mul(learningRate(step), minimum(div(next(step), warmupSteps), 1))

/** The states of `scheduleFreeSgd`: the average and its weight, and nothing for the decay and the rate. */
export type ScheduleFreeSgdF = ScheduleFreeF<ChainF<readonly [StatelessF, StatelessF]>>

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
export const scheduleFreeSgd: Recipe<typeof fields, (options?: ScheduleFreeSgdOptions) => Optimizer<ScheduleFreeSgdF>> =
  recipe(
    "scheduleFreeSgd",
    fields,
    { additive: {}, ...apart, ...decaying },
    ({ learningRate, warmupSteps, weightDecay, ...averaging }) => {
      const rate = scaleByLearningRate(warmed(learningRate, warmupSteps))
      return scheduleFree(averaging)(optimizer(chain(addDecayedWeights(weightDecay), rate)))
    }
  )
