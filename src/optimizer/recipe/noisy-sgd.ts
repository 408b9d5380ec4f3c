import { hyper, seedField, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addGaussianNoise, type NoiseF } from "../../transform/add-gaussian-noise.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

const fields = {
  /** What the noise is drawn from: a key, or the whole number ≥ 0 that makes one. */
  seed: seedField,
  /** η ≥ 0, in units of the parameters per unit of the gradient. */
  learningRate: hyper(nonNegative),
  /** The variance of the first noise, at least 0, in units of the squared gradient. Default 0.01. */
  eta: hyper(nonNegative, 0.01),
  /** γ ≥ 0: how fast the variance falls. Default 0.55. */
  gamma: addGaussianNoise.fields.gamma
}

/** The options of noisy descent. */
export interface NoisySgdOptions extends OptionsOf<typeof fields> {}

/**
 * Makes gradient descent with noise that fades: `p' = p - η·(g + σ·N(0, 1))` with `σ² = eta / (1 + t)^γ`, `t` from 0.
 *
 * `seed`: a key, or the number that makes one; the state carries the key on. Defaults: eta 0.01, γ 0.55.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the same seed gives the same run, exactly; eta = 0 ≡ `sgd`, exactly.
 * Source: Neelakantan et al. 2015, arXiv 1511.06807, equation 1, as in optax; the noise itself is not that of optax,
 * which splits its keys in another order.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { noisySgd } from "thalweg/optimizer"
 *
 * const params = { w: zeros([2]) }
 * const stepOf = (seed: number) => {
 *   const opt = noisySgd({ seed, learningRate: 1 })
 *   return toArray(opt.step(params, opt.init(params), params)[0].w)
 * }
 * assert.deepStrictEqual(stepOf(0), stepOf(0))
 * assert.notDeepStrictEqual(stepOf(0), stepOf(1))
 */
export const noisySgd: Recipe<
  typeof fields,
  (options: NoisySgdOptions) => Optimizer<ChainF<readonly [NoiseF, StatelessF]>>
> = recipe("noisySgd", fields, { additive: {}, blind: {} }, ({ seed, learningRate, eta, gamma }) =>
  optimizer(chain(addGaussianNoise({ seed, eta, gamma }), scaleByLearningRate(learningRate)))
)
