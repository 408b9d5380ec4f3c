import { mul } from "../../dataflow/arithmetic.js"
import { sqrt } from "../../dataflow/transcendental.js"
import { choice, hyper, type OptionsOf } from "../../options/fields.js"
import type { Schedule } from "../../options/hyperparameter.js"
import { decay, nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import { debias, type SecondMomentF } from "../../transform/moments.js"
import { scaleByRms } from "../../transform/scale-by-rms.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { scheduleFree, type ScheduleFreeF } from "../combinator/schedule-free.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"
import { scheduleFreeSgd, warmed, type ScheduleFreeSgdOptions } from "./schedule-free-sgd.js"

const fields = {
  ...scheduleFreeSgd.fields,
  /** η ≥ 0, in units of the parameters. Default 2.5e-3. */
  learningRate: hyper(nonNegative, 2.5e-3),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** What is debiased: the "rate", and with it the weight (the default, the paper's), or the "moment" (optax, Keras). */
  debiased: choice(["rate", "moment"], "rate")
}

/** The options of schedule-free AdamW. */
export interface ScheduleFreeAdamwOptions
  extends Omit<ScheduleFreeSgdOptions, "learningRate">, OptionsOf<typeof fields> {}

/** The states of `scheduleFreeAdamw`: the average and its weight, over the average of squares. */
export type ScheduleFreeAdamwF = ScheduleFreeF<ChainF<readonly [SecondMomentF, StatelessF, StatelessF]>>

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
export const scheduleFreeAdamw: Recipe<
  typeof fields,
  (options?: ScheduleFreeAdamwOptions) => Optimizer<ScheduleFreeAdamwF>
> = recipe(
  "scheduleFreeAdamw",
  fields,
  { additive: {}, ...apart, ...decaying, scaleFree: { eps: 0 } },
  ({ learningRate, warmupSteps, weightDecay, b2, eps, debiased, ...averaging }) => {
    const rate = warmed(learningRate, warmupSteps)
    const corrected: Schedule = step => mul(rate(step), sqrt(debias(b2(step), step)))
    const scaled = scaleByRms({ decay: b2, eps, epsPlace: "outside", biasCorrection: debiased === "moment" })
    const descent = scaleByLearningRate(debiased === "rate" ? corrected : rate)
    return scheduleFree(averaging)(optimizer(chain(scaled, addDecayedWeights(weightDecay), descent)))
  }
)
