import type { OptionsOf } from "../../options/fields.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { aggregatePrivately, type PrivacyOptions, type PrivateF } from "../../transform/aggregate-privately.js"
import { onGradient, type OnGradientF } from "../lift.js"
import type { Optimizer } from "../optimizer.js"
import { sgd, type SgdF, type SgdOptions } from "./sgd.js"

const { maxNorm, noiseMultiplier, seed } = aggregatePrivately.fields

const fields = {
  ...sgd.fields,
  maxNorm,
  noiseMultiplier,
  seed
}

/** The options of differentially private descent. */
export interface DpSgdOptions extends SgdOptions, PrivacyOptions, OptionsOf<typeof fields> {}

/** The states of `dpSgd`: the key of the next noise (`gradient`), and that of `sgd` (`inner`). */
export type DpSgdF = OnGradientF<PrivateF, SgdF>

/**
 * Makes gradient descent whose steps are differentially private: `p' = p - η·(Σᵢ gᵢ·min(1, C/‖gᵢ‖) + σ·C·N(0, I)) / n`, of the gradients of
 * the `n` examples of a batch, norms over all leaves; with `momentum`, as `sgd`.
 *
 * This is `pipe(sgd(…), withDifferentialPrivacy({ maxNorm, noiseMultiplier, seed }))`, where it is said what this promises and what not: (ε, δ)
 * come of an accountant elsewhere, for the way in which batches are sampled; losses and norms that are reported are not private; whoever has the seed or a state can
 * take the noise away. Needs the gradient of each example, `step(params, state, grads, { exampleGradients })`; `trainStep` and
 * `fit` hand over those of the batch. Looks across all leaves. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: those of `withDifferentialPrivacy`; with a large C and without noise it is `sgd` on the mean of the examples' gradients.
 * Source: Abadi et al. 2016, arXiv 1607.00133, Algorithm 1, which divides by the size that is expected of a batch; as optax's `contrib.dpsgd`, whose noise is drawn
 * otherwise.
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
  (_, { maxNorm, noiseMultiplier, seed, ...descent }) =>
    onGradient(aggregatePrivately({ maxNorm, noiseMultiplier, seed }))(sgd(descent))
)
