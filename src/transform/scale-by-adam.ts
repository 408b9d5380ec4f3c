import { add, div, mul, pow, square, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { sqrt } from "../dataflow/transcendental.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of Adam but for its rate. */
export interface AdamScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added under the root; above 0 it keeps derivatives through the update finite. Default 0. */
  readonly epsRoot?: Hyperparameter
}

/** The averages of gradients (`mu`) and of their squares (`nu`), not debiased, after `count` updates. */
export type Moments<P extends Tree> = { readonly count: Tensor; readonly mu: P; readonly nu: P }

/** Two moments for every parameter, in its dtype. */
export interface MomentsF extends StateFamily {
  readonly type: Moments<this["params"]>
}

/** What the options of Adam but for its rate may be. */
export const adamScalingFields: Fields<AdamScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-8),
  epsRoot: hyper(nonNegative, 0)
}

/** An exponential moving average: `β·average + (1 - β)·value`. */
const ema = (beta: Tensor, average: Tensor, value: Tensor): Tensor =>
  add(mul(average, like(beta, average)), mul(value, like(sub(1, beta), value)))

/** What debiases an average that began at 0, after `count + 1` values: `1 - β^(count + 1)`. */
const debias = (beta: Tensor, count: Tensor): Tensor => sub(1, pow(beta, cast(next(count), "f64")))

/**
 * Divides the mean gradient by the root of its mean square: with `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`,
 * `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives `(m/c₁) / (√(v/c₂ + ε_root) + ε)`.
 *
 * The moments start at 0. Throws a `HyperparameterError` for numbers out of range.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); the first update has the size 1 everywhere (ε = 0,
 * g ≠ 0); odd; elementwise.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 1; ε_root as in optax.
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
  const { b1, b2, eps, epsRoot } = resolve("scaleByAdam", adamScalingFields, options)
  return {
    init: params => ({ count: zeroCount, mu: Tree.zerosLike(params), nu: Tree.zerosLike(params) }),
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2, e, eRoot] = [b1(count), b2(count), eps(count), epsRoot(count)]
      const [c1, c2] = [debias(beta1, count), debias(beta2, count)]
      const mu = Tree.zipWith((m: Tensor, g: Tensor) => ema(beta1, m, g))(state.mu, updates)
      const nu = Tree.zipWith((v: Tensor, g: Tensor) => ema(beta2, v, square(g)))(state.nu, updates)
      const scaled = Tree.zipWith((m: Tensor, v: Tensor) =>
        div(div(m, like(c1, m)), add(sqrt(add(div(v, like(c2, v)), like(eRoot, v))), like(e, v)))
      )(mu, nu)
      return [scaled, { count: next(count), mu, nu }]
    }
  }
}
