import { add, div, minimum, mul, sub } from "../dataflow/arithmetic.js"
import { ge, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { exp, log } from "../dataflow/transcendental.js"
import { fixed, hyper, type OptionsOf } from "../options/fields.js"
import { decay, natural, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { next, times } from "./common.js"
import { debias, emaOf, emaOfSquares, momentQuotient, zeroMoments } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the fast average, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** β₃: decay of the slow average, `0 ≤ β₃ < 1`. Default 0.9999. */
  b3: hyper(decay, 0.9999),
  /** α ≥ 0: the weight of the slow average. Default 5. */
  alpha: hyper(nonNegative, 5),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** ε_root ≥ 0, added under the root. Default 0. */
  epsRoot: hyper(nonNegative, 0),
  /**
   * T: updates over which α rises from 0 and β₃ from β₁, a whole number from 0. Default 0: from the first as they are.
   */
  warmupSteps: fixed(natural, 0)
}

/** The options of AdEMAMix but for its rate and its decay. */
export interface AdemamixScaling extends OptionsOf<typeof fields> {}

/** The fast average, the slow one, and that of squares, none debiased. */
export type AdemamixState<P extends Tree> = {
  readonly mu: P
  readonly slow: P
  readonly nu: P
}

/** Three averages for every parameter, in its dtype. */
export interface AdemamixF extends StateFamily {
  readonly type: AdemamixState<this["params"]>
}

/** α and β₃ at a part `x` of the warm-up: the half-life of the slow average grows linearly from that of β₁. */
const warmedUp = (x: Tensor, b1: Tensor, b3: Tensor, alpha: Tensor): readonly [alpha: Tensor, b3: Tensor] => {
  const between = exp(div(1, add(div(sub(1, x), log(b1)), div(x, log(b3)))))
  return [mul(alpha, minimum(x, 1)), where(ge(x, 1), b3, minimum(between, b3))]
}

/**
 * Divides the sum of a fast and a slow mean gradient by the root mean square: with `m₁ = β₁·m₁ + (1-β₁)·g`,
 * `m₂ = β₃·m₂ + (1-β₃)·g`, `v = β₂·v + (1-β₂)·g²`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives
 * `(m₁/c₁ + α·m₂) / (√(v/c₂ + ε_root) + ε)`.
 *
 * Over the first T updates `α·t/T` stands for α and `min(β₃, exp(1 / ((1 - t/T)/ln β₁ + (t/T)/ln β₃)))` for β₃. All
 * start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: α = 0 ≡ `scaleByAdam`; does not see the scale of the gradients (ε = ε_root = 0); odd; elementwise.
 * Source: Pagliardini, Ablin & Grangier 2024, arXiv 2409.03137.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAdemamix } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const mixed = scaleByAdemamix({ b1: 0, b2: 0, b3: 0.5, alpha: 4, eps: 0 })
 * const [updates] = mixed.update(tensor([-8]), mixed.init(p), p, clockAt(0)) // (-8 + 4·-4) / 8
 * assert.deepStrictEqual(toArray(updates), [-3])
 */
export const scaleByAdemamix: Recipe<typeof fields, (options?: AdemamixScaling) => Transform<AdemamixF>> = recipe(
  "scaleByAdemamix",
  fields,
  {},
  ({ warmupSteps, ...at }) => ({
    init: params => ({ ...zeroMoments(at.eps, at.epsRoot)(params), slow: Tree.zerosLike(params) }),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2, b3, a] = [at.b1(step), at.b2(step), at.b3(step), at.alpha(step)]
      const done = div(next(step), warmupSteps)
      const [alpha, beta3] = warmupSteps === 0 ? [a, b3] : warmedUp(done, beta1, b3, a)
      const c1 = debias(beta1, step)
      const divided = momentQuotient("debiased", [c1, debias(beta2, step)], [at.eps(step), at.epsRoot(step)])
      const mu = emaOf(beta1)(state.mu, updates)
      const slow = emaOf(beta3)(state.slow, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const scaled = Tree.zipWith((m: Tensor, s: Tensor, v: Tensor) => divided(add(m, times(s, mul(c1, alpha))), v))(
        mu,
        slow,
        nu
      )
      return [scaled, { mu, slow, nu }]
    }
  })
)
