import { div, maximum, mul, pow, sub } from "../dataflow/arithmetic.js"
import { gt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import type { Range } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { next, one, quotient, times } from "./common.js"
import {
  debias,
  debiasAfter,
  emaOf,
  emaOfSquares,
  firstMoment,
  momentQuotient,
  zeroMoments,
  type MomentsF
} from "./moments.js"
import { scaleByAdam, type AdamScaling } from "./scale-by-adam.js"
import type { Transform } from "./transform.js"

const aboveThree: Range = {
  expected: "a finite number > 3",
  holds: value => Number.isFinite(value) && value > 3
}

const fields = {
  ...scaleByAdam.fields,
  /**
   * Above which length of the average, in steps, it is rectified, above 3. Default 5; the paper's is 4, up to which the
   * factor is 0.
   */
  threshold: hyper(aboveThree, 5)
}

/** The options of RAdam but for its rate. */
export interface RadamScaling extends AdamScaling, OptionsOf<typeof fields> {}

/** Whether there are enough values in the average of squares to divide by its root, and the factor that rectifies. */
const rectification = (b2: Tensor, threshold: Tensor, step: Tensor): readonly [rectified: Tensor, factor: Tensor] => {
  const t = next(step)
  const limit = sub(div(2, debiasAfter(b2, one)), 1)
  const length = sub(limit, div(mul(mul(2, t), pow(b2, t)), debias(b2, step)))
  const rectified = gt(length, threshold)
  const variance = (rho: Tensor): Tensor => div(mul(maximum(sub(rho, 4), 0), sub(rho, 2)), rho)
  const ratio = quotient(variance(where(rectified, length, limit)), variance(limit))
  return [rectified, sqrt(where(rectified, ratio, 1))]
}

/**
 * Divides the mean gradient by a rectified root mean square, once that is known well enough: with `m`, `v`, `c₁`, `c₂`
 * of `scaleByAdam`, `ρ∞ = 2/(1-β₂) - 1`, `ρ = ρ∞ - 2t·β₂ᵗ/c₂`, gives `r·(m/c₁) / (√(v/c₂ + ε_root) + ε)` with
 * `r = √[(ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ)]` where `ρ` exceeds the threshold, else `m/c₁`.
 *
 * `form` and `nesterov` are those of `scaleByAdam`. `0/0` is 0. Throws a `HyperparameterError` for options out of
 * range.
 *
 * Laws: the debiased average of gradients before it rectifies; `r` tends to 1; odd; elementwise.
 * Source: Liu et al. 2020, arXiv 1908.03265, Algorithm 2, which rectifies above 4.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByRadam } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const radam = scaleByRadam({ b1: 0.5 })
 * const [updates] = radam.update(tensor([1000, -4]), radam.init(p), p, clockAt(0))
 * assert.deepStrictEqual(toArray(updates), [1000, -4]) // the first steps are not divided
 */
export const scaleByRadam: Recipe<typeof fields, (options?: RadamScaling) => Transform<MomentsF>> = recipe(
  "scaleByRadam",
  fields,
  {},
  ({ b1, b2, eps, epsRoot, form, nesterov, threshold }) => ({
    init: zeroMoments(eps, epsRoot),
    update: (updates, state, _, { step }) => {
      const [beta1, beta2] = [b1(step), b2(step)]
      const [c1, biased] = firstMoment(beta1, step, nesterov)
      const divided = momentQuotient(form, [c1, debias(beta2, step)], [eps(step), epsRoot(step)])
      const [rectified, factor] = rectification(beta2, threshold(step), step)
      const mu = emaOf(beta1)(state.mu, updates)
      const nu = emaOfSquares(beta2)(state.nu, updates)
      const means = Tree.zipWith(biased)(mu, updates)
      const scaled = Tree.zipWith((m: Tensor, v: Tensor) =>
        where(rectified, times(divided(m, v), factor), times(m, div(1, c1)))
      )(means, nu)
      return [scaled, { mu, nu }]
    }
  })
)
