import type { Tensor } from "../dataflow/primitive.js"
import { choice, flag, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { debias, emaOf, emaOfSquares, firstMoment, momentQuotient, zeroMoments, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /**
   * ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. With 0, and ε_root 0, the scale of gradients does not
   * matter, and second moments are kept in f64, so that the squares of all gradients of f32 fit.
   */
  eps: hyper(nonNegative, 1e-8),
  /** ε_root ≥ 0, added under the root; above 0 it bounds derivatives through the update. Default 0. */
  epsRoot: hyper(nonNegative, 0),
  /** Whether ε stands beside the debiased root (the default) or, as the paper's "epsilon hat" and in Keras, the raw one. */
  form: choice(["debiased", "epsilonHat"], "debiased"),
  /** Whether the first moment looks one step ahead, as in NAdam. Default no. */
  nesterov: flag(false)
}

/** The options of Adam but for its rate. */
export interface AdamScaling extends OptionsOf<typeof fields> {}

/**
 * Divides the mean gradient by the root of its mean square: with `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`,
 * `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives `(m/c₁) / (√(v/c₂ + ε_root) + ε)`.
 *
 * With the form "epsilonHat", `√c₂·(m/c₁) / (√(v + ε_root) + ε)`; with `nesterov`, `β₁·m/(1 - β₁ᵗ⁺¹) + (1-β₁)·g/c₁`
 * in place of `m/c₁`. The moments start at 0; `0/0` is 0. It divides once per element: by
 * `c₁/√c₂·√(v + c₂·ε_root) + c₁·ε`. A moment that would be subnormal (below 2⁻¹²⁶ in f32, 2⁻¹⁰²² in f64) is 0. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); the first update has the size 1 everywhere (ε = 0,
 * g ≠ 0); odd; elementwise; the forms are equal for ε = ε_root = 0.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 1, and the end of section 2 for "epsilonHat", which is Keras's;
 * ε_root and `nesterov` (Dozat 2016) as in optax.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAdam } from "thalweg/transform"
 *
 * const params = { w: tensor([0, 0]) }
 * const adam = scaleByAdam()
 * const [updates, state] = adam.update({ w: tensor([1000, -10]) }, adam.init(params), params, clockAt(0))
 * assert.deepStrictEqual(toArray(round(updates.w)), [1, -1])
 * assert.deepStrictEqual(toArray(round(state.mu.w)), [100, -1]) // (1 - β₁)·g
 */
export const scaleByAdam: Recipe<typeof fields, (options?: AdamScaling) => Transform<MomentsF>> = recipe(
  "scaleByAdam",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, form, nesterov }) => ({
    init: zeroMoments(eps, epsRoot),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2] = [b1(step), b2(step)]
      const [c1, biased] = firstMoment(beta1, step, nesterov)
      const divided = momentQuotient(form, [c1, debias(beta2, step)], [eps(step), epsRoot(step)])
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const scaled = Tree.zipWith((m: Tensor, g: Tensor, v: Tensor) => divided(biased(m, g), v))(mu, updates, nu)
      return [scaled, { mu, nu }]
    }
  })
)
