import { add, div, minimum, mul, pow, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { choice, fixed, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, natural, nonNegative, type Hyperparameter, type Schedule } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { addDecayedWeights } from "../transform/add-decayed-weights.js"
import { like, next, quotient, zeroCount, type CountF } from "../transform/common.js"
import { debias } from "../transform/scale-by-adam.js"
import { scaleByRms, type RmsF } from "../transform/scale-by-rms.js"
import { scaleByLearningRate } from "../transform/scale.js"
import { chain, type ChainF, type Extra, type StateFamily, type StateOf } from "../transform/transform.js"
import { around, optimizer, type Optimizer } from "./optimizer.js"

/** How gradients are placed and iterates averaged. */
export interface ScheduleFreeOptions {
  /** β₁: where gradients are taken, from 0 at the iterate to the average, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** r ≥ 0: an iterate has the weight `ηʳ` in the average. Default 2; 0 weighs all alike, as Keras does. */
  readonly weightLrPower?: Hyperparameter
}

/** What the options of schedule-free learning may be. */
export const scheduleFreeFields: Fields<ScheduleFreeOptions> = {
  b1: hyper(decay, 0.9),
  weightLrPower: hyper(nonNegative, 2)
}

type ScheduleFreeState<P extends Tree, I extends Tree> = {
  readonly count: Tensor
  readonly average: P
  readonly weights: Tensor
  readonly inner: I
}

/** The average of the iterates, the sum of their weights, and the state of the optimizer within (`inner`). */
export interface ScheduleFreeF<F extends StateFamily> extends StateFamily {
  readonly type: ScheduleFreeState<this["params"], StateOf<F, this["params"]>>
}

/**
 * Averages the iterates of an optimizer and takes gradients between iterate and average, in place of a schedule of the
 * rate: `y = (1-β₁)·z + β₁·x`, `z' = z + Δ(g(y), y)`, `w = ηʳ`, `W = W + w`, `x' = x + (w/W)·(z' - x)`, from `x = z`.
 *
 * The parameters are the iterates `z`. Gradients are to be taken at `gradientPoint`, `y`; `evalParams` gives the average
 * `x`, which is to be deployed. The inner optimizer sees `y` as its parameters, so that its decay is that of `y`, and
 * should have no momentum of its own. Acts on parameters: place it last in a `pipe`. `η` is the inner rate; while it is
 * 0, iterates have no weight. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: with β₁ = 0 the iterates are those of the inner optimizer, exactly; with r = 0 `x` is their mean (Polyak–Ruppert);
 * `x` after the first step is `z`; before it `x = y = z`, exactly.
 * Source: Defazio et al. 2024, arXiv 2405.15682, equations 1 to 3 and Algorithm 1. optax and the authors' code weigh by
 * the largest rate so far, which is the same until the rate falls, and keep `y` as the parameters.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { scheduleFree, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), scheduleFree({ b1: 0.5 }))
 * const p0 = { w: tensor([8]) } // of ½w², whose gradient is w
 * const [p1, s1] = opt.step(p0, opt.init(p0), opt.gradientPoint(p0, opt.init(p0)))
 * const [p2, s2] = opt.step(p1, s1, opt.gradientPoint(p1, s1))
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[4], [2]])
 * assert.deepStrictEqual(toArray(opt.evalParams(p2, s2).w), [3]) // the mean of 4 and 2
 */
export const scheduleFree = (options: ScheduleFreeOptions = {}) => {
  const { b1, weightLrPower } = resolve("scheduleFree", scheduleFreeFields, options)
  const towards = (share: Tensor) => Tree.zipWith((from: Tensor, to: Tensor) => add(from, mul(sub(to, from), like(share, from)))) // prettier-ignore
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) =>
    around<F, ScheduleFreeF<F>, X, X>(inner, {
      init: params => ({
        count: zeroCount,
        average: params,
        weights: scalar(0, "f64"),
        inner: inner.init(params)
      }),
      update: (grads, { count, average, weights, inner: before }, params, ...extra) => {
        const point = towards(b1(count))(params, average)
        const weight = pow(inner.rate(before), weightLrPower(count))
        const total = add(weights, weight)
        const [displacement, after] = inner.update(grads, before, point, ...extra)
        const iterate = Tree.zipWith(add)(params, displacement)
        const averaged = towards(quotient(weight, total))(average, iterate)
        return [displacement, { count: next(count), average: averaged, weights: total, inner: after }]
      },
      gradientPoint: (params, { count, average }) => towards(b1(count))(params, average),
      evalParams: (_, { average }) => average
    })
}

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

const warmed =
  (learningRate: Schedule, warmupSteps: number): Schedule =>
  count =>
    warmupSteps === 0
      ? learningRate(count)
      : mul(learningRate(count), minimum(div(cast(next(count), "f64"), warmupSteps), 1))

/**
 * Makes schedule-free gradient descent: `scheduleFree` over `z' = z - η_t·(g(y) + λ·y)` with `η_t = η·min(1, t/T)`, `t` from 1.
 *
 * The parameters are `z`; gradients are to be taken at `gradientPoint`, and `evalParams` is to be deployed. Defaults: η 1,
 * β₁ 0.9, r 2, T 0, λ 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: those of `scheduleFree`; odd in the gradients around p₀ (λ = 0); elementwise.
 * Source: Defazio et al. 2024, arXiv 2405.15682, Algorithm 1 and section 4. optax warms up the step from t - 1 and the
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
 * gradients are to be taken at `gradientPoint`, and `evalParams` is to be deployed. Defaults: η 2.5e-3, β₁ 0.9, β₂ 0.999,
 * ε 1e-8, r 2, T 0, λ 0. Throws a `HyperparameterError` for options out of range.
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
