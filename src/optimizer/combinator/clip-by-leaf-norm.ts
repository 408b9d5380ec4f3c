import type { Hyperparameter } from "../../options/hyperparameter.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { clipLeaves, type LeafClipOptions } from "../../transform/clip-leaves.js"
import type { StatelessF } from "../../transform/transform.js"
import { onGradient, type OnGradient } from "../lift.js"
import { byGradient } from "../traits.js"

const { fields } = clipLeaves

/**
 * Shortens the gradient of each leaf to `maxNorm` where its own norm is larger: `g' = g · N / max(‖g‖, N)`, leaf by
 * leaf.
 *
 * Acts on the gradient, before the inner optimizer. Unlike `clipByNorm` it changes the direction of the whole. With
 * `measure: "rms"` the norm is the root mean square of the leaf.
 *
 * `maxNorm`: N, a finite number ≥ 0, in units of the gradient, else a `HyperparameterError`. Where the norm of a leaf is
 * NaN, all of that leaf becomes NaN; where it is infinite, its infinite elements become NaN and its others 0. Other
 * leaves do not notice.
 *
 * Laws: leaves within the norm pass unchanged, exactly; two of them clip to the smaller norm; zero stays zero; equal to
 * `clipByNorm` for one leaf (`measure: "norm"`).
 * Source: Keras's `clipnorm`; optax's `clip_by_block_rms` is `measure: "rms"`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { clipByLeafNorm, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), clipByLeafNorm(5))
 * const params = { w: tensor([0, 0]), b: tensor([0]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([6, 8]), b: tensor([1]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[-3, -4], [-1]])
 */
export const clipByLeafNorm: Recipe<
  typeof clipLeaves.fields,
  (maxNorm: Hyperparameter, options?: LeafClipOptions) => OnGradient<StatelessF>
> = combinatorOf(
  "clipByLeafNorm",
  "maxNorm",
  fields,
  { additive: {}, leafwise: {}, ...byGradient },
  ({ maxNorm, measure }) => onGradient(clipLeaves(maxNorm, { measure }))
)
