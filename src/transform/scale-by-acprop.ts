import { div, sub } from "../dataflow/arithmetic.js"
import { sqrt } from "../dataflow/transcendental.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { plusEps, quotient, rootOf, times } from "./common.js"
import { debiasAfter, emaOf, zeroMoments, type MomentsF, emaOfSquare } from "./moments.js"
import type { Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the mean gradient, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the mean squared surprise, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-16. */
  eps: hyper(nonNegative, 1e-16),
  /** ε_root ≥ 0, added to the mean squared surprise at every step and so accumulated. Default 1e-16. */
  epsRoot: hyper(nonNegative, 1e-16),
  /** Whether a gradient is compared with the mean "after" it has entered (the default) or "before" (optax). */
  centre: choice(["after", "before"], "after")
}

/** The options of ACProp but for its rate. */
export interface AcpropScaling extends OptionsOf<typeof fields> {}

/**
 * Divides gradients by the root mean squared surprise of those before them: gives `g / (√(s/c₂) + ε)` with
 * `c₂ = 1 - β₂ᵗ⁻¹`, `t` from 1, and only then `m = β₁·m + (1-β₁)·g`, `s = β₂·s + (1-β₂)·(g - m)² + ε_root`.
 *
 * At the first update, which nothing was before, `s/c₂` is 1. With the centre "before", `(g - m)²` is that of `m`
 * before it changes. The state is that of `scaleByAdam`, `nu` being `s`. Both start at 0; `0/0` is 0. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: the first update is the gradient (ε = 0); odd; elementwise.
 * Source: Zhuang et al. 2021, arXiv 2110.05454, and the authors' code (without its rectification).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAcprop } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const acprop = scaleByAcprop({ b1: 0.5, b2: 0, eps: 0, epsRoot: 0 })
 * const [u1, s1] = acprop.update(tensor([8]), acprop.init(p), p, clockAt(0)) // s = (8 - 4)²
 * const [u2] = acprop.update(tensor([-2]), s1, p, clockAt(1))
 * assert.deepStrictEqual([u1, u2].map(toArray), [[8], [-0.5]])
 */
export const scaleByAcprop: Recipe<typeof fields, (options?: AcpropScaling) => Transform<MomentsF>> = recipe(
  "scaleByAcprop",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, centre }) => ({
    init: zeroMoments(eps, epsRoot),
    update: (updates, state, _, { step }) => {
      const [first, beta1, beta2, e, eRoot] = [eq(step, 0), b1(step), b2(step), eps(step), epsRoot(step)]
      const ratio = div(1, sqrt(where(first, 1, debiasAfter(beta2, step))))
      const scaled = Tree.zipWith((g: Tensor, s: Tensor) => {
        const before = where(first, 1, times(rootOf(s), ratio))
        return quotient(g, plusEps(before, e), e)
      })(updates, state.nu)
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = Tree.zipWith((s: Tensor, g: Tensor, m: Tensor) => plusEps(emaOfSquare(beta2, s, sub(g, m)), eRoot))(
        state.nu,
        updates,
        centre === "after" ? mu : state.mu
      )
      return [scaled, { mu, nu }]
    }
  })
)
