import { recipe, type Recipe } from "../../options/recipe.js"
import {
  stepByDog,
  stepByDowg,
  type DistanceF,
  type DogOptions,
  type DowgOptions
} from "../../transform/step-by-distance.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/**
 * Makes DoG, descent whose rate is the distance over the gradients: `r = max(r, ‖p - p₀‖)`, `G = G + ‖g‖²`,
 * `p' = p - c·r/√(G + ε)·g`, norms over all leaves.
 *
 * `r` starts at `value·(1 + ‖p₀‖)`, or at `value` ("distance"), or at 0, and then the first rate is `c·value` ("rate").
 * Looks across all leaves. The state holds the parameters at first. Its `rate` is that of the last step, at first 0.
 * Defaults: c 1, initStep "relative", initValue 1e-6, ε 1e-8. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0; not "rate"); odd around p₀ in the gradients; does not see how
 * the parameters are divided into leaves.
 * Source: Ivgi, Hinder & Carmon 2023, arXiv 2302.12022; ε as in the authors' code. The authors deploy an
 * average of the iterates: `withPolyakAverage`. optax's decay is coupled: `withL2`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { dog } from "thalweg/optimizer"
 *
 * const opt = dog({ initStep: "distance", initValue: 5, eps: 0 })
 * const params = { w: tensor([1]), b: tensor([1]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([30]), b: tensor([-40]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[-2], [5]]) // a step of length 5
 */
export const dog: Recipe<typeof stepByDog.fields, (options?: DogOptions) => Optimizer<DistanceF>> = recipe(
  "dog",
  stepByDog.fields,
  { additive: {}, odd: {}, still: {}, scaleFree: { initStep: "relative", eps: 0 } },
  options => optimizer(stepByDog(options))
)

/**
 * Makes DoWG, descent whose rate is the distance over gradients weighted by it: `r = max(r, ‖p - p₀‖)`,
 * `v = v + r²·‖g‖²`, `p' = p - c·r²/(√v + ε)·g`, norms over all leaves.
 *
 * Looks across all leaves. The state holds the parameters at first. Its `rate` is that of the last step, at first 0.
 * Defaults: c 1, r₀² 1e-4, ε 1e-4, optax's. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0); odd around p₀ in the gradients; does not see how the parameters
 * are divided into leaves.
 * Source: Khaled, Mishchenko & Jin 2023, arXiv 2305.16284, Algorithm 1, which has no ε. optax's decay is coupled:
 * `withL2`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { dowg } from "thalweg/optimizer"
 *
 * const opt = dowg({ initEstimSqDist: 25, eps: 0 })
 * const params = { w: tensor([1]), b: tensor([1]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([30]), b: tensor([-40]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[-2], [5]]) // a step of length 5
 */
export const dowg: Recipe<typeof stepByDowg.fields, (options?: DowgOptions) => Optimizer<DistanceF>> = recipe(
  "dowg",
  stepByDowg.fields,
  { additive: {}, odd: {}, still: {}, scaleFree: { eps: 0 } },
  options => optimizer(stepByDowg(options))
)
