import { add, div, square } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, rootOf, times, zeroCount } from "./common.js"
import { ema } from "./moments.js"
import { globalNorm } from "./norm.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of NovoGrad but for its rate. */
export interface NovogradScaling {
  /** β₁: how much of the velocity is kept, `0 ≤ β₁ < 1`. Default 0.95. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the squared norms, `0 ≤ β₂ < 1`. Default 0.98. */
  readonly b2?: Hyperparameter
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  readonly eps?: Hyperparameter
  /** ε_root ≥ 0, added under the root. Default 0. */
  readonly epsRoot?: Hyperparameter
  /** λ ≥ 0: the decay, within the velocity. Default 0. */
  readonly weightDecay?: Hyperparameter
}

/** The velocity (`mu`), and the mean squared norm of each leaf, an f64 scalar (`nu`), after `count` updates. */
export type NovogradState<P extends Tree> = { readonly count: Tensor; readonly mu: P; readonly nu: P }

/** A velocity for every parameter, in its dtype, and a scalar for every leaf. */
export interface NovogradF extends StateFamily {
  readonly type: NovogradState<this["params"]>
}

/** What the options of NovoGrad but for its rate may be. */
export const novogradScalingFields: Fields<NovogradScaling> = {
  b1: hyper(decay, 0.95),
  b2: hyper(decay, 0.98),
  eps: hyper(nonNegative, 1e-8),
  epsRoot: hyper(nonNegative, 0),
  weightDecay: hyper(nonNegative, 0)
}

/**
 * Divides the gradient of each leaf by the root mean square of its norm, and accumulates a velocity:
 * `v = β₂·v + (1-β₂)·‖g‖²`, at first `v = ‖g‖²`, and `m = β₁·m + g/(√(v + ε_root) + ε) + λ·p` from `m = 0`.
 *
 * Looks across each leaf. `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the first update is 1 long in every leaf (g ≠ 0, ε = ε_root = λ = 0); does not see the scale of the gradients of
 * any leaf (ε = ε_root = 0); odd (λ = 0); not elementwise.
 * Source: Ginsburg et al. 2019, arXiv 1905.11286, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByNovograd } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const novograd = scaleByNovograd({ b1: 0.5, b2: 0, eps: 0 })
 * const [u1, s1] = novograd.update(tensor([0, 4]), novograd.init(p), p)
 * const [u2] = novograd.update(tensor([-8, 0]), s1, p)
 * assert.deepStrictEqual([u1, u2].map(toArray), [[0, 1], [-1, 0.5]])
 */
export const scaleByNovograd = (options: NovogradScaling = {}): Transform<NovogradF> => {
  const { b1, b2, eps, epsRoot, weightDecay } = resolve("scaleByNovograd", novogradScalingFields, options)
  return {
    init: params => ({ count: zeroCount, mu: Tree.zerosLike(params), nu: Tree.map(() => scalar(0, "f64"))(params) }),
    update: (updates, state, params) => {
      const { count } = state
      const [beta1, beta2, lambda] = [b1(count), b2(count), weightDecay(count)]
      const [e, eRoot] = [eps(count), epsRoot(count)]
      const nu = Tree.zipWith((v: Tensor, g: Tensor) => {
        const fresh = square(globalNorm(g))
        return where(eq(count, 0), fresh, ema(beta2, v, fresh))
      })(state.nu, updates)
      const mu = Tree.zipWith((m: Tensor, g: Tensor, v: Tensor, p: Tensor) => {
        const root = add(rootOf(add(v, eRoot)), e)
        const scaled = div(g, like(where(eq(root, 0), 1, root), g))
        return add(times(m, beta1), add(scaled, times(p, lambda)))
      })(state.mu, updates, nu, params)
      return [mu, { count: next(count), mu, nu }]
    }
  }
}
