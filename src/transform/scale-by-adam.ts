import type { Tensor } from "../dataflow/primitive.js"
import { choice, flag, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { next, quotient } from "./common.js"
import {
  debias,
  emaOf,
  emaOfSquares,
  firstMoment,
  rootMeanSquare,
  zeroMoments,
  type AdamForm,
  type MomentsF
} from "./moments.js"
import type { Transform } from "./transform.js"

/** The options of Adam but for its rate. */
export interface AdamScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added under the root; above 0 it bounds derivatives through the update. Default 0. */
  readonly epsRoot?: Hyperparameter
  /** Whether ε stands beside the debiased root (the default) or, as the paper's "epsilon hat" and in Keras, the raw one. */
  readonly form?: AdamForm
  /** Whether the first moment looks one step ahead, as in NAdam. Default no. */
  readonly nesterov?: boolean
}

/** What the options of Adam but for its rate may be. */
export const adamScalingFields: Fields<AdamScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-8),
  epsRoot: hyper(nonNegative, 0),
  form: choice(["debiased", "epsilonHat"], "debiased"),
  nesterov: flag(false)
}

/**
 * Divides the mean gradient by the root of its mean square: with `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`,
 * `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives `(m/c₁) / (√(v/c₂ + ε_root) + ε)`.
 *
 * With the form "epsilonHat", `√c₂·(m/c₁) / (√(v + ε_root) + ε)`; with `nesterov`, `β₁·m/(1 - β₁ᵗ⁺¹) + (1-β₁)·g/c₁`
 * in place of `m/c₁`. The moments start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); the first update has the size 1 everywhere (ε = 0,
 * g ≠ 0); odd; elementwise; the forms are equal for ε = ε_root = 0.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 1, and the end of section 2 for "epsilonHat", which is Keras's;
 * ε_root and `nesterov` (Dozat 2016) as in optax.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { scaleByAdam } from "thalweg/transform"
 *
 * const params = { w: tensor([0, 0]) }
 * const adam = scaleByAdam()
 * const [updates, state] = adam.update({ w: tensor([1000, -10]) }, adam.init(params), params)
 * assert.deepStrictEqual(toArray(round(updates.w)), [1, -1])
 * assert.deepStrictEqual(toArray(round(state.mu.w)), [100, -1]) // (1 - β₁)·g
 */
export const scaleByAdam = (options: AdamScaling = {}): Transform<MomentsF> => {
  const { b1, b2, eps, epsRoot, form, nesterov } = resolve("scaleByAdam", adamScalingFields, options)
  return {
    init: zeroMoments,
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2] = [b1(count), b2(count)]
      const root = rootMeanSquare(form, debias(beta2, count), eps(count), epsRoot(count))
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const means = Tree.zipWith(firstMoment(beta1, count, nesterov))(mu, updates)
      const scaled = Tree.zipWith((m: Tensor, v: Tensor) => quotient(m, root(v)))(means, nu)
      return [scaled, { count: next(count), mu, nu }]
    }
  }
}
