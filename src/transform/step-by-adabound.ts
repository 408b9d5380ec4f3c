import { add, clamp, div, maximum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { hyper, resolve, type Fields, type Resolved } from "../schedule/fields.js"
import { decay, nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, rootOf, zeroCount } from "./common.js"
import { debias, emaOf, emaOfSquares, zeroMoments, type MomentsF } from "./moments.js"
import type { AmsgradF } from "./scale-by-amsgrad.js"
import type { Transform } from "./transform.js"

/** The options of AdaBound and AMSBound. */
export interface AdaboundOptions {
  /** η ≥ 0: the rate of Adam at the start, in units of the parameters. Default 1e-3. */
  readonly learningRate?: Hyperparameter
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** The rate of SGD that the bounds close on, at least 0, in units of parameter per unit of gradient. Default 0.1. */
  readonly finalRate?: Hyperparameter
  /** γ > 0, per step: how fast the bounds close. Default 1e-3. */
  readonly gamma?: Hyperparameter
  /** η_base ≥ 0: the rate at which the bounds close on all of `finalRate`; 0, the default, when they follow no schedule. */
  readonly baseRate?: Hyperparameter
}

/** What the options of AdaBound and AMSBound may be. */
export const adaboundFields: Fields<AdaboundOptions> = {
  learningRate: hyper(nonNegative, 1e-3),
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-8),
  finalRate: hyper(nonNegative, 0.1),
  gamma: hyper(positive, 1e-3),
  baseRate: hyper(nonNegative, 0)
}

/** The rates of all coordinates, from their mean squares: `clip(s / (√v + ε), L, H)`. */
const boundedRates = (options: Resolved<AdaboundOptions>, count: Tensor): ((v: Tensor) => Tensor) => {
  const [rate, base, e] = [options.learningRate(count), options.baseRate(count), options.eps(count)]
  const [c1, c2] = [debias(options.b1(count), count), debias(options.b2(count), count)]
  const start = div(mul(rate, sqrt(c2)), c1)
  const unscheduled = eq(base, 0)
  const final = mul(options.finalRate(count), where(unscheduled, 1, div(rate, where(unscheduled, 1, base))))
  const closing = mul(options.gamma(count), cast(next(count), "f64"))
  const low = mul(final, sub(1, div(1, add(closing, 1))))
  const high = mul(final, add(1, div(1, closing)))
  return v => clamp(quotient(like(start, v), add(rootOf(v), like(e, v))), like(low, v), like(high, v))
}

const displaced = (rates: (v: Tensor) => Tensor) => Tree.zipWith((m: Tensor, v: Tensor) => neg(mul(rates(v), m)))

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
 * import { stepByAdabound } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const adabound = stepByAdabound({ learningRate: 1, b1: 0.5, finalRate: 0.5, gamma: 1 })
 * const [displacement] = adabound.update(tensor([16, -1]), adabound.init(p), p) // bounds 0.25 and 1; Adam's 1/8 and 2
 * assert.deepStrictEqual(toArray(displacement), [-2, 0.5])
 */
export const stepByAdabound = (options: AdaboundOptions = {}): Transform<MomentsF> => {
  const resolved = resolve("stepByAdabound", adaboundFields, options)
  return {
    init: zeroMoments,
    update: (updates, { count, mu, nu }) => {
      const m = emaOf(resolved.b1(count))(mu, updates)
      const v = emaOfSquares(resolved.b2(count))(nu, updates)
      return [displaced(boundedRates(resolved, count))(m, v), { count: next(count), mu: m, nu: v }]
    },
    rate: ({ count }) => resolved.learningRate(count)
  }
}

/**
 * Steps as `stepByAdabound` does, with the largest mean square so far, `x = max(x, v)`, in place of `v`.
 *
 * Laws: `x` never falls; the others of `stepByAdabound`, to which it is equal where `v` never falls.
 * Source: Luo et al. 2019, arXiv 1902.09843, Algorithm 3, and the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { stepByAmsbound } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const amsbound = stepByAmsbound({ learningRate: 1, b1: 0, b2: 0, eps: 0, finalRate: 0.5, gamma: 0.125 })
 * const [d1, s1] = amsbound.update(tensor([4]), amsbound.init(p), p)
 * const [d2] = amsbound.update(tensor([1]), s1, p) // at a rate of 1/4 still
 * assert.deepStrictEqual([d1, d2].map(toArray), [[-1], [-0.25]])
 */
export const stepByAmsbound = (options: AdaboundOptions = {}): Transform<AmsgradF> => {
  const resolved = resolve("stepByAmsbound", adaboundFields, options)
  const zeros = Tree.zerosLike
  return {
    init: params => ({ count: zeroCount, mu: zeros(params), nu: zeros(params), nuMax: zeros(params) }),
    update: (updates, { count, mu, nu, nuMax }) => {
      const m = emaOf(resolved.b1(count))(mu, updates)
      const v = emaOfSquares(resolved.b2(count))(nu, updates)
      const x = Tree.zipWith(maximum)(nuMax, v)
      return [displaced(boundedRates(resolved, count))(m, x), { count: next(count), mu: m, nu: v, nuMax: x }]
    },
    rate: ({ count }) => resolved.learningRate(count)
  }
}
