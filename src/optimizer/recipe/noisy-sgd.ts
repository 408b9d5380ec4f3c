import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import { addGaussianNoise, noiseFields, type NoiseF } from "../../transform/add-gaussian-noise.js"
import type { CountF } from "../../transform/common.js"
import { learningRateField, scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/** The options of noisy descent. */
export interface NoisySgdOptions {
  /** η ≥ 0, in units of the parameters per unit of the gradient. */
  readonly learningRate: Hyperparameter
  /** The variance of the first noise, at least 0, in units of the squared gradient. Default 0.01. */
  readonly eta?: Hyperparameter
  /** γ ≥ 0: how fast the variance falls. Default 0.55. */
  readonly gamma?: Hyperparameter
}

/** What the options of noisy descent may be. */
export const noisySgdFields: Fields<NoisySgdOptions> = {
  learningRate: learningRateField,
  eta: hyper(nonNegative, 0.01),
  gamma: noiseFields.gamma
}

/**
 * Makes gradient descent with noise that fades: `p' = p - η·(g + σ·N(0, 1))` with `σ² = eta / (1 + t)^γ`, `t` from 0.
 *
 * `key`: where the noise begins; the state carries it on. Defaults: eta 0.01, γ 0.55.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the same key gives the same run, exactly; eta = 0 ≡ `sgd`, exactly.
 * Source: Neelakantan et al. 2015, arXiv 1511.06807, equation 1, as in optax; the noise itself is not that of optax,
 * which splits its keys in another order.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { noisySgd } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 *
 * const params = { w: zeros([2]) }
 * const stepOf = (seed: number) => {
 *   const opt = noisySgd(key(seed), { learningRate: 1 })
 *   return toArray(opt.step(params, opt.init(params), params)[0].w)
 * }
 * assert.deepStrictEqual(stepOf(0), stepOf(0))
 * assert.notDeepStrictEqual(stepOf(0), stepOf(1))
 */
export const noisySgd = (key: Tensor, options: NoisySgdOptions): Optimizer<ChainF<readonly [NoiseF, CountF]>> => {
  const { learningRate, eta, gamma } = resolve("noisySgd", noisySgdFields, options)
  return optimizer(chain(addGaussianNoise(key, { eta, gamma }), scaleByLearningRate(learningRate)))
}
