import { flag, hyper, type OptionsOf } from "../../options/fields.js"
import { decay, nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { applyMomentum, type VelocityF } from "../../transform/apply-momentum.js"
import { scaleByLars, type LarsScaling } from "../../transform/scale-by-trust-ratio.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"

const fields = {
  /** η ≥ 0, without a unit. */
  learningRate: hyper(nonNegative),
  /** μ: how much of the velocity is kept, `0 ≤ μ < 1`. Default 0.9. */
  momentum: hyper(decay, 0.9),
  /** Whether to look one step ahead. Default no. */
  nesterov: flag(false),
  ...scaleByLars.fields
}

/** The options of LARS. */
export interface LarsOptions extends LarsScaling, OptionsOf<typeof fields> {}

/** The states of `lars`: nothing for the ratio and the rate, and the velocity. */
export type LarsF = ChainF<readonly [StatelessF, StatelessF, VelocityF]>

/**
 * Makes LARS, momentum with a rate for each leaf: `u = g + λ·p`, `v = μ·v + η·r·u` with
 * `r = c·‖p‖ / (‖g‖ + λ·‖p‖ + ε)`, `p' = p - v` (`p - (η·r·u + μ·v)` with `nesterov`); `r = 1` where `‖p‖` or what
 * stands below is 0.
 *
 * Looks across each leaf: reshaping or splitting one changes the run. The state holds a velocity for every parameter.
 * Defaults: μ 0.9, c 1e-3, λ 0, ε 0, ratio "separate". Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients of any leaf (λ = ε = 0, p ≠ 0); depends on the parameters; odd in the
 * gradients (λ = 0); not elementwise.
 * Source: You, Gitman & Ginsburg 2017, arXiv 1708.03888, Algorithm 1. optax divides by `‖g + λ·p‖`: `ratio: "joint"`.
 * Biases and scales, which the authors leave out, are `partition`'s to choose.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { lars } from "thalweg/optimizer"
 *
 * const opt = lars({ learningRate: 1, trustCoefficient: 0.5 })
 * const params = { w: tensor([6, 8]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([0, 1000]) })
 * assert.deepStrictEqual(toArray(w), [6, 3]) // by half the length of w, whatever that of the gradient
 */
export const lars: Recipe<typeof fields, (options: LarsOptions) => Optimizer<LarsF>> = recipe(
  "lars",
  fields,
  { additive: {}, leafwise: {}, odd: { weightDecay: 0 }, still: { weightDecay: 0 } },
  ({ learningRate, momentum, nesterov, ...scaling }) =>
    byDepth(
      optimizer(
        chain(scaleByLars(scaling), scaleByLearningRate(learningRate), applyMomentum({ decay: momentum, nesterov }))
      )
    )
)
