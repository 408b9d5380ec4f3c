import { add, div, mul } from "../dataflow/arithmetic.js"
import { eq, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { next, times, zeroCount, type CountF } from "./common.js"
import { globalNorm } from "./norm.js"
import type { Transform } from "./transform.js"

/** The options of a trust ratio. */
export interface TrustRatioOptions {
  /** η_trust ≥ 0: what the ratio is multiplied by. Default 1. */
  readonly trustCoefficient?: Hyperparameter
  /** ε ≥ 0, added to the norm of the updates. Default 0. */
  readonly eps?: Hyperparameter
}

/** What the options of a trust ratio may be. */
const trustRatioFields: Fields<TrustRatioOptions> = {
  trustCoefficient: hyper(nonNegative, 1),
  eps: hyper(nonNegative, 0)
}

/** `coefficient·above / (below + ε)`, and 1 where `above` or `below` is 0, so that new parameters can grow. */
const ratioOf = (coefficient: Tensor, eps: Tensor, above: Tensor, below: Tensor): Tensor => {
  const absent = or(eq(above, 0), eq(below, 0))
  return where(absent, 1, div(mul(coefficient, above), where(absent, 1, add(below, eps))))
}

/**
 * Makes the updates of each leaf as long as its parameters: `u' = u · c·‖p‖ / (‖u‖ + ε)`, norms leaf by leaf; where
 * `‖p‖` or `‖u‖` is 0, `u' = u`.
 *
 * Looks across each leaf; norms are taken in f64. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the updates of any leaf (ε = 0, p ≠ 0); updates depend on the parameters; not elementwise.
 * Source: You et al. 2019, arXiv 1904.00962, Algorithm 2, with φ the identity.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByTrustRatio } from "thalweg/transform"
 *
 * const params = tensor([0, 10])
 * const trust = scaleByTrustRatio()
 * assert.deepStrictEqual(toArray(trust.update(tensor([3, 4]), trust.init(params), params)[0]), [6, 8])
 */
export const scaleByTrustRatio = (options: TrustRatioOptions = {}): Transform<CountF> => {
  const { trustCoefficient, eps } = resolve("scaleByTrustRatio", trustRatioFields, options)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }, params) => {
      const [coefficient, e] = [trustCoefficient(count), eps(count)]
      const trusted = Tree.zipWith((u: Tensor, p: Tensor) =>
        times(u, ratioOf(coefficient, e, globalNorm(p), globalNorm(u)))
      )(updates, params)
      return [trusted, { count: next(count) }]
    }
  }
}

/** The options of LARS but for its rate and its momentum. */
export interface LarsScaling extends TrustRatioOptions {
  /** λ ≥ 0: the decay, in the update and in the ratio. Default 0. */
  readonly weightDecay?: Hyperparameter
  /** What stands below: `‖g‖ + λ·‖p‖` ("separate", the default and the paper's), or `‖g + λ·p‖` ("joint", optax). */
  readonly ratio?: "separate" | "joint"
}

/** What the options of LARS but for its rate and its momentum may be. */
export const larsScalingFields: Fields<LarsScaling> = {
  trustCoefficient: hyper(nonNegative, 1e-3),
  eps: trustRatioFields.eps,
  weightDecay: hyper(nonNegative, 0),
  ratio: choice(["separate", "joint"], "separate")
}

/**
 * Gives each leaf a rate of its own: `u = g + λ·p`, `u' = u · c·‖p‖ / (‖g‖ + λ·‖p‖ + ε)`, norms leaf by leaf; where
 * `‖p‖` or what stands below is 0, `u' = u`.
 *
 * With `ratio: "joint"`, `‖u‖ + ε` stands below. Looks across each leaf; norms are taken in f64. Defaults: c 1e-3, λ 0,
 * ε 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the forms are equal for λ = 0, and then to `scaleByTrustRatio`, exactly; not elementwise.
 * Source: You, Gitman & Ginsburg 2017, arXiv 1708.03888, Algorithm 1, which has no ε.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByLars } from "thalweg/transform"
 *
 * const params = tensor([0, 10])
 * const lars = scaleByLars({ trustCoefficient: 0.5, weightDecay: 0.5 })
 * const [updates] = lars.update(tensor([3, -4]), lars.init(params), params) // u = [3, 1]
 * assert.deepStrictEqual(toArray(updates), [1.5, 0.5]) // · 0.5·10 / (5 + 0.5·10)
 */
export const scaleByLars = (options: LarsScaling = {}): Transform<CountF> => {
  const { trustCoefficient, eps, weightDecay, ratio } = resolve("scaleByLars", larsScalingFields, options)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }, params) => {
      const [coefficient, e, lambda] = [trustCoefficient(count), eps(count), weightDecay(count)]
      const trusted = Tree.zipWith((g: Tensor, p: Tensor) => {
        const u = add(g, times(p, lambda))
        const length = globalNorm(p)
        const below = ratio === "joint" ? globalNorm(u) : add(globalNorm(g), mul(lambda, length))
        return times(u, ratioOf(coefficient, e, length, below))
      })(updates, params)
      return [trusted, { count: next(count) }]
    }
  }
}
