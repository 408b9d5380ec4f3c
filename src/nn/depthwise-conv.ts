import { fixed } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import type { AffineOf, AffineOptions, Bias } from "./affine.js"
import type { Initializer } from "./initializer.js"
import { convolving, slidingFields } from "./convolution.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** How many outputs each channel has, a whole number from 1. Default 1. */
  multiplier: fixed(positiveInteger, 1),
  ...slidingFields
}

/** How a window goes over each channel, and how its parameters are drawn. */
export interface DepthwiseConvOptions<B extends Bias = Bias> extends AffineOptions<
  typeof slidingFields & typeof fields,
  B
> {}

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(options: DepthwiseConvOptions<B>) => Layer<AffineOf<B>>

/**
 * Makes a layer that convolves each channel of images with kernels of its own: `y[p, c·multiplier + m] = Σₖ x[p·strides +
 * k·dilation, c] · kernel[k, 0, c·multiplier + m] + bias[c·multiplier + m]`.
 *
 * Shapes: `[batch, height, width, channels] → [batch, …places, channels·multiplier]`; kernel `[…window, 1,
 * channels·multiplier]`, bias `[channels·multiplier]`. `multiplier`: a whole number from 1 (default 1). Places, other options and
 * errors: as of `conv2d`, of which this is the one with as many groups as channels.
 *
 * Initializers see `fanIn = |window|`, what goes into one output, as in PyTorch; Keras, whose kernel is `[…window, channels,
 * multiplier]`, counts `channels` times that, and draws kernels that are too small.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { depthwiseConv2d } from "thalweg/nn"
 *
 * const layer = depthwiseConv2d({ window: [1, 2], bias: false }) // sums of one channel, differences of the other
 * const kernel = tensor([[[[1, -1]], [[1, 1]]]])
 * const [y] = layer.apply({ kernel }, [], tensor([[[[1, 1], [2, 10], [3, 100]]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[[3, 9], [5, 90]]]])
 */
export const depthwiseConv2d: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "depthwiseConv2d",
  fields,
  ({ multiplier, ...sliding }) =>
    convolving("depthwiseConv2d", 2, sliding, inputs => ({ outputs: inputs * multiplier, groups: inputs }))
)
