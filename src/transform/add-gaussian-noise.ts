import { add, div, mul, pow } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { normal, split } from "../random/index.js"
import { hyper, resolve, type Fields } from "../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** How much noise is added. */
export interface NoiseOptions {
  /** η ≥ 0: the variance of the first noise, in units of the squared updates. */
  readonly eta: Hyperparameter
  /** γ ≥ 0: how fast the variance falls. Default 0.55, the paper's. */
  readonly gamma?: Hyperparameter
}

/** The key of the next noise, after `count` updates. */
export type NoiseState = { readonly count: Tensor; readonly key: Tensor }

/** The key of the next noise, whatever the parameters. */
export interface NoiseF extends StateFamily {
  readonly type: NoiseState
}

/** What the options of noise may be. */
export const noiseFields: Fields<NoiseOptions> = { eta: hyper(nonNegative), gamma: hyper(nonNegative, 0.55) }

/**
 * Adds Gaussian noise that fades: `u' = u + σ·N(0, 1)` with `σ² = η / (1 + t)^γ`, `t` from 0.
 *
 * `key`: where the noise begins; `init` puts it into the state, each update splits it, in one part for each leaf and
 * one for the next update. The noise of a leaf is drawn in its dtype.
 * Throws a `HyperparameterError` for numbers out of range.
 *
 * Laws: the same key gives the same noise, exactly; η = 0 changes nothing.
 * Source: Neelakantan et al. 2015, arXiv 1511.06807, equation 1 (η of 0.01, 0.3 or 1, γ 0.55).
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { key } from "thalweg/random"
 * import { addGaussianNoise } from "thalweg/transform"
 *
 * const u = zeros([2])
 * const noise = addGaussianNoise(key(0), { eta: 0.01 })
 * const [once, state] = noise.update(u, noise.init(u), u)
 * assert.deepStrictEqual(toArray(noise.update(u, noise.init(u), u)[0]), toArray(once))
 * assert.notDeepStrictEqual(toArray(noise.update(u, state, u)[0]), toArray(once))
 */
export const addGaussianNoise = (key: Tensor, options: NoiseOptions): Transform<NoiseF> => {
  const { eta, gamma } = resolve("addGaussianNoise", noiseFields, options)
  return {
    init: () => ({ count: zeroCount, key }),
    update: (updates, { count, key: now }) => {
      const sigma = sqrt(div(eta(count), pow(cast(next(count), "f64"), gamma(count))))
      const { leaves, structure } = Tree.flatten(updates)
      const [later, ...keys] = split(now, leaves.length + 1) as readonly [Tensor, ...Tensor[]]
      const noisy = Tree.zipWith((u: Tensor, own: Tensor) =>
        add(u, mul(normal(own, u.shape, { dtype: u.dtype as "f32" | "f64" }), like(sigma, u)))
      )
      const ownKeys = Tree.unflatten<typeof updates>(structure)(keys)
      return [noisy(updates, ownKeys), { count: next(count), key: later }]
    }
  }
}
