import { fixed } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { affine, affineFields, drawAffine, type AffineOf, type AffineOptions, type Bias } from "./affine.js"
import { glorotUniform, type Initializer } from "./initializer.js"
import { featuresOf } from "./input.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** How many outputs, a whole number from 1. */
  units: fixed(positiveInteger),
  ...affineFields(glorotUniform)
}

/** How many outputs a dense layer has, and how its parameters are drawn. */
export interface DenseOptions<B extends Bias = Bias> extends AffineOptions<typeof fields, B> {}

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(options: DenseOptions<B>) => Layer<AffineOf<B>>

/**
 * Makes a layer that maps the last axis affinely: `y = x · kernel + bias`.
 *
 * Shapes: `[…, inputs] → […, units]`, also of one example; kernel `[inputs, units]`, bias `[units]`, in the dtype of the input.
 * `units`: a whole number from 1. Kernels are drawn by `glorotUniform`, biases are 0, if nothing else is said. Other options are
 * a `HyperparameterError`. Throws a `ShapeError` for inputs of another size than `init` was told, and a `DTypeError` for inputs
 * that are neither `f32` nor `f64`.
 *
 * Without a bias it is linear in the input.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { dense } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = dense({ units: 2 })
 * const { params } = layer.init(key(0), zeros([1, 3]))
 * assert.deepStrictEqual([params.kernel.shape, params.bias.shape], [[3, 2], [2]])
 *
 * const known = { kernel: tensor([[1, 0], [0, 1], [1, 1]]), bias: tensor([10, 20]) }
 * const [y] = layer.apply(known, [], tensor([[1, 2, 3]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[14, 25]])
 * assert.deepStrictEqual(Object.keys(dense({ units: 2, bias: false }).init(key(0), zeros([1, 3])).params), ["kernel"])
 */
export const dense: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "dense",
  fields,
  ({ units, ...drawing }) => ({
    init: (key, input) => ({
      params: drawAffine("dense", key, input, [featuresOf("dense", input), units], drawing),
      state: []
    }),
    apply: (params, state, input) => [affine("dense", input, params, units, drawing.bias), state]
  })
)
