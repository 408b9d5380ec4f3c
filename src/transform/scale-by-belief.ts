import { sub } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { flag, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { plusEps, zero } from "./common.js"
import { debias, emaOf, firstMoment, zeroMoments, type MomentsF, momentQuotient, emaOfSquare } from "./moments.js"
import type { Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the belief, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-16. */
  eps: hyper(nonNegative, 1e-16),
  /**
   * ε_root ≥ 0, added to the belief at every step and so accumulated, in units of the squared gradient. Default 1e-16.
   */
  epsRoot: hyper(nonNegative, 1e-16),
  /** Whether the first moment looks one step ahead, as in NAdam. Default no. */
  nesterov: flag(false)
}

/** The options of AdaBelief but for its rate. */
export interface BeliefScaling extends OptionsOf<typeof fields> {}

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
 * import { clockAt, scaleByBelief } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const belief = scaleByBelief({ b1: 0.5, b2: 0, eps: 0, epsRoot: 0 })
 * const [updates] = belief.update(tensor([8]), belief.init(p), p, clockAt(0)) // (4 / 0.5) / √(8 - 4)²
 * assert.deepStrictEqual(toArray(updates), [2])
 */
export const scaleByBelief: Recipe<typeof fields, (options?: BeliefScaling) => Transform<MomentsF>> = recipe(
  "scaleByBelief",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, nesterov }) => ({
    init: zeroMoments(eps, epsRoot),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2, e, eRoot] = [b1(step), b2(step), eps(step), epsRoot(step)]
      const [c1, biased] = firstMoment(beta1, step, nesterov)
      const divided = momentQuotient("debiased", [c1, debias(beta2, step)], [e, zero])
      const mu = emaOf(beta1)(state.mu, updates)
      const surprise = Tree.zipWith(sub)(updates, mu)
      const after = Tree.zipWith((s: Tensor, x: Tensor) => plusEps(emaOfSquare(beta2, s, x), eRoot))
      const nu = after(state.nu, surprise)
      const scaled = Tree.zipWith((m: Tensor, g: Tensor, s: Tensor) => divided(biased(m, g), s))(mu, updates, nu)
      return [scaled, { mu, nu }]
    }
  })
)
