import { add, div, square, sub } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { flag, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, rootOf } from "./common.js"
import { debias, ema, emaOf, firstMoment, zeroMoments, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

/** The options of AdaBelief but for its rate. */
export interface BeliefScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the belief, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-16. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added to the belief at every step and so accumulated, in units of the squared gradient. Default 1e-16. */
  readonly epsRoot?: Hyperparameter
  /** Whether the first moment looks one step ahead, as in NAdam. Default no. */
  readonly nesterov?: boolean
}

/** What the options of AdaBelief but for its rate may be. */
export const beliefScalingFields: Fields<BeliefScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-16),
  epsRoot: hyper(nonNegative, 1e-16),
  nesterov: flag(false)
}

/**
 * Divides the mean gradient by the root of its mean squared surprise: with `m = β₁·m + (1-β₁)·g`,
 * `s = β₂·s + (1-β₂)·(g - m)² + ε_root`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives `(m/c₁) / (√(s/c₂) + ε)`.
 *
 * With `nesterov`, `β₁·m/(1 - β₁ᵗ⁺¹) + (1-β₁)·g/c₁` in place of `m/c₁`. The state is that of `scaleByAdam`, `nu` being
 * `s`. Both start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); odd; elementwise.
 * Source: Zhuang et al. 2020, arXiv 2010.07468, Algorithm 2, where ε_root is ε.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByBelief } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const belief = scaleByBelief({ b1: 0.5, b2: 0, eps: 0, epsRoot: 0 })
 * const [updates] = belief.update(tensor([8]), belief.init(p), p) // (4 / 0.5) / √(8 - 4)²
 * assert.deepStrictEqual(toArray(updates), [2])
 */
export const scaleByBelief = (options: BeliefScaling = {}): Transform<MomentsF> => {
  const { b1, b2, eps, epsRoot, nesterov } = resolve("scaleByBelief", beliefScalingFields, options)
  return {
    init: zeroMoments,
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2, e, eRoot] = [b1(count), b2(count), eps(count), epsRoot(count)]
      const c2 = debias(beta2, count)
      const root = (s: Tensor): Tensor => add(rootOf(div(s, like(c2, s))), like(e, s))
      const mu = emaOf(beta1)(state.mu, updates)
      const surprise = Tree.zipWith((g: Tensor, m: Tensor) => square(sub(g, m)))(updates, mu)
      const nu = Tree.zipWith((s: Tensor, x: Tensor) => add(ema(beta2, s, x), like(eRoot, s)))(state.nu, surprise)
      const means = Tree.zipWith(firstMoment(beta1, count, nesterov))(mu, updates)
      const scaled = Tree.zipWith((m: Tensor, s: Tensor) => quotient(m, root(s)))(means, nu)
      return [scaled, { count: next(count), mu, nu }]
    }
  }
}
