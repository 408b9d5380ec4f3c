import { add, div, minimum, mul, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { ge, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { exp, log } from "../dataflow/transcendental.js"
import { fixed, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, natural, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, times, zeroCount } from "./common.js"
import { debias, emaOf, emaOfSquares, rootMeanSquare } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of AdEMAMix but for its rate and its decay. */
export interface AdemamixScaling {
  /** β₁: decay of the fast average, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** β₃: decay of the slow average, `0 ≤ β₃ < 1`. Default 0.9999. */
  readonly b3?: Hyperparameter
  /** α ≥ 0: the weight of the slow average. Default 5. */
  readonly alpha?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added under the root. Default 0. */
  readonly epsRoot?: Hyperparameter
  /** T: updates over which α rises from 0 and β₃ from β₁, a whole number from 0. Default 0: from the first as they are. */
  readonly warmupSteps?: number
}

/** The fast average, the slow one, and that of squares, after `count` updates, none debiased. */
export type AdemamixState<P extends Tree> = {
  readonly count: Tensor
  readonly mu: P
  readonly slow: P
  readonly nu: P
}

/** Three averages for every parameter, in its dtype. */
export interface AdemamixF extends StateFamily {
  readonly type: AdemamixState<this["params"]>
}

/** What the options of AdEMAMix but for its rate and its decay may be. */
export const ademamixScalingFields: Fields<AdemamixScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  b3: hyper(decay, 0.9999),
  alpha: hyper(nonNegative, 5),
  eps: hyper(nonNegative, 1e-8),
  epsRoot: hyper(nonNegative, 0),
  warmupSteps: fixed(natural, 0)
}

/** α and β₃ at a part `x` of the warm-up: the half-life of the slow average grows linearly from that of β₁. */
const warmedUp = (x: Tensor, b1: Tensor, b3: Tensor, alpha: Tensor): readonly [alpha: Tensor, b3: Tensor] => {
  const between = exp(div(1, add(div(sub(1, x), log(b1)), div(x, log(b3)))))
  return [mul(alpha, minimum(x, 1)), where(ge(x, 1), b3, minimum(between, b3))]
}

/**
 * Divides the sum of a fast and a slow mean gradient by the root mean square: with `m₁ = β₁·m₁ + (1-β₁)·g`,
 * `m₂ = β₃·m₂ + (1-β₃)·g`, `v = β₂·v + (1-β₂)·g²`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives
 * `(m₁/c₁ + α·m₂) / (√(v/c₂ + ε_root) + ε)`.
 *
 * Over the first T updates `α·t/T` stands for α and `min(β₃, exp(1 / ((1 - t/T)/ln β₁ + (t/T)/ln β₃)))` for β₃. All
 * start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: α = 0 ≡ `scaleByAdam`; does not see the scale of the gradients (ε = ε_root = 0); odd; elementwise.
 * Source: Pagliardini, Ablin & Grangier 2024, arXiv 2409.03137.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByAdemamix } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const mixed = scaleByAdemamix({ b1: 0, b2: 0, b3: 0.5, alpha: 4, eps: 0 })
 * const [updates] = mixed.update(tensor([-8]), mixed.init(p), p) // (-8 + 4·-4) / 8
 * assert.deepStrictEqual(toArray(updates), [-3])
 */
export const scaleByAdemamix = (options: AdemamixScaling = {}): Transform<AdemamixF> => {
  const { warmupSteps, ...at } = resolve("scaleByAdemamix", ademamixScalingFields, options)
  const zeros = Tree.zerosLike
  return {
    init: params => ({ count: zeroCount, mu: zeros(params), slow: zeros(params), nu: zeros(params) }),
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2, b3, a] = [at.b1(count), at.b2(count), at.b3(count), at.alpha(count)]
      const done = div(cast(next(count), "f64"), warmupSteps)
      const [alpha, beta3] = warmupSteps === 0 ? [a, b3] : warmedUp(done, beta1, b3, a)
      const root = rootMeanSquare("debiased", debias(beta2, count), at.eps(count), at.epsRoot(count))
      const c1 = debias(beta1, count)
      const mu = emaOf(beta1)(state.mu, updates)
      const slow = emaOf(beta3)(state.slow, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const scaled = Tree.zipWith((m: Tensor, s: Tensor, v: Tensor) =>
        quotient(add(div(m, like(c1, m)), times(s, alpha)), root(v))
      )(mu, slow, nu)
      return [scaled, { count: next(count), mu, slow, nu }]
    }
  }
}
