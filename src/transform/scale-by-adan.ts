import { add, div, mul, sub } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { times } from "./common.js"
import { debias, emaOf, momentQuotient, zeroMoments, emaOfSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the gradients, `0 ≤ β₁ < 1`. Default 0.98. */
  b1: hyper(decay, 0.98),
  /** β₂: decay of their differences, and how far these lead, `0 ≤ β₂ < 1`. Default 0.92. */
  b2: hyper(decay, 0.92),
  /** β₃: decay of the squares, `0 ≤ β₃ < 1`. Default 0.99. */
  b3: hyper(decay, 0.99),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** ε_root ≥ 0, added under the root. Default 0. */
  epsRoot: hyper(nonNegative, 0)
}

/** The options of Adan but for its rate and its decay. The β are decays, one minus those of the paper. */
export interface AdanScaling extends OptionsOf<typeof fields> {}

/** The averages of gradients, of their differences and of squares, and the last gradient. */
export type AdanState<P extends Tree> = {
  readonly mu: P
  readonly delta: P
  readonly nu: P
  readonly last: P
}

/** Three averages and a gradient for every parameter, in its dtype. */
export interface AdanF extends StateFamily {
  readonly type: AdanState<this["params"]>
}

/**
 * Divides a mean gradient that its mean difference leads by a root mean square: with `d = g - g_last`, at first 0,
 * `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·d`, `n = β₃·n + (1-β₃)·(g + β₂·d)²`, `cᵢ = 1 - βᵢᵗ`, `t` from 1, gives
 * `(m/c₁ + β₂·v/c₂) / (√(n/c₃ + ε_root) + ε)`.
 *
 * All start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = ε_root = 0); constant gradients give their sign (ε = ε_root = 0);
 * odd; elementwise.
 * Source: Xie et al. 2022, arXiv 2208.06677, Algorithm 1; bias corrections as in the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAdan } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const adan = scaleByAdan({ b1: 0, b2: 0.5, b3: 0, eps: 0 })
 * const [u1, s1] = adan.update(tensor([4]), adan.init(p), p, clockAt(0))
 * const [u2] = adan.update(tensor([10]), s1, p, clockAt(1)) // d = 6, v/c₂ = 3 / 0.75, n = 13²
 * assert.deepStrictEqual([u1, u2].map(toArray), [[1], [Math.fround(12 / 13)]])
 */
export const scaleByAdan: Recipe<typeof fields, (options?: AdanScaling) => Transform<AdanF>> = recipe(
  "scaleByAdan",
  fields,
  {},
  ({ b1, b2, b3, eps, epsRoot }) => ({
    init: params => ({
      ...zeroMoments(eps, epsRoot)(params),
      delta: Tree.zerosLike(params),
      last: Tree.zerosLike(params)
    }),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2, beta3] = [b1(step), b2(step), b3(step)]
      const c1 = debias(beta1, step)
      const lead = mul(beta2, div(c1, debias(beta2, step)))
      const divided = momentQuotient("debiased", [c1, debias(beta3, step)], [eps(step), epsRoot(step)])
      const change = Tree.zipWith((g: Tensor, last: Tensor) => where(eq(step, 0), 0, sub(g, last)))
      const d = change(updates, state.last)
      const mu = emaOf(beta1)(state.mu, updates)
      const delta = emaOf(beta2)(state.delta, d)
      const led = Tree.zipWith((g: Tensor, x: Tensor) => add(g, times(x, beta2)))(updates, d)
      const nu = emaOfSquares(beta3)(state.nu, led)
      const scaled = Tree.zipWith((m: Tensor, v: Tensor, n: Tensor) => divided(add(m, times(v, lead)), n))(
        mu,
        delta,
        nu
      )
      return [scaled, { mu, delta, nu, last: updates }]
    }
  })
)
