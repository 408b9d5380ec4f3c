import { div, maximum, square, sub } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { flag, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay as decayRange, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { filledLike, like, next, quotient, zeroCount } from "./common.js"
import { epsPlaceField, rootWith, type EpsPlace } from "./scale-by-adagrad.js"
import { debias, emaOf, emaOfSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of RMSProp but for its rate. */
export interface RmsScaling {
  /** ρ: decay of the averages, `0 ≤ ρ < 1`. Default 0.9; PyTorch 0.99. */
  readonly decay?: Hyperparameter
  /** ε ≥ 0: in units of the squared gradient inside the root, of the gradient outside. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** Whether ε is added "inside" the root (the default) or "outside", to the root (PyTorch). */
  readonly epsPlace?: EpsPlace
  /** v₀ ≥ 0: what the average of squares begins with (a schedule: its value at 0). Default 0. */
  readonly initialScale?: Hyperparameter
  /** Whether averages are divided by `1 - ρᵗ`. Default no. */
  readonly biasCorrection?: boolean
}

/** The average of squared gradients after `count` updates. */
export type RmsState<P extends Tree> = { readonly count: Tensor; readonly nu: P }

/** An average for every parameter, in its dtype. */
export interface RmsF extends StateFamily {
  readonly type: RmsState<this["params"]>
}

/** The averages of gradients and of their squares after `count` updates. */
export type StddevState<P extends Tree> = { readonly count: Tensor; readonly mu: P; readonly nu: P }

/** Two averages for every parameter, in its dtype. */
export interface StddevF extends StateFamily {
  readonly type: StddevState<this["params"]>
}

/** What the options of RMSProp but for its rate may be. */
export const rmsScalingFields: Fields<RmsScaling> = {
  decay: hyper(decayRange, 0.9),
  eps: hyper(nonNegative, 1e-8),
  epsPlace: epsPlaceField,
  initialScale: hyper(nonNegative, 0),
  biasCorrection: flag(false)
}

/** What an average is taken for: itself, or divided by `1 - ρᵗ`. */
const corrected = (on: boolean, rho: Tensor, count: Tensor): ((average: Tensor) => Tensor) => {
  const c = debias(rho, count)
  return average => (on ? div(average, like(c, average)) : average)
}

/**
 * Divides by the root mean square of the gradients: `v = ρ·v + (1-ρ)·g²` from `v₀`, gives `g / √(v + ε)`, or
 * `g / (√v + ε)` with `epsPlace: "outside"`; with `biasCorrection`, `v/(1 - ρᵗ)` in place of `v`.
 *
 * `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: no update exceeds `1/√(1-ρ)` (v₀ = 0, no correction); does not see the scale of the gradients (v₀ = ε = 0);
 * odd; elementwise.
 * Source: Tieleman & Hinton 2012, COURSERA lecture 6.5; ε, v₀ and the correction as in optax.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByRms } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const rms = scaleByRms({ decay: 0.75, eps: 0 })
 * const [updates, state] = rms.update(tensor([8, 0]), rms.init(p), p)
 * assert.deepStrictEqual([toArray(updates), toArray(state.nu)], [[2, 0], [16, 0]])
 */
export const scaleByRms = (options: RmsScaling = {}): Transform<RmsF> => {
  const { decay, eps, epsPlace, initialScale, biasCorrection } = resolve("scaleByRms", rmsScalingFields, options)
  return {
    init: params => ({ count: zeroCount, nu: filledLike(initialScale(zeroCount))(params) }),
    update: (updates, { count, nu }) => {
      const rho = decay(count)
      const [at, root] = [corrected(biasCorrection, rho, count), rootWith(epsPlace, eps(count))]
      const after = emaOfSquares(rho)(nu, updates)
      const scaled = Tree.zipWith((g: Tensor, v: Tensor) => quotient(g, root(at(v))))(updates, after)
      return [scaled, { count: next(count), nu: after }]
    }
  }
}

/**
 * Divides by the standard deviation of the gradients: with `m = ρ·m + (1-ρ)·g`, `v = ρ·v + (1-ρ)·g²`, gives
 * `g / √(v - m² + ε)`, or `g / (√(v - m²) + ε)` with `epsPlace: "outside"`.
 *
 * The options are those of `scaleByRms`; `biasCorrection` divides both averages. A variance below 0, by rounding,
 * counts as 0. `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (v₀ = ε = 0); odd; elementwise.
 * Source: Graves 2013, arXiv 1308.0850, equations 38 to 41.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByStddev } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const stddev = scaleByStddev({ decay: 0.5, eps: 0 })
 * const [updates] = stddev.update(tensor([8]), stddev.init(p), p) // of 8 and 0: 4 on average, 4 away
 * assert.deepStrictEqual(toArray(updates), [2])
 */
export const scaleByStddev = (options: RmsScaling = {}): Transform<StddevF> => {
  const { decay, eps, epsPlace, initialScale, biasCorrection } = resolve("scaleByStddev", rmsScalingFields, options)
  return {
    init: params => ({
      count: zeroCount,
      mu: Tree.zerosLike(params),
      nu: filledLike(initialScale(zeroCount))(params)
    }),
    update: (updates, state) => {
      const { count } = state
      const rho = decay(count)
      const [at, root] = [corrected(biasCorrection, rho, count), rootWith(epsPlace, eps(count))]
      const mu = emaOf(rho)(state.mu, updates)
      const nu = emaOfSquares(rho)(state.nu, updates)
      const variance = Tree.zipWith((m: Tensor, v: Tensor) => maximum(sub(at(v), square(at(m))), 0))(mu, nu)
      const scaled = Tree.zipWith((g: Tensor, v: Tensor) => quotient(g, root(v)))(updates, variance)
      return [scaled, { count: next(count), mu, nu }]
    }
  }
}
