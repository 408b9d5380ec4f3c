import { add, div, pow, square, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, rootOf } from "./common.js"
import { ema, emaOf, zeroMoments, type MomentsF } from "./moments.js"
import type { Transform } from "./transform.js"

/** The options of ACProp but for its rate. */
export interface AcpropScaling {
  /** β₁: decay of the mean gradient, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the mean squared surprise, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-16. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added to the mean squared surprise at every step and so accumulated. Default 1e-16. */
  readonly epsRoot?: Hyperparameter
  /** Whether a gradient is compared with the mean "after" it has entered (the default) or "before" (optax). */
  readonly centre?: "after" | "before"
}

/** What the options of ACProp but for its rate may be. */
export const acpropScalingFields: Fields<AcpropScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-16),
  epsRoot: hyper(nonNegative, 1e-16),
  centre: choice(["after", "before"], "after")
}

/**
 * Divides gradients by the root mean squared surprise of those before them: gives `g / (√(s/c₂) + ε)` with
 * `c₂ = 1 - β₂ᵗ⁻¹`, `t` from 1, and only then `m = β₁·m + (1-β₁)·g`, `s = β₂·s + (1-β₂)·(g - m)² + ε_root`.
 *
 * At the first update, which nothing was before, `s/c₂` is 1. With the centre "before", `(g - m)²` is that of `m` before
 * it changes. The state is that of `scaleByAdam`, `nu` being `s`. Both start at 0; `0/0` is 0. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: the first update is the gradient (ε = 0); odd; elementwise.
 * Source: Zhuang et al. 2021, arXiv 2110.05454, and the authors' code (without its rectification).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByAcprop } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const acprop = scaleByAcprop({ b1: 0.5, b2: 0, eps: 0, epsRoot: 0 })
 * const [u1, s1] = acprop.update(tensor([8]), acprop.init(p), p) // s = (8 - 4)²
 * const [u2] = acprop.update(tensor([-2]), s1, p)
 * assert.deepStrictEqual([u1, u2].map(toArray), [[8], [-0.5]])
 */
export const scaleByAcprop = (options: AcpropScaling = {}): Transform<MomentsF> => {
  const { b1, b2, eps, epsRoot, centre } = resolve("scaleByAcprop", acpropScalingFields, options)
  return {
    init: zeroMoments,
    update: (updates, state) => {
      const { count } = state
      const [first, beta1, beta2, e, eRoot] = [eq(count, 0), b1(count), b2(count), eps(count), epsRoot(count)]
      const c2 = where(first, 1, sub(1, pow(beta2, cast(count, "f64"))))
      const scaled = Tree.zipWith((g: Tensor, s: Tensor) => {
        const before = where(first, 1, div(s, like(c2, s)))
        return quotient(g, add(rootOf(before), like(e, s)))
      })(updates, state.nu)
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = Tree.zipWith((s: Tensor, g: Tensor, m: Tensor) =>
        add(ema(beta2, s, square(sub(g, m))), like(eRoot, s))
      )(state.nu, updates, centre === "after" ? mu : state.mu)
      return [scaled, { count: next(count), mu, nu }]
    }
  }
}
