import { add, mul } from "../dataflow/arithmetic.js"
import { eq, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { times } from "./common.js"
import { timesRatio, globalNorm } from "./norm.js"
import type { StatelessF, Transform } from "./transform.js"

const trustRatioFields = {
  /** η_trust ≥ 0: what the ratio is multiplied by. Default 1. */
  trustCoefficient: hyper(nonNegative, 1),
  /** ε ≥ 0, added to the norm of the updates. Default 0. */
  eps: hyper(nonNegative, 0)
}

/** The options of a trust ratio. */
export interface TrustRatioOptions extends OptionsOf<typeof trustRatioFields> {}

/** `u · coefficient·above / (below + ε)`, and `u` where `above` or `below` is 0, so that new parameters can grow. */
const trusted = (u: Tensor, coefficient: Tensor, eps: Tensor, above: Tensor, below: Tensor): Tensor =>
  where(or(eq(above, 0), eq(below, 0)), u, timesRatio(u, mul(coefficient, above), add(below, eps)))

/**
 * Makes the updates of each leaf as long as its parameters: `u' = u · c·‖p‖ / (‖u‖ + ε)`, norms leaf by leaf; where
 * `‖p‖` or `‖u‖` is 0, `u' = u`.
 *
 * Looks across each leaf; norms are taken in f64. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the updates of any leaf (ε = 0, p ≠ 0); updates depend on the parameters; not
 * elementwise.
 * Source: You et al. 2019, arXiv 1904.00962, Algorithm 2, with φ the identity.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByTrustRatio } from "thalweg/transform"
 *
 * const params = tensor([0, 10])
 * const trust = scaleByTrustRatio()
 * const [updates] = trust.update(tensor([3, 4]), trust.init(params), params, clockAt(0))
 * assert.deepStrictEqual(toArray(updates), [6, 8])
 */
export const scaleByTrustRatio: Recipe<
  typeof trustRatioFields,
  (options?: TrustRatioOptions) => Transform<StatelessF>
> = recipe("scaleByTrustRatio", trustRatioFields, {}, ({ trustCoefficient, eps }) => ({
  init: () => [],
  update: (updates, state, params, { step }) => {
    const [coefficient, e] = [trustCoefficient(step), eps(step)]
    const scaled = Tree.zipWith((u: Tensor, p: Tensor) => trusted(u, coefficient, e, globalNorm(p), globalNorm(u)))
    return [scaled(updates, params), state]
  }
}))

const larsFields = {
  /** c ≥ 0: what the ratio is multiplied by. Default 1e-3. */
  trustCoefficient: hyper(nonNegative, 1e-3),
  /** ε ≥ 0, added to the norms below. Default 0. */
  eps: hyper(nonNegative, 0),
  /** λ ≥ 0: the decay, in the update and in the ratio. Default 0. */
  weightDecay: hyper(nonNegative, 0),
  /** What stands below: `‖g‖ + λ·‖p‖` ("separate", the default and the paper's), or `‖g + λ·p‖` ("joint", optax). */
  ratio: choice(["separate", "joint"], "separate")
}

/** The options of LARS but for its rate and its momentum. */
export interface LarsScaling extends OptionsOf<typeof larsFields> {}

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
 * import { clockAt, scaleByLars } from "thalweg/transform"
 *
 * const params = tensor([0, 10])
 * const lars = scaleByLars({ trustCoefficient: 0.5, weightDecay: 0.5 })
 * const [updates] = lars.update(tensor([3, -4]), lars.init(params), params, clockAt(0)) // u = [3, 1]
 * assert.deepStrictEqual(toArray(updates), [1.5, 0.5]) // · 0.5·10 / (5 + 0.5·10)
 */
export const scaleByLars: Recipe<typeof larsFields, (options?: LarsScaling) => Transform<StatelessF>> = recipe(
  "scaleByLars",
  larsFields,
  {},
  ({ trustCoefficient, eps, weightDecay, ratio }) => ({
    init: () => [],
    update: (updates, state, params, { step }) => {
      const [coefficient, e, lambda] = [trustCoefficient(step), eps(step), weightDecay(step)]
      const scaled = Tree.zipWith((g: Tensor, p: Tensor) => {
        const u = add(g, times(p, lambda))
        const length = globalNorm(p)
        const below = ratio === "joint" ? globalNorm(u) : add(globalNorm(g), mul(lambda, length))
        return trusted(u, coefficient, e, length, below)
      })
      return [scaled(updates, params), state]
    }
  })
)
