import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { named } from "../options/fields.js"
import type { Recipe } from "../options/recipe.js"
import { activationTable } from "./activation/catalogue.js"
import { tanh } from "../dataflow/transcendental.js"
import type { AffineOptions, Bias } from "./affine.js"
import { cellFields, drawCell, productsOf, zeroState, type CellParams, type Hidden } from "./cell.js"
import type { Initializer } from "./initializer.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

type Activation = (x: Tensor) => Tensor

const fields = {
  ...cellFields,
  /** What is applied to the sum: as data, tanh or relu. Default tanh. */
  activation: named<Activation, Activation>(activationTable, tanh)
}

/** How many units a simple recurrent cell has, its activation, and how its parameters are drawn. */
export interface RnnCellOptions<B extends Bias = Bias> extends AffineOptions<typeof cellFields & typeof fields, B> {}

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(options: RnnCellOptions<B>) => Layer<CellParams<B>, Hidden>

/**
 * Makes the simple recurrent cell (Elman's): `h' = tanh(x · kernel + h · recurrent + bias)`, which is what it gives and what it
 * remembers. `recurrent()(cell)` runs it along sequences.
 *
 * Shapes: `[batch, features] → [batch, units]`; kernel `[features, units]`, recurrent `[units, units]`, bias `[units]`, state
 * `hidden` `[batch, units]`, zeros at first, in the dtype of the input. `units`: a whole number from 1. Options: see
 * `RnnCellOptions`; others are a `HyperparameterError`. Throws a `ShapeError` for inputs of another rank or size, or a state of
 * another batch, and a `DTypeError` for inputs that are neither `f32` nor `f64`.
 *
 * Both kernels are drawn by `glorotUniform`, if nothing else is said; Keras has an orthogonal recurrent one, PyTorch draws all
 * parameters uniformly within `±1/√units`. PyTorch has two biases, of which ours is the sum.
 *
 * Source: Elman 1990, "Finding structure in time"; `RNNCell` of PyTorch, `SimpleRNNCell` of Keras.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { relu, rnnCell } from "thalweg/nn"
 *
 * const cell = rnnCell({ units: 1, activation: relu })
 * const params = { kernel: tensor([[1], [2]]), recurrent: tensor([[0.5]]), bias: tensor([1]) }
 * const [y, { hidden }] = cell.apply(params, { hidden: tensor([[4]]) }, tensor([[3, 5]]), { training: false })
 * assert.deepStrictEqual([toArray(y), toArray(hidden)], [[[16]], [[16]]])
 */
export const rnnCell: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "rnnCell",
  fields,
  ({ activation, ...drawing }) => ({
    init: (key, x) => ({
      params: drawCell("rnnCell", 1, key, x, drawing),
      state: { hidden: zeroState("rnnCell", x, drawing.units) }
    }),
    apply: (params, state, x) => {
      const hidden = activation(add(...productsOf("rnnCell", 1, drawing, params, state, x)))
      return [hidden, { hidden }]
    }
  })
)
