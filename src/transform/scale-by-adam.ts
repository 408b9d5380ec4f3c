import { add, cast, div, mul, pow, sqrt, square, sub } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { decay, hyperparameter, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

export interface AdamScaling {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the second moment, `0 ≤ β₂ < 1`. Default 0.999. */
  readonly b2?: Hyperparameter
  /** ε: added to the root. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** Added under the root. Default 0. */
  readonly epsRoot?: Hyperparameter
}

export type Moments<P extends Tree> = { readonly count: Tensor; readonly mu: P; readonly nu: P }

export interface MomentsF extends StateFamily {
  readonly type: Moments<this["params"]>
}

/** An exponential moving average: `β·average + (1 - β)·value`. */
export const ema = (beta: Tensor, average: Tensor, value: Tensor): Tensor =>
  add(mul(average, like(beta, average)), mul(value, like(sub(1, beta), value)))

/** What debiases an average that began at 0, after `count + 1` values: `1 - β^(count + 1)`. */
export const debias = (beta: Tensor, count: Tensor): Tensor => sub(1, pow(beta, cast(next(count), "f64")))

/**
 * Divides the mean gradient by the root of its mean square: with `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·g²`,
 * `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, gives `(m/c₁) / (√(v/c₂ + ε_root) + ε)`.
 *
 * Laws: does not see the scale of the gradients (ε = 0); the first step has the size 1 everywhere (ε = 0, g ≠ 0); odd.
 * Source: Kingma & Ba 2015, arXiv 1412.6980, Algorithm 1.
 */
export const scaleByAdam = (options: AdamScaling = {}): Transform<MomentsF> => {
  const b1 = hyperparameter("scaleByAdam", "b1", decay, options.b1 ?? 0.9)
  const b2 = hyperparameter("scaleByAdam", "b2", decay, options.b2 ?? 0.999)
  const eps = hyperparameter("scaleByAdam", "eps", nonNegative, options.eps ?? 1e-8)
  const epsRoot = hyperparameter("scaleByAdam", "epsRoot", nonNegative, options.epsRoot ?? 0)
  return {
    init: params => ({ count: zeroCount, mu: Tree.zerosLike(params), nu: Tree.zerosLike(params) }),
    update: (updates, state) => {
      const { count } = state
      const [beta1, beta2, e, eRoot] = [b1(count), b2(count), eps(count), epsRoot(count)]
      const [c1, c2] = [debias(beta1, count), debias(beta2, count)]
      const mu = Tree.zipWith((m: Tensor, g: Tensor) => ema(beta1, m, g))(state.mu, updates)
      const nu = Tree.zipWith((v: Tensor, g: Tensor) => ema(beta2, v, square(g)))(state.nu, updates)
      const scaled = Tree.zipWith((m: Tensor, v: Tensor) =>
        div(div(m, like(c1, m)), add(sqrt(add(div(v, like(c2, v)), like(eRoot, v))), like(e, v)))
      )(mu, nu)
      return [scaled, { count: next(count), mu, nu }]
    }
  }
}
