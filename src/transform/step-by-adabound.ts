import { add, clamp, div, maximum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { hyper, type OptionsOf, type Resolved } from "../options/fields.js"
import { decay, nonNegative, positive } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, next, plusEps, quotient, rootOf } from "./common.js"
import { debias, emaOf, emaOfSquares, zeroMoments, zeroSquares, type MomentsF } from "./moments.js"
import type { AmsgradF } from "./scale-by-amsgrad.js"
import type { Transform } from "./transform.js"

const fields = {
  /** η ≥ 0: the rate of Adam at the start, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** The rate of SGD that the bounds close on, at least 0, in units of parameter per unit of gradient. Default 0.1. */
  finalRate: hyper(nonNegative, 0.1),
  /** γ > 0, per step: how fast the bounds close. Default 1e-3. */
  gamma: hyper(positive, 1e-3),
  /**
   * η_base ≥ 0: the rate at which the bounds close on all of `finalRate`; 0, the default, when they follow no schedule.
   */
  baseRate: hyper(nonNegative, 0)
}

/** The options of AdaBound and AMSBound. */
export interface AdaboundOptions extends OptionsOf<typeof fields> {}

/** The rates of all coordinates, from their mean squares: `clip(s / (√v + ε), L, H)`. */
const boundedRates = (options: Resolved<typeof fields>, step: Tensor): ((v: Tensor) => Tensor) => {
  const [rate, base, e] = [options.learningRate(step), options.baseRate(step), options.eps(step)]
  const [c1, c2] = [debias(options.b1(step), step), debias(options.b2(step), step)]
  const start = div(mul(rate, sqrt(c2)), c1)
  const unscheduled = eq(base, 0)
  const final = mul(options.finalRate(step), where(unscheduled, 1, div(rate, where(unscheduled, 1, base))))
  const closing = mul(options.gamma(step), next(step))
  const low = mul(final, sub(1, div(1, add(closing, 1))))
  const high = mul(final, add(1, div(1, closing)))
  return v => clamp(quotient(castLike(start, v), plusEps(rootOf(v), e), e), castLike(low, v), castLike(high, v))
}

const displaced = (rates: (v: Tensor) => Tensor) =>
  Tree.zipWith((m: Tensor, v: Tensor) => castLike(neg(mul(rates(v), castLike(m, v))), m))

/**
 * Steps with rates of Adam that are bounded ever more tightly: with `m`, `v`, `c₁`, `c₂` of `scaleByAdam`, the
 * displacement is `-clip(η·√c₂/c₁ / (√v + ε), L, H)·m` with `L = F·(1 - 1/(γt + 1))`, `H = F·(1 + 1/(γt))`.
 *
 * `F` is `finalRate`, or `finalRate·η/baseRate` with a `baseRate`, so that a schedule moves the bounds too. What it
 * gives is a displacement already; its `rate` is η. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: for γ → ∞, SGD at `F` on the average `m`, which is not debiased; odd; elementwise.
 * Source: Luo et al. 2019, arXiv 1902.09843, Algorithm 2, and the authors' code, whence the bounds, √c₂/c₁ and ε.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByAdabound } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const adabound = stepByAdabound({ learningRate: 1, b1: 0.5, finalRate: 0.5, gamma: 1 }) // bounds 0.25 and 1
 * const [displacement] = adabound.update(tensor([16, -1]), adabound.init(p), p, clockAt(0))
 * assert.deepStrictEqual(toArray(displacement), [-2, 0.5]) // Adam's rates are 1/8 and 2
 */
export const stepByAdabound: Recipe<typeof fields, (options?: AdaboundOptions) => Transform<MomentsF>> = recipe(
  "stepByAdabound",
  fields,
  {},
  options => ({
    init: zeroMoments(options.eps),
    update: (updates, state, _, { step }) => {
      const mu = emaOf(options.b1(step))(state.mu, updates)
      const nu = emaOfSquares(options.b2(step))(state.nu, updates)
      return [displaced(boundedRates(options, step))(mu, nu), { mu, nu }]
    },
    rate: (_, { step }) => options.learningRate(step)
  })
)

/**
 * Steps as `stepByAdabound` does, with the largest mean square so far, `x = max(x, v)`, in place of `v`.
 *
 * Laws: `x` never falls; the others of `stepByAdabound`, to which it is equal where `v` never falls.
 * Source: Luo et al. 2019, arXiv 1902.09843, Algorithm 3, and the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByAmsbound } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const amsbound = stepByAmsbound({ learningRate: 1, b1: 0, b2: 0, eps: 0, finalRate: 0.5, gamma: 0.125 })
 * const [d1, s1] = amsbound.update(tensor([4]), amsbound.init(p), p, clockAt(0))
 * const [d2] = amsbound.update(tensor([1]), s1, p, clockAt(1)) // at a rate of 1/4 still
 * assert.deepStrictEqual([d1, d2].map(toArray), [[-1], [-0.25]])
 */
export const stepByAmsbound: Recipe<typeof fields, (options?: AdaboundOptions) => Transform<AmsgradF>> = recipe(
  "stepByAmsbound",
  fields,
  {},
  options => ({
    init: params => ({ ...zeroMoments(options.eps)(params), nuMax: zeroSquares(options.eps)(params) }),
    update: (updates, state, _, { step }) => {
      const mu = emaOf(options.b1(step))(state.mu, updates)
      const nu = emaOfSquares(options.b2(step))(state.nu, updates)
      const nuMax = Tree.zipWith(maximum)(state.nuMax, nu)
      return [displaced(boundedRates(options, step))(mu, nuMax), { mu, nu, nuMax }]
    },
    rate: (_, { step }) => options.learningRate(step)
  })
)
