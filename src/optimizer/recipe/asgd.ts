import { pipe } from "fp-ts/lib/function.js"
import { add, div, mul, pow } from "../../dataflow/arithmetic.js"
import { hyper, type OptionsOf } from "../../options/fields.js"
import type { Schedule } from "../../options/hyperparameter.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import {
  withPolyakAverage,
  type WithPolyakAverageF,
  type PolyakAverageOptions
} from "../combinator/with-polyak-average.js"
import { withWeightDecay } from "../combinator/with-weight-decay.js"
import type { Optimizer } from "../optimizer.js"
import { apart, decaying } from "../traits.js"
import { sgd, type SgdF } from "./sgd.js"

const fields = {
  /** η ≥ 0: the rate of the first step, in units of the parameters per unit of the gradient. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  /** λ ≥ 0: the decay of the parameters, by which the rate falls too. Default 1e-4. */
  weightDecay: hyper(nonNegative, 1e-4),
  /** α ≥ 0: the power with which the rate falls. Default 0.75. */
  power: hyper(nonNegative, 0.75),
  ...withPolyakAverage.fields
}

/** The options of averaged gradient descent. */
export interface AsgdOptions extends PolyakAverageOptions, OptionsOf<typeof fields> {}

/** The average of the parameters, over nothing for the decay and the rate. */
export type AsgdF = WithPolyakAverageF<SgdF>

/**
 * Makes averaged stochastic gradient descent: `ηₜ = η / (1 + λ·η·(t-1))^α`, `p' = p - ηₜ·(g + λ·p)`, `t` from 1, and
 * `a = a + (p' - a) / n` at the n-th step after the first `skip` ones; `evalParams` gives `a`.
 *
 * Rates that fall slower than 1/t go far, and the average has the least variance that there is. It is deployed, not
 * stepped from. As long as nothing is averaged, `evalParams` gives the parameters. `rate` is `ηₜ`. The state holds
 * an average of every parameter. Defaults: η 1e-2, λ 1e-4, α 0.75, skip 0. Throws a `HyperparameterError` for options
 * out of range.
 *
 * Laws: is `sgd` at the rate `ηₜ` under `withWeightDecay(λ)` and `withPolyakAverage({ skip })`, exactly; λ = 0 or α = 0
 * keeps the rate; elementwise.
 * Source: Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging", where the first parameters
 * count too; the schedule and the decay as in Bottou's `asgd` (Bottou 2012, "Stochastic gradient descent tricks") and
 * PyTorch's `ASGD`: its `lambd` is λ, its `alpha` α, its `t0` is `skip: t0 + 1` (1 000 001, where ours is 0), its
 * `weight_decay` is `withL2`, its average `ax` is what `evalParams` gives.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { asgd } from "thalweg/optimizer"
 *
 * const opt = asgd({ learningRate: 1, weightDecay: 1, power: 1 })
 * const p0 = { w: tensor([8]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([-2]) }) // 8 - 1·(-2 + 8)
 * const [p2, s2] = opt.step(p1, s1, { w: tensor([-6]) }) // 2 - ½·(-6 + 2)
 * assert.deepStrictEqual([p1.w, p2.w, opt.evalParams(p2, s2).w].map(toArray), [[2], [4], [3]])
 */
export const asgd: Recipe<typeof fields, (options?: AsgdOptions) => Optimizer<AsgdF>> = recipe(
  "asgd",
  fields,
  { additive: {}, ...apart, ...decaying },
  ({ learningRate, weightDecay, power, skip }) => {
    const falling: Schedule = step => {
      const eta = learningRate(step)
      return div(eta, pow(add(1, mul(mul(weightDecay(step), eta), step)), power(step)))
    }
    return pipe(sgd({ learningRate: falling }), withWeightDecay(weightDecay), withPolyakAverage({ skip }))
  }
)
