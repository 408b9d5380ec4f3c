import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { addGaussianNoise, type NoiseF, type NoiseOptions } from "../../transform/add-gaussian-noise.js"
import { onGradient, type OnGradient } from "../lift.js"

const { fields } = addGaussianNoise

/**
 * Adds Gaussian noise that fades to the gradient: `g' = g + σ·N(0, 1)` with `σ² = η / (1 + t)^γ`, `t` from 0.
 *
 * Acts on the gradient, before the inner optimizer. `seed`: where the noise begins, a key or the number that makes one;
 * `init` puts the key into the state, each step splits it, so that a run replays bit for bit.
 *
 * `eta`: η ≥ 0, the variance at first, in units of the squared gradient. `gamma`: γ ≥ 0 (default 0.55). Others are a
 * `HyperparameterError`. A non-finite gradient stays so.
 *
 * Laws: the same seed gives the same run, exactly; η = 0 changes nothing.
 * Source: Neelakantan et al. 2015, arXiv 1511.06807, equation 1 (η of 0.01, 0.3 or 1, γ 0.55).
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, toArray, zeros } from "thalweg"
 * import { addNoise, sgd } from "thalweg/optimizer"
 *
 * const walk = (seed: number) => {
 *   const opt = pipe(sgd({ learningRate: 1 }), addNoise({ seed, eta: 0.01 }))
 *   const params = zeros([2])
 *   return toArray(opt.step(params, opt.init(params), params)[0])
 * }
 * assert.deepStrictEqual(walk(0), walk(0))
 * assert.notDeepStrictEqual(walk(0), walk(1))
 */
export const addNoise: Recipe<typeof addGaussianNoise.fields, (options: NoiseOptions) => OnGradient<NoiseF>> =
  combinator("addNoise", fields, { additive: {}, blind: {} }, options => onGradient(addGaussianNoise(options)))
