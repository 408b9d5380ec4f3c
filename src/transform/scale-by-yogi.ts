import { mul, sign, square, sub } from "../dataflow/arithmetic.js"
import { where, eq } from "../dataflow/logic.js"
import { scalar } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { decay, finite, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { one, castLike, filledLike, times } from "./common.js"
import { debias, emaOf, momentQuotient, zeroSquares, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: `1 - β₂` is the largest part of `g²` by which the second moment moves, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-3. */
  eps: hyper(nonNegative, 1e-3),
  /** ε_root ≥ 0, added under the root. Default 0. */
  epsRoot: hyper(nonNegative, 0),
  /**
   * v₀ ≥ 0: the second moment at first, in units of the squared gradient (a schedule: its value at 0). Default 1e-6.
   */
  initialAccumulator: hyper(nonNegative, 1e-6),
  /** m₀: the first moment at first, in units of the gradient. Default 0; optax gives it v₀. */
  initialMoment: hyper(finite, 0),
  /** Whether the moments are taken as they are, as in the paper ("undebiased", the default), or debiased (optax). */
  form: choice(["undebiased", "debiased"], "undebiased")
}

/** The options of Yogi but for its rate. */
export interface YogiScaling extends OptionsOf<typeof fields> {}

const firstStep = scalar(0, "f64")

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
 * import { clockAt, scaleByYogi } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const yogi = scaleByYogi({ b1: 0, b2: 0.75, eps: 0, initialAccumulator: 12 })
 * const [updates] = yogi.update(tensor([4]), yogi.init(p), p, clockAt(0)) // v = 12 + 0.25·16
 * assert.deepStrictEqual(toArray(updates), [1])
 */
export const scaleByYogi: Recipe<typeof fields, (options?: YogiScaling) => Transform<MomentsF>> = recipe(
  "scaleByYogi",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, form, initialMoment, initialAccumulator }) => ({
    init: params => ({
      mu: filledLike(initialMoment(firstStep))(params),
      nu: filledLike(initialAccumulator(firstStep))(zeroSquares(eps, epsRoot)(params))
    }),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2] = [b1(step), b2(step)]
      const [c1, c2] = form === "debiased" ? [debias(beta1, step), debias(beta2, step)] : [one, one]
      const divided = momentQuotient("debiased", [c1, c2], [eps(step), epsRoot(step)])
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = Tree.zipWith((v: Tensor, grad: Tensor) => {
        const g = castLike(grad, v)
        const fresh = square(g)
        const side = where(eq(v, fresh), 0, sign(sub(v, fresh))) // asked first, since ∞ - ∞ is none
        return sub(v, mul(times(mul(side, g), sub(1, beta2)), g))
      })(state.nu, updates)
      return [Tree.zipWith(divided)(mu, nu), { mu, nu }]
    }
  })
)
