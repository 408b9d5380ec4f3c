import { minimum, neg, pow } from "../../dataflow/arithmetic.js"
import { beside, choice, hyper, type OptionsOf } from "../../options/fields.js"
import type { Schedule } from "../../options/hyperparameter.js"
import { decay, nonNegative, positive } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { applyMomentum, type VelocityF } from "../../transform/apply-momentum.js"
import { clipLeaves } from "../../transform/clip-leaves.js"
import { next } from "../../transform/common.js"
import {
  scaleByFactoredRms,
  scaleByParameterRms,
  type FactoredF,
  type FactoredScaling
} from "../../transform/scale-by-factored-rms.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, optionally, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"

const fields = {
  /** η ≥ 0, as a part of the size of the parameters. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  /** κ: the rate in force is `min(η, t^-κ)`, `t` from 1, κ ≥ 0. Default 0.5; 0 leaves any η ≤ 1 as it is (optax). */
  rateDecay: hyper(nonNegative, 0.5),
  ...scaleByFactoredRms.fields,
  /** ε₂ ≥ 0, of "relative" steps: the least size that the parameters of a leaf count with. Default 1e-3. */
  eps2: beside("steps", hyper(nonNegative, 1e-3), "relative"),
  /** d > 0: updates of a leaf are shortened to this root mean square. Default 1; for none, a number never reached. */
  clip: hyper(positive, 1),
  /** Whether steps are "relative" to the size of the parameters (the default) or "absolute". */
  steps: choice(["relative", "absolute"], "relative"),
  /** β₁: decay of the average of steps, `0 ≤ β₁ < 1`. Without it no average is kept. */
  momentum: hyper(decay, "none")
}

/** The options of Adafactor. */
export interface AdafactorOptions extends FactoredScaling, OptionsOf<typeof fields> {}

/** The states of `adafactor`: the factors, nothing for clipping, size and rate, and a list of one momentum or none. */
export type AdafactorF = ChainF<
  readonly [FactoredF, StatelessF, ChainF<readonly StatelessF[]>, StatelessF, ChainF<readonly VelocityF[]>]
>

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
 * (η 1e-3). PyTorch: `epsPlace: "bounding"`, ε₁ the machine epsilon, and its decay is by η, where `withWeightDecay` is by
 * the rate in force, `min(η, t^-κ)`. optax: `axes: "largest"`, `minFactoredSize: 128`, κ 0, and its decay is not multiplied
 * by a rate. (`onDisplacement` with `addDecayedWeights` makes both.) Keras's decay comes before the size of the parameters
 * is taken, which we do not offer.
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
export const adafactor: Recipe<typeof fields, (options?: AdafactorOptions) => Optimizer<AdafactorF>> = recipe(
  "adafactor",
  fields,
  { additive: {}, leafwise: {}, odd: {}, still: {}, scaleFree: { eps1: 0 } },
  ({ learningRate, rateDecay, eps2, clip, steps, momentum, ...factored }) => {
    const rate: Schedule = step => minimum(learningRate(step), pow(next(step), neg(rateDecay(step))))
    return byDepth(
      optimizer(
        chain(
          scaleByFactoredRms(factored),
          clipLeaves(clip, { measure: "rms" }),
          optionally(steps === "relative" ? scaleByParameterRms(eps2) : undefined),
          scaleByLearningRate(rate),
          optionally(momentum === undefined ? undefined : applyMomentum({ decay: momentum, dampening: momentum }))
        )
      )
    )
  }
)
