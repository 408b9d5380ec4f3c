import { clamp, maximum, neg, pow } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { beside, choice, flag, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, quotient, rootOf } from "./common.js"
import { ema, emaOf, squareFor, zeroMoments, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.9999. */
  b2: hyper(decay, 0.9999),
  /** ε ≥ 0: the least that a gradient is divided by, in units of the gradient. Default 1e-6. */
  eps: hyper(nonNegative, 1e-6),
  /** Whether scaled gradients are "clipped" (the default) or "unclipped", as in the paper's first algorithm. */
  form: choice(["clipped", "unclipped"], "clipped"),
  /** κ ≥ 0, of "clipped": scaled gradients are clipped to `n^κ` after `n` updates. Default 0.25. */
  clipExponent: beside("form", hyper(nonNegative, 0.25), "clipped"),
  /** Whether the scaled gradient is mixed in once more, as in optax. Default no. */
  nesterov: flag(false)
}

/** The options of ADOPT but for its rate. */
export interface AdoptScaling extends OptionsOf<typeof fields> {}

/**
 * Averages gradients that were divided by the root mean square of those before them: the first update is 0 and sets
 * `v = g²`; after `n` updates `x = clamp(g / max(√v, ε), -n^κ, n^κ)`, `m = β₁·m + (1-β₁)·x` and then
 * `v = β₂·v + (1-β₂)·g²`; gives `m`.
 *
 * With the form "unclipped", `x = g / max(√v, ε)`; with `nesterov`, gives `β₁·m + (1-β₁)·x`. The state is that of
 * `scaleByAdam`; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the first update is 0; no element exceeds `n^κ` ("clipped"); does not see the scale of the gradients (ε = 0);
 * odd; elementwise.
 * Source: Taniguchi et al. 2024, arXiv 2411.02853, Algorithm 2 ("clipped") and Algorithm 1 ("unclipped").
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAdopt } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const adopt = scaleByAdopt({ b1: 0.5 })
 * const [u1, s1] = adopt.update(tensor([4, 4]), adopt.init(p), p, clockAt(0))
 * const [u2] = adopt.update(tensor([-2, 100]), s1, p, clockAt(1)) // x = [-2/4, 1]
 * assert.deepStrictEqual([u1, u2].map(u => toArray(u)), [[0, 0], [-0.25, 0.5]])
 */
export const scaleByAdopt: Recipe<typeof fields, (options?: AdoptScaling) => Transform<MomentsF>> = recipe(
  "scaleByAdopt",
  fields,
  {},
  ({ b1, b2, eps, form, clipExponent, nesterov }) => ({
    init: zeroMoments(eps),
    update: (updates, state, _, { step }) => {
      const [first, beta1, beta2, e] = [eq(step, 0), b1(step), b2(step), eps(step)]
      const most = pow(step, clipExponent(step))
      const clipped = (x: Tensor): Tensor =>
        form === "clipped" ? clamp(x, castLike(neg(most), x), castLike(most, x)) : x
      const scaled = Tree.zipWith((g: Tensor, v: Tensor) =>
        where(first, 0, clipped(quotient(g, maximum(rootOf(v), castLike(e, v)), e)))
      )(updates, state.nu)
      const mix = emaOf(beta1)
      const mu = mix(state.mu, scaled)
      const nu = Tree.zipWith((v: Tensor, g: Tensor) => {
        const fresh = squareFor(v, g)
        return where(first, fresh, ema(beta2, v, fresh))
      })
      return [nesterov ? mix(mu, scaled) : mu, { mu, nu: nu(state.nu, updates) }]
    }
  })
)
