import { abs, maximum } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { flushedSquare, plusEps, quotient, times } from "./common.js"
import { debias, emaOf } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the largest gradient, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** Whether ε is added to `|g|` "inside" the maximum (the default) or to the maximum, "outside" (Keras). */
  epsPlace: choice(["inside", "outside"], "inside")
}

/** The options of Adamax but for its rate. */
export interface AdamaxScaling extends OptionsOf<typeof fields> {}

/** The average of gradients (`mu`, not debiased) and the decayed largest one (`norm`). */
export type AdamaxState<P extends Tree> = { readonly mu: P; readonly norm: P }

/** An average and a maximum for every parameter, in its dtype. */
export interface AdamaxF extends StateFamily {
  readonly type: AdamaxState<this["params"]>
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
 * import { clockAt, scaleByAdamax } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const adamax = scaleByAdamax({ b1: 0, b2: 0.5, eps: 0 })
 * const [u1, s1] = adamax.update(tensor([8]), adamax.init(p), p, clockAt(0))
 * const [u2] = adamax.update(tensor([-2]), s1, p, clockAt(1)) // the largest gradient is 0.5·8 now
 * assert.deepStrictEqual([u1, u2].map(toArray), [[1], [-0.5]])
 */
export const scaleByAdamax: Recipe<typeof fields, (options?: AdamaxScaling) => Transform<AdamaxF>> = recipe(
  "scaleByAdamax",
  fields,
  {},
  ({ b1, b2, eps, epsPlace }) => ({
    init: params => ({ mu: Tree.zerosLike(params), norm: Tree.zerosLike(params) }),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2, e] = [b1(step), b2(step), eps(step)]
      const c1 = debias(beta1, step)
      const withEps = (x: Tensor, place: typeof epsPlace): Tensor => (place === epsPlace ? plusEps(x, e) : x)
      const mu = emaOf(beta1)(state.mu, updates)
      const norm = Tree.zipWith((u: Tensor, g: Tensor) =>
        flushedSquare(maximum(times(u, beta2), withEps(abs(g), "inside")))
      )(state.norm, updates)
      const scaled = Tree.zipWith((m: Tensor, u: Tensor) => quotient(m, times(withEps(u, "outside"), c1), e))
      return [scaled(mu, norm), { mu, norm }]
    }
  })
)
