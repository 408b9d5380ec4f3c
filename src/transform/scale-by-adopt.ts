import { clamp, maximum, neg, pow, square } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, flag, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, rootOf } from "./common.js"
import { ema, emaOf, zeroMoments, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

/** The options of ADOPT but for its rate. */
export interface AdoptScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.9999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0: the least that a gradient is divided by, in units of the gradient. Default 1e-6. */
  readonly eps?: Hyperparameter
  /** Whether scaled gradients are "clipped" (the default) or "unclipped", as in the paper's first algorithm. */
  readonly form?: "clipped" | "unclipped"
  /** κ ≥ 0: scaled gradients are clipped to `n^κ` after `n` updates. Default 0.25. */
  readonly clipExponent?: Hyperparameter
  /** Whether the scaled gradient is mixed in once more, as in optax. Default no. */
  readonly nesterov?: boolean
}

/** What the options of ADOPT but for its rate may be. */
export const adoptScalingFields: Fields<AdoptScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.9999),
  eps: hyper(nonNegative, 1e-6),
  form: choice(["clipped", "unclipped"], "clipped"),
  clipExponent: hyper(nonNegative, 0.25),
  nesterov: flag(false)
}

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
 * import { scaleByAdopt } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const adopt = scaleByAdopt({ b1: 0.5 })
 * const [u1, s1] = adopt.update(tensor([4, 4]), adopt.init(p), p)
 * const [u2] = adopt.update(tensor([-2, 100]), s1, p) // x = [-2/4, 1]
 * assert.deepStrictEqual([u1, u2].map(u => toArray(u)), [[0, 0], [-0.25, 0.5]])
 */
export const scaleByAdopt = (options: AdoptScaling = {}): Transform<MomentsF> => {
  const { b1, b2, eps, form, clipExponent, nesterov } = resolve("scaleByAdopt", adoptScalingFields, options)
  return {
    init: zeroMoments,
    update: (updates, state) => {
      const { count } = state
      const [first, beta1, beta2, e] = [eq(count, 0), b1(count), b2(count), eps(count)]
      const most = pow(cast(count, "f64"), clipExponent(count))
      const clipped = (x: Tensor): Tensor => (form === "clipped" ? clamp(x, like(neg(most), x), like(most, x)) : x)
      const scaled = Tree.zipWith((g: Tensor, v: Tensor) =>
        where(first, 0, clipped(quotient(g, maximum(rootOf(v), like(e, v)))))
      )(updates, state.nu)
      const mix = emaOf(beta1)
      const mu = mix(state.mu, scaled)
      const nu = Tree.zipWith((v: Tensor, g: Tensor) => where(first, square(g), ema(beta2, v, square(g))))
      return [nesterov ? mix(mu, scaled) : mu, { count: next(count), mu, nu: nu(state.nu, updates) }]
    }
  }
}
