import { div, mul, sign, square, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, finite, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { filledLike, like, next, quotient, zeroCount } from "./common.js"
import { debias, emaOf, rootMeanSquare, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

/** The options of Yogi but for its rate. */
export interface YogiScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: `1 - β₂` is the largest part of `g²` by which the second moment moves, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-3. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added under the root. Default 0. */
  readonly epsRoot?: Hyperparameter
  /** v₀ ≥ 0: the second moment at first, in units of the squared gradient (a schedule: its value at 0). Default 1e-6. */
  readonly initialAccumulator?: Hyperparameter
  /** m₀: the first moment at first, in units of the gradient. Default 0; optax gives it v₀. */
  readonly initialMoment?: Hyperparameter
  /** Whether the moments are taken as they are, as in the paper ("undebiased", the default), or debiased (optax). */
  readonly form?: "undebiased" | "debiased"
}

/** What the options of Yogi but for its rate may be. */
export const yogiScalingFields: Fields<YogiScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-3),
  epsRoot: hyper(nonNegative, 0),
  initialAccumulator: hyper(nonNegative, 1e-6),
  initialMoment: hyper(finite, 0),
  form: choice(["undebiased", "debiased"], "undebiased")
}

const one = scalar(1, "f64")

/**
 * Divides the mean gradient by the root of a second moment that moves slowly both up and down: with
 * `m = β₁·m + (1-β₁)·g`, `v = v - (1-β₂)·sign(v - g²)·g²`, gives `m / (√(v + ε_root) + ε)`.
 *
 * With the form "debiased", `m/c₁` and `v/c₂`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1. The state is that of
 * `scaleByAdam`; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: `v` moves by at most `(1-β₂)·g²` in a step; odd (m₀ = 0); elementwise.
 * Source: Zaheer et al. 2018, "Adaptive Methods for Nonconvex Optimization", Algorithm 2.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByYogi } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const yogi = scaleByYogi({ b1: 0, b2: 0.75, eps: 0, initialAccumulator: 12 })
 * const [updates] = yogi.update(tensor([4]), yogi.init(p), p) // v = 12 + 0.25·16
 * assert.deepStrictEqual(toArray(updates), [1])
 */
export const scaleByYogi = (options: YogiScaling = {}): Transform<MomentsF> => {
  const { b1, b2, eps, epsRoot, form, ...initial } = resolve("scaleByYogi", yogiScalingFields, options)
  return {
    init: params => ({
      count: zeroCount,
      mu: filledLike(initial.initialMoment(zeroCount))(params),
      nu: filledLike(initial.initialAccumulator(zeroCount))(params)
    }),
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2] = [b1(count), b2(count)]
      const [c1, c2] = form === "debiased" ? [debias(beta1, count), debias(beta2, count)] : [one, one]
      const root = rootMeanSquare("debiased", c2, eps(count), epsRoot(count))
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = Tree.zipWith((v: Tensor, g: Tensor) => {
        const [fresh, most] = [square(g), like(sub(1, beta2), v)]
        return sub(v, mul(mul(most, sign(sub(v, fresh))), fresh))
      })(state.nu, updates)
      const scaled = Tree.zipWith((m: Tensor, v: Tensor) => quotient(div(m, like(c1, m)), root(v)))(mu, nu)
      return [scaled, { count: next(count), mu, nu }]
    }
  }
}
