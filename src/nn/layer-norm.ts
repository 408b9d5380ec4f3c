import { flag, type OptionsOf } from "../options/fields.js"
import type { Recipe } from "../options/recipe.js"
import { someFeaturesOf } from "./input.js"
import type { Layer } from "./layer.js"
import { checkScale, epsilonField, initialScale, normalize, rescale, type ScaleOf } from "./normalize.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  ...epsilonField,
  /** Whether a bias is added. Default true. */
  bias: flag(true)
}

/** What is added to the variance, and whether there is a bias. */
export interface LayerNormOptions<B extends boolean = boolean> extends OptionsOf<typeof epsilonField> {
  /** Whether a bias is added. Default true. */
  readonly bias?: B | undefined
}

/** From options to the layer. */
type Call = <B extends boolean = true>(options?: LayerNormOptions<B>) => Layer<ScaleOf<B>>

/**
 * Makes a layer that gives every place mean 0 and variance 1 over its features: `y = (x - mean) / √(variance + ε) · scale +
 * bias`, with the variance of a population, in two passes.
 *
 * Shapes do not change: `[batch, …, features]`; scale and bias `[features]`, at first 1 and 0, in the dtype of the input.
 * Options: `epsilon > 0` (default 1e-5; Keras's is 1e-3, Flax's 1e-6), `bias` (default true); others are a
 * `HyperparameterError`. Throws a `ShapeError` for inputs of another size than `init` was told or of none, and a `DTypeError` for inputs that
 * are neither `f32` nor `f64`.
 *
 * Laws: blind to what is added to all features of a place, and, but for ε, to what they are multiplied by.
 * Source: Ba, Kiros & Hinton 2016, "Layer normalization", arXiv 1607.06450. PyTorch's takes several last axes: reshape.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { layerNorm } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const x = tensor([[1, 3], [1000, 3000]])
 * const layer = layerNorm({ epsilon: 1e-12 })
 * const { params } = layer.init(key(0), x)
 * const [y] = layer.apply(params, [], x, { training: false })
 * assert.deepStrictEqual(toArray(y), [[-1, 1], [-1, 1]])
 */
export const layerNorm: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "layerNorm",
  fields,
  ({ epsilon, bias }) => ({
    init: (_, input) => {
      const { scale, ...biases } = initialScale("layerNorm", input)
      return { params: { scale, ...(bias && biases) }, state: [] }
    },
    apply: (params, state, input) => {
      someFeaturesOf("layerNorm", input)
      const scale = checkScale("layerNorm", params, input)
      return [rescale("layerNorm", normalize(input, [-1], epsilon).y, scale, bias), state]
    }
  })
)
