import { describeList } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Padding } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { flip } from "../dataflow/structure.js"
import { conv } from "../dataflow/window.js"
import { perAxis } from "../options/fields.js"
import { natural } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import type { AffineOf, AffineOptions, Bias } from "./affine.js"
import type { Initializer } from "./initializer.js"
import { convolutionFields, convolving, inGroups, type Convolve, type Convolving } from "./convolution.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { forAxes } from "./spatial.js"

const fields = {
  ...convolutionFields,
  /** How many places are added at the end, for each spatial axis, below the stride or the dilation. Default 0. */
  outputPadding: perAxis(natural, 0)
}

/** How many outputs a transposed convolution has, how its window goes over them, and how its parameters are drawn. */
export interface ConvTransposeOptions<B extends Bias = Bias> extends AffineOptions<
  typeof convolutionFields & typeof fields,
  B
> {}

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(options: ConvTransposeOptions<B>) => Layer<AffineOf<B>>

/** What an axis of the output loses at its ends, where the convolution that is transposed has padding. */
const cropOf = ({ padding }: Convolving, axis: number, reach: number, stride: number): Padding => {
  const [low, high] = typeof padding === "string" ? [0, 0] : (padding[axis] ?? [0, 0])
  const over = padding === "same" ? Math.max(0, reach - stride) : 0
  const short = typeof padding === "string" ? Math.max(0, stride - reach) : 0
  return [low + Math.floor(over / 2), high + Math.ceil(over / 2) - short]
}

/** Spreads the inputs apart and goes over them with the flipped kernel. */
const transposed =
  (outputPadding: readonly number[]): Convolve =>
  (x, kernel, options) => {
    const { window, strides, dilation, groups } = options
    const padding = window.map((size, axis): Padding => {
      const most = (size - 1) * (dilation[axis] ?? 1)
      const [low, high] = cropOf(options, axis, most + 1, strides[axis] ?? 1)
      return [most - low, most - high + (outputPadding[axis] ?? 0)]
    })
    return conv(x, flip(kernel, range(window.length)), { padding, inputDilation: strides, dilation, groups })
  }

const over = (title: string, rank: number): Recipe<typeof fields, Call> =>
  layerRecipe(title, fields, options => {
    const each = (name: "outputPadding" | "strides" | "dilation") => forAxes(title, name, options[name], rank)
    const [extra, strides, dilation] = [each("outputPadding"), each("strides"), each("dilation")]
    if (extra.some((n, axis) => n >= Math.max(strides[axis] ?? 1, dilation[axis] ?? 1)))
      fail("HyperparameterError", title, "outputPadding to be below the stride or the dilation", describeList(extra))
    return convolving(title, rank, options, inGroups(title, options), transposed(extra))
  })

/**
 * Makes a layer that applies the transpose of a convolution of sequences, which makes them longer: each input adds its
 * multiple of the kernel to the outputs, `y[t·stride + k·dilation, o] += x[t, c] · kernel[k, c, o]`, and the bias.
 *
 * Shapes: `[batch, length, channels] → [batch, places, outputs]`; kernel `[window, channels / groups, outputs]`, bias
 * `[outputs]`. Places, options, initializers and errors: as of `convTranspose2d`, of one spatial axis.
 *
 * Law: without a bias it is the adjoint of `conv1d` whose kernel has inputs and outputs swapped.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { convTranspose1d } from "thalweg/nn"
 *
 * const layer = convTranspose1d({ outputs: 1, window: 3, strides: 2, bias: false })
 * const kernel = tensor([[[1]], [[10]], [[100]]])
 * const [y] = layer.apply({ kernel }, [], tensor([[[1], [2]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[1], [10], [102], [20], [200]]])
 */
export const convTranspose1d: Recipe<typeof fields, Call> = /* @__PURE__ */ over("convTranspose1d", 1)

/**
 * Makes a layer that applies the transpose of a convolution of images, which makes them larger: each input adds its multiple
 * of the kernel to the outputs, `y[p·strides + k·dilation, o] += x[p, c] · kernel[k, c, o]`, and the bias.
 *
 * Shapes: `[batch, height, width, channels] → [batch, …places, outputs]`; kernel `[…window, channels / groups, outputs]`, bias
 * `[outputs]`. Padding is that of the convolution which is transposed, so that it takes places away: an axis of `size` becomes
 * `(size - 1)·stride + (window - 1)·dilation + 1 - low - high + outputPadding`, as in PyTorch. With `"same"` it becomes
 * `size·stride + outputPadding`; with `"valid"` the window, where it is longer than the stride, adds what it reaches beyond, as in
 * Keras and Flax.
 *
 * Options: as of `conv2d`; `outputPadding`: whole numbers from 0, below the stride or the dilation. Errors: as of `conv2d`; a
 * `ShapeError` where padding takes all places away, or there are none.
 *
 * Initializers see `fanIn = channels / groups · |window|`, `fanOut = outputs · |window|`, as they are where strides are 1; with
 * others, an output gets 1 / |strides| of that. PyTorch and Keras count the two the other way round.
 *
 * Law: without a bias it is the adjoint of the convolution whose kernel has inputs and outputs swapped. We deviate from
 * PyTorch, whose kernel is `[channels, outputs / groups, …window]`, and from Keras, whose is `[…window, outputs, channels]`.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { convTranspose2d } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const images = zeros([1, 7, 7, 8])
 * const layer = convTranspose2d({ outputs: 4, window: 3, strides: 2, padding: "same" })
 * const { params } = layer.init(key(0), images)
 * assert.deepStrictEqual(params.kernel.shape, [3, 3, 8, 4])
 * assert.deepStrictEqual(layer.apply(params, [], images, { training: false })[0].shape, [1, 14, 14, 4])
 */
export const convTranspose2d: Recipe<typeof fields, Call> = /* @__PURE__ */ over("convTranspose2d", 2)
