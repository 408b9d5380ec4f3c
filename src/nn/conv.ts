import type { Recipe } from "../options/recipe.js"
import type { AffineOf, AffineOptions, Bias } from "./affine.js"
import type { Initializer } from "./initializer.js"
import { convolutionFields, convolving, inGroups } from "./convolution.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

/** How many outputs a convolution has, how its window goes over the inputs, and how its parameters are drawn. */
export interface ConvOptions<B extends Bias = Bias> extends AffineOptions<typeof convolutionFields, B> {}

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(options: ConvOptions<B>) => Layer<AffineOf<B>>

const over = (title: string, rank: number): Recipe<typeof convolutionFields, Call> =>
  layerRecipe(title, convolutionFields, options => convolving(title, rank, options, inGroups(title, options)))

/**
 * Makes a layer that convolves sequences: `y[t, o] = Σₖ Σ_c x[t·stride + k·dilation, c] · kernel[k, c, o] + bias[o]`. The
 * kernel is not flipped, as everywhere in deep learning.
 *
 * Shapes: `[batch, length, channels] → [batch, places, outputs]`; kernel `[window, channels / groups, outputs]`, bias
 * `[outputs]`, in the dtype of the input. Places, options, initializers and errors: as of `conv2d`, of one spatial axis.
 *
 * Law: it is `conv2d` of inputs of height 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { conv1d } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const steps = conv1d({ outputs: 1, window: 2 })
 * const edge = { kernel: tensor([[[-1]], [[1]]]), bias: tensor([10]) }
 * const [y] = steps.apply(edge, [], tensor([[[0], [0], [1], [1]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[10], [11], [10]]])
 *
 * const wide = conv1d({ outputs: 8, window: 3, padding: "same", dilation: 4, bias: false })
 * assert.deepStrictEqual(wide.init(key(0), zeros([1, 100, 4])).params.kernel.shape, [3, 4, 8])
 */
export const conv1d: Recipe<typeof convolutionFields, Call> = /* @__PURE__ */ over("conv1d", 1)

/**
 * Makes a layer that convolves images: `y[p, o] = Σₖ Σ_c x[p·strides + k·dilation, c] · kernel[k, c, o] + bias[o]`, where `p`
 * and `k` go over two axes. The kernel is not flipped, as everywhere in deep learning.
 *
 * Shapes: `[batch, height, width, channels] → [batch, …places, outputs]`; kernel `[…window, channels / groups, outputs]`, bias
 * `[outputs]`, in the dtype of the input. An axis of `size` with `low` and `high` padded has `⌊(size + low + high - (window -
 * 1)·dilation - 1) / stride⌋ + 1` places; `"same"` pads so that there are `⌈size / stride⌉`, an odd one at the end.
 *
 * `outputs`, `window`, `strides`, `dilation`, `groups`: whole numbers from 1, window, strides and dilation for all axes or for
 * each; groups divide the channels and the outputs. Others are a `HyperparameterError`. Throws a `ShapeError` for inputs of
 * another rank or number of channels, or in which there is no place for the window, and a `DTypeError` for inputs that are
 * neither `f32` nor `f64`.
 *
 * Kernels are drawn by `heNormal`, biases are 0, if nothing else is said. Initializers see `fanIn = channels / groups ·
 * |window|`, what goes into one output, and `fanOut = outputs · |window|`, which counts the outputs of all groups: as in
 * PyTorch, and in Keras.
 *
 * Law: equivariant under shifts, but at the borders. Without a bias it is linear in the input. We deviate from PyTorch,
 * which has channels first, kernels `[outputs, channels / groups, …window]`, and draws them with a smaller variance.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { conv2d } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const images = zeros([1, 28, 28, 3])
 * const layer = conv2d({ outputs: 16, window: [3, 5], strides: 2, padding: "same" })
 * const { params } = layer.init(key(0), images)
 * assert.deepStrictEqual([params.kernel.shape, params.bias.shape], [[3, 5, 3, 16], [16]])
 * assert.deepStrictEqual(layer.apply(params, [], images, { training: false })[0].shape, [1, 14, 14, 16])
 * assert.throws(() => conv2d({ outputs: 4, window: 29 }).init(key(0), zeros([28, 28, 3])), { name: "ShapeError" })
 */
export const conv2d: Recipe<typeof convolutionFields, Call> = /* @__PURE__ */ over("conv2d", 2)
