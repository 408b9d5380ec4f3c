import { add, div, mul, pow } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { hyper, seedField, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { key as keyFrom, normal, split } from "../random/index.js"
import { Tree } from "../tree/index.js"
import { castLike, next } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** The key of the next noise. */
export type NoiseState = { readonly key: Tensor }

/** The key of the next noise, whatever the parameters. */
export interface NoiseF extends StateFamily {
  readonly type: NoiseState
}

const fields = {
  /** What the noise is drawn from: a key, or the whole number ≥ 0 that makes one. */
  seed: seedField,
  /** η ≥ 0: the variance of the first noise, in units of the squared updates. */
  eta: hyper(nonNegative),
  /** γ ≥ 0: how fast the variance falls. Default 0.55, the paper's. */
  gamma: hyper(nonNegative, 0.55)
}

/** How much noise is added, and what it is drawn from. */
export interface NoiseOptions extends OptionsOf<typeof fields> {}

/** A key as it is, or that of a number. */
export const keyOf = (seed: number | Tensor): Tensor => (typeof seed === "number" ? keyFrom(seed) : seed)

/** Adds noise of a standard deviation, by one part of a key for each leaf; the first is that of the next noise. */
export const withNoise = <P extends Tree>(tree: P, key: Tensor, sigma: Tensor): readonly [noisy: P, key: Tensor] => {
  const { leaves, structure } = Tree.flatten(tree)
  const [later, ...keys] = split(key, leaves.length + 1) as readonly [Tensor, ...Tensor[]]
  const noisy = Tree.zipWith((u: Tensor, own: Tensor) =>
    add(u, mul(normal(own, u.shape, { dtype: u.dtype as "f32" | "f64" }), castLike(sigma, u)))
  )
  return [noisy(tree, Tree.unflatten<P>(structure)(keys)), later]
}

/**
 * Adds Gaussian noise that fades: `u' = u + σ·N(0, 1)` with `σ² = η / (1 + t)^γ`, `t` from 0.
 *
 * `seed`: a key, or the number that makes one; `init` puts it into the state, each update splits it, in one part for
 * each leaf and one for the next update. The noise of a leaf is drawn in its dtype.
 * Throws a `HyperparameterError` for numbers out of range.
 *
 * Laws: the same seed gives the same noise, exactly; η = 0 changes nothing.
 * Source: Neelakantan et al. 2015, arXiv 1511.06807, equation 1 (η of 0.01, 0.3 or 1, γ 0.55).
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { addGaussianNoise, clockAt } from "thalweg/transform"
 *
 * const u = zeros([2])
 * const noise = addGaussianNoise({ seed: 0, eta: 0.01 })
 * const [once, state] = noise.update(u, noise.init(u), u, clockAt(0))
 * assert.deepStrictEqual(toArray(noise.update(u, noise.init(u), u, clockAt(0))[0]), toArray(once))
 * assert.notDeepStrictEqual(toArray(noise.update(u, state, u, clockAt(1))[0]), toArray(once))
 */
export const addGaussianNoise: Recipe<typeof fields, (options: NoiseOptions) => Transform<NoiseF>> = recipe(
  "addGaussianNoise",
  fields,
  {},
  ({ seed, eta, gamma }) => ({
    init: () => ({ key: keyOf(seed) }),
    update: (updates, { key }, _, { step }) => {
      const sigma = sqrt(div(eta(step), pow(next(step), gamma(step))))
      const [noisy, later] = withNoise(updates, key, sigma)
      return [noisy, { key: later }]
    }
  })
)
