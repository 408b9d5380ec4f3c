import { abs, add, div, maximum } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, times, zeroCount } from "./common.js"
import { debias, emaOf } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of Adamax but for its rate. */
export interface AdamaxScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the largest gradient, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** Whether ε is added to `|g|` "inside" the maximum (the default) or to the maximum, "outside" (Keras). */
  readonly epsPlace?: "inside" | "outside"
}

/** The average of gradients (`mu`, not debiased) and the decayed largest one (`norm`), after `count` updates. */
export type AdamaxState<P extends Tree> = { readonly count: Tensor; readonly mu: P; readonly norm: P }

/** An average and a maximum for every parameter, in its dtype. */
export interface AdamaxF extends StateFamily {
  readonly type: AdamaxState<this["params"]>
}

/** What the options of Adamax but for its rate may be. */
export const adamaxScalingFields: Fields<AdamaxScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.999),
  eps: hyper(nonNegative, 1e-8),
  epsPlace: choice(["inside", "outside"], "inside")
}

/**
 * Divides the mean gradient by the largest gradient, which decays: with `m = β₁·m + (1-β₁)·g`,
 * `u = max(β₂·u, |g| + ε)`, `t` from 1, gives `m / ((1 - β₁ᵗ)·u)`.
 *
 * With `epsPlace: "outside"`, `u = max(β₂·u, |g|)` and `u + ε` below. Both start at 0; `0/0` is 0. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0); constant gradients give their sign; odd; elementwise.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 2, which has no ε; its place as in PyTorch and optax.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByAdamax } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const adamax = scaleByAdamax({ b1: 0, b2: 0.5, eps: 0 })
 * const [u1, s1] = adamax.update(tensor([8]), adamax.init(p), p)
 * const [u2] = adamax.update(tensor([-2]), s1, p) // the largest gradient is 0.5·8 now
 * assert.deepStrictEqual([u1, u2].map(toArray), [[1], [-0.5]])
 */
export const scaleByAdamax = (options: AdamaxScaling = {}): Transform<AdamaxF> => {
  const { b1, b2, eps, epsPlace } = resolve("scaleByAdamax", adamaxScalingFields, options)
  return {
    init: params => ({ count: zeroCount, mu: Tree.zerosLike(params), norm: Tree.zerosLike(params) }),
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2, e] = [b1(count), b2(count), eps(count)]
      const c1 = debias(beta1, count)
      const withEps = (x: Tensor, place: typeof epsPlace): Tensor => (place === epsPlace ? add(x, like(e, x)) : x)
      const mu = emaOf(beta1)(state.mu, updates)
      const norm = Tree.zipWith((u: Tensor, g: Tensor) => maximum(times(u, beta2), withEps(abs(g), "inside")))(
        state.norm,
        updates
      )
      const scaled = Tree.zipWith((m: Tensor, u: Tensor) => quotient(div(m, like(c1, m)), withEps(u, "outside")))
      return [scaled(mu, norm), { count: next(count), mu, norm }]
    }
  }
}
