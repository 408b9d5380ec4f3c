import { minimum, neg, pow } from "../../dataflow/arithmetic.js"
import { cast } from "../../dataflow/elementwise.js"
import { checkOptions, choice, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { decay, nonNegative, positive, type Hyperparameter, type Schedule } from "../../schedule/schedule.js"
import { clipLeaves } from "../../transform/clip-leaves.js"
import { next, type CountF } from "../../transform/common.js"
import {
  factoredScalingFields,
  scaleByFactoredRms,
  scaleByParameterRms,
  type FactoredF,
  type FactoredScaling
} from "../../transform/scale-by-factored-rms.js"
import { scale, scaleByLearningRate } from "../../transform/scale.js"
import { trace, type TraceF } from "../../transform/trace.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of Adafactor. */
export interface AdafactorOptions extends FactoredScaling {
  /** η ≥ 0, as a part of the size of the parameters. Default 1e-2. */
  readonly learningRate?: Hyperparameter
  /** κ: the rate in force is `min(η, t^-κ)`, `t` from 1, κ ≥ 0. Default 0.5; 0 leaves any η ≤ 1 as it is (optax). */
  readonly rateDecay?: Hyperparameter
  /** ε₂ ≥ 0: the least size that the parameters of a leaf count with. Default 1e-3. */
  readonly eps2?: Hyperparameter
  /** d > 0: updates of a leaf are shortened to this root mean square. Default 1; for none, a number never reached. */
  readonly clip?: Hyperparameter
  /** Whether steps are "relative" to the size of the parameters (the default) or "absolute". */
  readonly steps?: "relative" | "absolute"
}

/** The options of Adafactor with momentum. */
export interface AdafactorMomentumOptions extends AdafactorOptions {
  /** β₁: decay of the average of steps, `0 ≤ β₁ < 1`. */
  readonly momentum: Hyperparameter
}

/** What the options of Adafactor may be. */
export const adafactorFields: Fields<AdafactorOptions> = {
  learningRate: hyper(nonNegative, 1e-2),
  rateDecay: hyper(nonNegative, 0.5),
  ...factoredScalingFields,
  eps2: hyper(nonNegative, 1e-3),
  clip: hyper(positive, 1),
  steps: choice(["relative", "absolute"], "relative")
}

/** What the options of Adafactor with momentum may be. */
const adafactorMomentumFields: Fields<AdafactorMomentumOptions> = { ...adafactorFields, momentum: hyper(decay) }

/** The states of `adafactor`: the factors, then the counts of the clipping, of the size and of the rate. */
export type AdafactorF = ChainF<readonly [FactoredF, CountF, CountF, CountF]>

interface Adafactor {
  (options: AdafactorMomentumOptions): Optimizer<ChainF<readonly [AdafactorF, TraceF]>>
  (options?: AdafactorOptions): Optimizer<AdafactorF>
}

const stepsOf = (options: AdafactorOptions) => {
  const { learningRate, rateDecay, eps2, clip, steps, ...factored } = resolve("adafactor", adafactorFields, options)
  const rate: Schedule = count => minimum(learningRate(count), pow(cast(next(count), "f64"), neg(rateDecay(count))))
  return chain(
    scaleByFactoredRms(factored),
    clipLeaves(clip, { measure: "rms" }),
    steps === "relative" ? scaleByParameterRms(eps2) : scale(1),
    scaleByLearningRate(rate)
  )
}

/**
 * Makes Adafactor, Adam in little memory: `U = g/√V̂` with `V̂` of `scaleByFactoredRms`, `Û = U / max(1, rms(U)/d)`,
 * `p' = p - max(ε₂, rms(p))·min(η, t^-κ)·Û`, `t` from 1, leaf by leaf.
 *
 * With `momentum`, the average `m = β₁·m + (1-β₁)·step` of the steps is applied. Looks across each leaf: reshaping one
 * changes the run. For a leaf of shape `[a, b]` the state holds `a + b` numbers (and a velocity with `momentum`). Its
 * `rate` is `min(η, t^-κ)`. Defaults: η 1e-2, κ 0.5, γ 0.8, ε₁ 1e-30, ε₂ 1e-3, d 1, relative steps.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε₁ = 0); depends on the parameters (relative steps); odd in the
 * gradients; not elementwise.
 * Source: Shazeer & Stern 2018, arXiv 1804.04235, Algorithms 4 to 6; momentum as the authors describe it. Keras agrees
 * (η 1e-3). PyTorch: `epsPlace: "bounding"`, ε₁ the machine epsilon, and `withWeightDecay`. optax: `axes: "largest"`,
 * `minFactoredSize: 128`, κ 0, and its decay is not multiplied by the rate. Keras's decay comes before the size of the
 * parameters is taken, which we do not offer.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adafactor } from "thalweg/optimizer"
 *
 * const opt = adafactor({ learningRate: 0.5, eps1: 0 })
 * const params = { w: tensor([[4, 4], [-4, 4]]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([[2, -4], [1, -2]]) })
 * assert.deepStrictEqual(toArray(w), [[2, 6], [-6, 6]]) // by half of 4
 */
export const adafactor = ((given: AdafactorOptions | AdafactorMomentumOptions = {}) => {
  const options = checkOptions("adafactor", given)
  if ("momentum" in options) {
    const { momentum, ...rest } = resolve("adafactor", adafactorMomentumFields, options)
    return optimizer(chain(stepsOf(rest), trace({ decay: momentum, dampening: momentum })))
  }
  return optimizer(stepsOf(resolve("adafactor", adafactorFields, options)))
}) as Adafactor
