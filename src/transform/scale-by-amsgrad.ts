import { div, maximum } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { one, times } from "./common.js"
import { debias, emaOf, emaOfSquares, momentQuotient, zeroMoments, zeroSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** ε_root ≥ 0, added under the root. Default 0. */
  epsRoot: hyper(nonNegative, 0),
  /**
   * What is debiased: nothing, as in the paper ("undebiased", the default); the maximum ("debiasedAfter", PyTorch);
   * each mean square before the maximum is taken ("debiasedBefore", optax); or the maximum with ε beside its raw root
   * ("epsilonHat", Keras). All but the first debias the first moment.
   */
  form: choice(["undebiased", "debiasedAfter", "debiasedBefore", "epsilonHat"], "undebiased")
}

/** The options of AMSGrad but for its rate. */
export interface AmsgradScaling extends OptionsOf<typeof fields> {}

/** The moments, not debiased, and the largest second moment so far (`nuMax`). */
export type AmsgradState<P extends Tree> = {
  readonly mu: P
  readonly nu: P
  readonly nuMax: P
}

/** Two moments and a maximum for every parameter, in its dtype. */
export interface AmsgradF extends StateFamily {
  readonly type: AmsgradState<this["params"]>
}

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
 * import { clockAt, scaleByAmsgrad } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const largest = scaleByAmsgrad({ b1: 0, b2: 0, eps: 0 }) // m = g, x = the largest g²
 * const [u1, s1] = largest.update(tensor([4]), largest.init(p), p, clockAt(0))
 * const [u2] = largest.update(tensor([1]), s1, p, clockAt(1))
 * assert.deepStrictEqual([u1, u2].map(toArray), [[1], [0.25]])
 */
export const scaleByAmsgrad: Recipe<typeof fields, (options?: AmsgradScaling) => Transform<AmsgradF>> = recipe(
  "scaleByAmsgrad",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, form }) => ({
    init: params => ({ ...zeroMoments(eps, epsRoot)(params), nuMax: zeroSquares(eps, epsRoot)(params) }),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2] = [b1(step), b2(step)]
      const [c1, c2] = form === "undebiased" ? [one, one] : [debias(beta1, step), debias(beta2, step)]
      const [before, after] = form === "debiasedBefore" ? [c2, one] : [one, c2]
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const nuMax = Tree.zipWith((x: Tensor, v: Tensor) => maximum(x, times(v, div(1, before))))(state.nuMax, nu)
      const place = form === "epsilonHat" ? form : "debiased"
      const divided = momentQuotient(place, [c1, after], [eps(step), epsRoot(step)])
      return [Tree.zipWith(divided)(mu, nuMax), { mu, nu, nuMax }]
    }
  })
)
