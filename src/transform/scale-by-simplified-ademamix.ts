import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { flushed, one, times } from "./common.js"
import { debias, emaOfSquares, momentQuotient, zeroMoments, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the sum of gradients, `0 ≤ β₁ < 1`. Default 0.99. */
  b1: hyper(decay, 0.99),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.95. */
  b2: hyper(decay, 0.95),
  /** α ≥ 0: the weight of the gradient itself beside the sum. Default 0. */
  alpha: hyper(nonNegative, 0),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** ε_root ≥ 0, added under the root. Default 0. */
  epsRoot: hyper(nonNegative, 0)
}

/** The options of simplified AdEMAMix but for its rate and its decay. */
export interface SimplifiedAdemamixScaling extends OptionsOf<typeof fields> {}

/**
 * Divides a fading sum of gradients, and the last one once more, by the root mean square: with `m = β₁·m + g`,
 * `v = β₂·v + (1-β₂)·g²`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives `(m + α·g) / (√(v/c₂ + ε_root) + ε)`.
 *
 * The sum is no mean: under constant gradients updates grow to `1/(1-β₁) + α`. The state is that of `scaleByAdam`, `mu`
 * being the sum. Both start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: β₁ = 0 is `(1 + α)` times `scaleByAdam` with β₁ = 0; does not see the scale of the gradients (ε = ε_root = 0);
 * odd; elementwise.
 * Source: Morwani et al. 2025, arXiv 2502.02431; `v` debiased and ε_root as in optax.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleBySimplifiedAdemamix } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const mixed = scaleBySimplifiedAdemamix({ b1: 0.5, b2: 0, alpha: 3, eps: 0 })
 * const [u1, s1] = mixed.update(tensor([8]), mixed.init(p), p, clockAt(0)) // (8 + 3·8) / 8
 * const [u2] = mixed.update(tensor([-2]), s1, p, clockAt(1)) // (2 + 3·-2) / 2
 * assert.deepStrictEqual([u1, u2].map(toArray), [[4], [-2]])
 */
export const scaleBySimplifiedAdemamix: Recipe<
  typeof fields,
  (options?: SimplifiedAdemamixScaling) => Transform<MomentsF>
> = recipe("scaleBySimplifiedAdemamix", fields, {}, at => ({
  init: zeroMoments(at.eps, at.epsRoot),
  update: (updates, state, _, { step }) => {
    const [beta1, beta2, alpha] = [at.b1(step), at.b2(step), at.alpha(step)]
    const divided = momentQuotient("debiased", [one, debias(beta2, step)], [at.eps(step), at.epsRoot(step)])
    const mu = Tree.zipWith((m: Tensor, g: Tensor) => flushed(add(times(m, beta1), g)))(state.mu, updates)
    const nu = emaOfSquares(beta2)(state.nu, updates)
    const scaled = Tree.zipWith((m: Tensor, g: Tensor, v: Tensor) => divided(add(m, times(g, alpha)), v))(
      mu,
      updates,
      nu
    )
    return [scaled, { mu, nu }]
  }
}))
