import type { OptionsOf } from "../../options/fields.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { aggregatePrivately, type PrivacyOptions, type PrivateF } from "../../transform/aggregate-privately.js"
import { onGradient, type OnGradientF } from "../lift.js"
import type { Optimizer } from "../optimizer.js"
import { sgd, type SgdF, type SgdOptions } from "./sgd.js"

const fields = { ...sgd.fields, ...aggregatePrivately.fields }

/** The options of differentially private descent. */
export interface DpSgdOptions extends SgdOptions, PrivacyOptions, OptionsOf<typeof fields> {}

/** The states of `dpSgd`: the key of the next noise (`gradient`), and that of `sgd` (`inner`). */
export type DpSgdF = OnGradientF<PrivateF, SgdF>

/**
 * Makes differentially private gradient descent: `p' = p - η·(Σᵢ gᵢ·min(1, C/‖gᵢ‖) + σ·C·N(0, I)) / n`, of the gradients of
 * the `n` examples of a batch, norms over all leaves; with `momentum`, as `sgd`.
 *
 * It is `pipe(sgd(…), withDifferentialPrivacy({ maxNorm, noiseMultiplier, seed }))`; what that promises and what not is said
 * there, and what becomes of weights of examples. Needs the gradient of each example, `step(params, state, grads, { exampleGradients })`, along a leading axis of every
 * leaf; `trainStep` and `fit` hand over those of the batch. Looks across all leaves. Throws a `HyperparameterError` for options
 * out of range.
 *
 * Laws: without noise, another example in the place of one changes the sum over examples by 2C at most; with a large C and
 * without noise, `sgd` on the mean of the gradients; the same seed gives the same run, exactly.
 * Source: Abadi et al. 2016, arXiv 1607.00133, Algorithm 1, which divides by the size that a batch is expected to have; we
 * divide by that which it has. As optax's `contrib.dpsgd`, with the same draws.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { dpSgd } from "thalweg/optimizer"
 *
 * const opt = dpSgd({ learningRate: 1, maxNorm: 5, noiseMultiplier: 0, seed: 0 })
 * const params = { w: zeros([2]) }
 * const exampleGradients = { w: tensor([[30, 40], [1, 2]]) } // of norms 50 and √5
 * const [{ w }] = opt.step(params, opt.init(params), params, { exampleGradients })
 * assert.deepStrictEqual(toArray(w), [-2, -3]) // by the mean of (3, 4) and (1, 2)
 */
export const dpSgd: Recipe<typeof fields, (options: DpSgdOptions) => Optimizer<DpSgdF>> = recipe(
  "dpSgd",
  fields,
  { additive: {}, blind: {}, odd: { noiseMultiplier: 0 }, still: { noiseMultiplier: 0 } },
  ({ maxNorm, noiseMultiplier, seed, ...descent }) =>
    onGradient(aggregatePrivately({ maxNorm, noiseMultiplier, seed }))(sgd(descent))
)
