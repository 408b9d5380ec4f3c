import type { Tensor } from "../dataflow/primitive.js"
import { fixed } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import type { AffineOf, AffineOptions, Bias, Kernel } from "./affine.js"
import type { Initializer } from "./initializer.js"
import { connect } from "./connect.js"
import { conv2d } from "./conv.js"
import { slidingFields } from "./convolution.js"
import { depthwiseConv2d } from "./depthwise-conv.js"
import type { Layer, None } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** How many channels come out, a whole number from 1. */
  outputs: fixed(positiveInteger),
  /** How many intermediate channels each channel has, a whole number from 1. Default 1. */
  multiplier: fixed(positiveInteger, 1),
  ...slidingFields
}

/** How many outputs a separable convolution has, how its window goes over each channel, and how parameters are drawn. */
export interface SeparableConvOptions<B extends Bias = Bias> extends AffineOptions<
  typeof slidingFields & typeof fields,
  B
> {}

/** The kernel within channels, and what mixes them. */
type Separable<A> = { readonly depthwise: Kernel; readonly pointwise: A }

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(
  options: SeparableConvOptions<B>
) => Layer<Separable<AffineOf<B>>, { readonly depthwise: None; readonly pointwise: None }>

/**
 * Makes a layer that convolves each channel of images by itself and then mixes channels place by place: `depthwiseConv2d`
 * without a bias, then `conv2d` of window 1.
 *
 * Shapes: `[batch, height, width, channels] → [batch, …places, outputs]`; `depthwise/kernel` `[…window, 1,
 * channels·multiplier]`, `pointwise/kernel` `[1, 1, channels·multiplier, outputs]`, `pointwise/bias` `[outputs]`. Both kernels
 * are drawn in the same way. Options and errors: as of `depthwiseConv2d` and `conv2d`.
 *
 * Law: it is a full convolution whose kernel is the product of the two.
 * Source: Chollet 2017, "Xception: deep learning with depthwise separable convolutions". As there and in Keras, nothing is
 * between the two.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 * import { separableConv2d } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = separableConv2d({ outputs: 64, window: 3, padding: "same" })
 * const { params } = layer.init(key(0), zeros([1, 8, 8, 32]))
 * assert.deepStrictEqual(Tree.paths(params), ["depthwise/kernel", "pointwise/bias", "pointwise/kernel"])
 * assert.deepStrictEqual(params.depthwise.kernel.shape, [3, 3, 1, 32]) // 288 + 2048 weights; a full kernel has 18432
 */
export const separableConv2d: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "separableConv2d",
  fields,
  ({ outputs, bias, kernel, ...sliding }) => {
    const parts = {
      depthwise: depthwiseConv2d({ ...sliding, kernel, bias: false }),
      pointwise: conv2d({ outputs, window: 1, kernel, bias })
    }
    return connect("separableConv2d", parts, ({ depthwise, pointwise }, x: Tensor) => pointwise(depthwise(x)))
  }
)
