import { hyper, type OptionsOf } from "../../options/fields.js"
import { decay, nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { applyMomentum, type VelocityF } from "../../transform/apply-momentum.js"
import { scaleBySign } from "../../transform/scale-by-sign.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { preserving } from "../traits.js"

const signSgdFields = {
  /** η ≥ 0, in units of the parameters: the length of a step in every coordinate. Default 1e-4. */
  learningRate: hyper(nonNegative, 1e-4)
}

/** The options of sign descent. */
export interface SignSgdOptions extends OptionsOf<typeof signSgdFields> {}

/**
 * Makes sign descent: `p' = p - η·sign(g)`, where `sign(0) = 0`.
 *
 * It keeps no state. Default: η 1e-4. Throws a `HyperparameterError` for a rate out of range.
 *
 * Laws: does not see the scale of the gradients; every step is η long in every coordinate (g ≠ 0); odd; elementwise;
 * equal to `adam({ b1: 0, b2: 0, eps: 0 })`.
 * Source: Bernstein et al. 2018, arXiv 1802.04434, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { signSgd } from "thalweg/optimizer"
 *
 * const opt = signSgd({ learningRate: 0.5 })
 * const params = { w: tensor([1, 1, 1]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([100, -0.01, 0]) })
 * assert.deepStrictEqual(toArray(w), [0.5, 1.5, 1])
 */
export const signSgd: Recipe<
  typeof signSgdFields,
  (options?: SignSgdOptions) => Optimizer<ChainF<readonly [StatelessF, StatelessF]>>
> = recipe("signSgd", signSgdFields, preserving, ({ learningRate }) =>
  optimizer(chain(scaleBySign, scaleByLearningRate(learningRate)))
)

const signumFields = {
  ...signSgdFields,
  /** β: decay of the average of gradients, `0 ≤ β < 1`. Default 0.9. */
  b1: hyper(decay, 0.9)
}

/** The options of Signum. */
export interface SignumOptions extends OptionsOf<typeof signumFields> {}

/** The states of `signum`: the average of gradients, and nothing for the signs and the rate. */
export type SignumF = ChainF<readonly [VelocityF, StatelessF, StatelessF]>

/**
 * Makes Signum, sign descent with momentum: `m = β·m + (1-β)·g`, `p' = p - η·sign(m)`.
 *
 * The state holds one average for every parameter. Defaults: η 1e-4, β 0.9. Throws a `HyperparameterError` for options
 * out of range.
 *
 * Laws: β = 0 ≡ `signSgd`, exactly; does not see the scale of the gradients; odd; elementwise.
 * Source: Bernstein et al. 2018, arXiv 1802.04434, Algorithm 2.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { signum } from "thalweg/optimizer"
 *
 * const opt = signum({ learningRate: 0.5, b1: 0.5 })
 * const p0 = { w: tensor([1]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([8]) }) // m = 4
 * const [p2] = opt.step(p1, s1, { w: tensor([-2]) }) // m = 1, against the gradient
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[0.5], [0]])
 */
export const signum: Recipe<typeof signumFields, (options?: SignumOptions) => Optimizer<SignumF>> = recipe(
  "signum",
  signumFields,
  preserving,
  ({ learningRate, b1 }) =>
    optimizer(chain(applyMomentum({ decay: b1, dampening: b1 }), scaleBySign, scaleByLearningRate(learningRate)))
)
