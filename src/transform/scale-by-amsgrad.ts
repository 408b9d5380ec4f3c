import { div, maximum } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, zeroCount } from "./common.js"
import { debias, emaOf, emaOfSquares, rootMeanSquare } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of AMSGrad but for its rate. */
export interface AmsgradScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added under the root. Default 0. */
  readonly epsRoot?: Hyperparameter
  /**
   * What is debiased: nothing, as in the paper ("undebiased", the default); the maximum ("debiasedAfter", PyTorch);
   * each mean square before the maximum is taken ("debiasedBefore", optax); or the maximum with ε beside its raw root
   * ("epsilonHat", Keras). All but the first debias the first moment.
   */
  readonly form?: "undebiased" | "debiasedAfter" | "debiasedBefore" | "epsilonHat"
}

/** The moments, not debiased, and the largest second moment so far (`nuMax`), after `count` updates. */
export type AmsgradState<P extends Tree> = {
  readonly count: Tensor
  readonly mu: P
  readonly nu: P
  readonly nuMax: P
}

/** Two moments and a maximum for every parameter, in its dtype. */
export interface AmsgradF extends StateFamily {
  readonly type: AmsgradState<this["params"]>
}

/** What the options of AMSGrad but for its rate may be. */
export const amsgradScalingFields: Fields<AmsgradScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-8),
  epsRoot: hyper(nonNegative, 0),
  form: choice(["undebiased", "debiasedAfter", "debiasedBefore", "epsilonHat"], "undebiased")
}

const one = scalar(1, "f64")

/**
 * Divides the mean gradient by the root of its largest mean square so far: with `m` and `v` of `scaleByAdam`,
 * `x = max(x, v)` from 0, gives `m / (√(x + ε_root) + ε)`.
 *
 * By `form`, with `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`: "debiasedAfter" `(m/c₁) / (√(x/c₂ + ε_root) + ε)`; "debiasedBefore"
 * the same without `c₂` and with `x = max(x, v/c₂)`; "epsilonHat" `√c₂·(m/c₁) / (√(x + ε_root) + ε)`. `0/0` is 0.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: `x` never falls; odd; elementwise; "debiasedAfter" is `scaleByAdam` where `v` never falls.
 * Source: Reddi, Kale & Kumar 2018, arXiv 1904.09237, Algorithm 2, which has no ε.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByAmsgrad } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const largest = scaleByAmsgrad({ b1: 0, b2: 0, eps: 0 }) // m = g, x = the largest g²
 * const [u1, s1] = largest.update(tensor([4]), largest.init(p), p)
 * const [u2] = largest.update(tensor([1]), s1, p)
 * assert.deepStrictEqual([u1, u2].map(toArray), [[1], [0.25]])
 */
export const scaleByAmsgrad = (options: AmsgradScaling = {}): Transform<AmsgradF> => {
  const { b1, b2, eps, epsRoot, form } = resolve("scaleByAmsgrad", amsgradScalingFields, options)
  const zeros = Tree.zerosLike
  return {
    init: params => ({ count: zeroCount, mu: zeros(params), nu: zeros(params), nuMax: zeros(params) }),
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2] = [b1(count), b2(count)]
      const [c1, c2] = form === "undebiased" ? [one, one] : [debias(beta1, count), debias(beta2, count)]
      const [before, after] = form === "debiasedBefore" ? [c2, one] : [one, c2]
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const nuMax = Tree.zipWith((x: Tensor, v: Tensor) => maximum(x, div(v, like(before, v))))(state.nuMax, nu)
      const root = rootMeanSquare(form === "epsilonHat" ? form : "debiased", after, eps(count), epsRoot(count))
      const scaled = Tree.zipWith((m: Tensor, x: Tensor) => quotient(div(m, like(c1, m)), root(x)))(mu, nuMax)
      return [scaled, { count: next(count), mu, nu, nuMax }]
    }
  }
}
