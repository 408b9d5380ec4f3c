import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { centralize, type CentralizeOptions } from "../../transform/centralize.js"
import type { StatelessF } from "../../transform/transform.js"
import { onGradient, type OnGradient } from "../lift.js"
import { byGradient } from "../traits.js"

const { fields } = centralize

/**
 * Takes the mean off the gradient of each unit: `g' = g - mean(g)`, unit by unit, for leaves of rank 2 and more.
 *
 * Acts on the gradient, before the inner optimizer. A unit is a neuron: a slice along the last axis of a kernel
 * (`units: "first"`: along the first). With plain descent, the mean of the weights of each unit never changes.
 * Throws a `HyperparameterError` for options that are none. A non-finite element makes its unit NaN.
 *
 * Laws: two of them are one, to rounding; zero stays zero.
 * Source: Yong et al. 2020, arXiv 2004.01461, equation 1: the mean over what enters one output. optax takes off the mean
 * over all axes but the first, which for kernels `[in, out]` is over what leaves one input: `{ units: "first" }`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray, zeros } from "thalweg"
 * import { centralizeGradients, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), centralizeGradients())
 * const kernel = zeros([2, 2])
 * const [moved] = opt.step(kernel, opt.init(kernel), tensor([[1, 10], [3, 30]]))
 * assert.deepStrictEqual(toArray(moved), [[1, 10], [-1, -10]])
 */
export const centralizeGradients: Recipe<
  typeof centralize.fields,
  (options?: CentralizeOptions) => OnGradient<StatelessF>
> = combinator("centralizeGradients", fields, { additive: {}, leafwise: {}, ...byGradient }, options =>
  onGradient(centralize(options))
)
