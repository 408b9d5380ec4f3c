import { add, square } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { flushed, one, rootOf, times } from "./common.js"
import { ema } from "./moments.js"
import { timesRatio, globalNorm } from "./norm.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β₁: how much of the velocity is kept, `0 ≤ β₁ < 1`. Default 0.95. */
  b1: hyper(decay, 0.95),
  /** β₂: decay of the squared norms, `0 ≤ β₂ < 1`. Default 0.98. */
  b2: hyper(decay, 0.98),
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8),
  /** ε_root ≥ 0, added under the root. Default 0. */
  epsRoot: hyper(nonNegative, 0),
  /** λ ≥ 0: the decay, within the velocity. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of NovoGrad but for its rate. */
export interface NovogradScaling extends OptionsOf<typeof fields> {}

/** The velocity (`mu`), and the mean squared norm of each leaf, an f64 scalar (`nu`). */
export type NovogradState<P extends Tree> = { readonly mu: P; readonly nu: P }

/** A velocity for every parameter, in its dtype, and a scalar for every leaf. */
export interface NovogradF extends StateFamily {
  readonly type: NovogradState<this["params"]>
}

/**
 * Divides the gradient of each leaf by the root mean square of its norm, and accumulates a velocity:
 * `v = β₂·v + (1-β₂)·‖g‖²`, at first `v = ‖g‖²`, and `m = β₁·m + g/(√(v + ε_root) + ε) + λ·p` from `m = 0`.
 *
 * Looks across each leaf. `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the first update is 1 long in every leaf (g ≠ 0, ε = ε_root = λ = 0); does not see the scale of the gradients
 * of any leaf (ε = ε_root = 0); odd (λ = 0); not elementwise.
 * Source: Ginsburg et al. 2019, arXiv 1905.11286, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByNovograd } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const novograd = scaleByNovograd({ b1: 0.5, b2: 0, eps: 0 })
 * const [u1, s1] = novograd.update(tensor([0, 4]), novograd.init(p), p, clockAt(0))
 * const [u2] = novograd.update(tensor([-8, 0]), s1, p, clockAt(1))
 * assert.deepStrictEqual([u1, u2].map(toArray), [[0, 1], [-1, 0.5]])
 */
export const scaleByNovograd: Recipe<typeof fields, (options?: NovogradScaling) => Transform<NovogradF>> = recipe(
  "scaleByNovograd",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, weightDecay }) => ({
    init: params => ({ mu: Tree.zerosLike(params), nu: Tree.map(() => scalar(0, "f64"))(params) }),
    update: (updates, state, params, { step }) => {
      const [beta1, beta2, lambda] = [b1(step), b2(step), weightDecay(step)]
      const [e, eRoot] = [eps(step), epsRoot(step)]
      const nu = Tree.zipWith((v: Tensor, g: Tensor) => {
        const fresh = square(globalNorm(g))
        return where(eq(step, 0), fresh, ema(beta2, v, fresh))
      })(state.nu, updates)
      const mu = Tree.zipWith((m: Tensor, g: Tensor, v: Tensor, p: Tensor) => {
        const root = add(rootOf(add(v, eRoot)), e)
        const scaled = timesRatio(g, one, root)
        return flushed(add(times(m, beta1), add(scaled, times(p, lambda))))
      })(state.mu, updates, nu, params)
      return [mu, { mu, nu }]
    }
  })
)
