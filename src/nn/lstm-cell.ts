import { add, mul } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { full, zeros } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sigmoid, tanh } from "../dataflow/transcendental.js"
import { beside, fixed } from "../options/fields.js"
import { finite } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import type { AffineOptions, Bias } from "./affine.js"
import { cellFields, drawCell, gatesOf, productsOf, stateOf, zeroState, type CellParams, type Hidden } from "./cell.js"
import type { Initializer } from "./initializer.js"
import type { FloatDType } from "../dataflow/dtype.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  ...cellFields,
  /** What is added to the first bias of the forget gate: at 1, nothing is forgotten soon. Default 1; not beside `bias: false`. */
  forgetBias: beside("bias", fixed(finite, 1))
}

/** How many units an LSTM cell has, and how its parameters are drawn. */
export interface LstmCellOptions<B extends Bias = Bias> extends AffineOptions<typeof cellFields & typeof fields, B> {}

/** What an LSTM cell remembers: what it gave last, and the cell state, both `[batch, units]`. */
export type LstmState = Hidden & { readonly cell: Tensor }

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(options: LstmCellOptions<B>) => Layer<CellParams<B>, LstmState>

/** Adds to the part of a bias that is the forget gate's, the second of four. */
const withForgetBias = <P extends object & { readonly bias?: Tensor }>(
  params: P,
  units: number,
  forgetBias: number
): P => {
  if (params.bias === undefined || forgetBias === 0) return params
  const dtype = params.bias.dtype as FloatDType
  const shift = concat([zeros([units], dtype), full([units], forgetBias, dtype), zeros([2 * units], dtype)])
  return { ...params, bias: add(params.bias, shift) }
}

/**
 * Makes a cell of long short-term memory: with `i, f, g, o = x · kernel + h · recurrent + bias`, cut in four,
 * `c' = σ(f) · c + σ(i) · tanh(g)` and `h' = σ(o) · tanh(c')`. It gives `h'`; `recurrent()(cell)` runs it along sequences.
 *
 * Shapes: `[batch, features] → [batch, units]`; kernel `[features, 4 · units]`, recurrent `[units, 4 · units]`, bias
 * `[4 · units]`, the gates in PyTorch's order: input, forget, candidate, output (Keras has the same); state `hidden` and `cell`
 * `[batch, units]`, zeros at first; all in the dtype of the input. `units`: a whole number from 1. Options: see
 * `LstmCellOptions`; others are a `HyperparameterError`. Throws a `ShapeError` for inputs of another rank or size, or a state of
 * another batch, and a `DTypeError` for inputs that are neither `f32` nor `f64`.
 *
 * The forget gate's bias begins at 1, as Keras's does (`unit_forget_bias`), and PyTorch's does not: `forgetBias: 0`. Both kernels
 * are drawn by `glorotUniform`, if nothing else is said; Keras has an orthogonal recurrent one, PyTorch draws all parameters
 * uniformly within `±1/√units`. PyTorch has two biases, of which ours is the sum.
 *
 * Source: Hochreiter & Schmidhuber 1997, "Long short-term memory"; the forget gate of Gers, Schmidhuber & Cummins 2000, its bias
 * of Jozefowicz, Zaremba & Sutskever 2015, "An empirical exploration of recurrent network architectures".
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { lstmCell } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const { params, state } = lstmCell({ units: 2 }).init(key(0), zeros([5, 3]))
 * assert.deepStrictEqual([params.kernel.shape, params.recurrent.shape], [[3, 8], [2, 8]])
 * assert.deepStrictEqual(toArray(params.bias), [0, 0, 1, 1, 0, 0, 0, 0])
 * assert.deepStrictEqual([state.hidden.shape, state.cell.shape], [[5, 2], [5, 2]])
 */
export const lstmCell: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "lstmCell",
  fields,
  ({ forgetBias, ...drawing }) => ({
    init: (key, x) => {
      const zero = zeroState("lstmCell", x, drawing.units)
      const params = drawCell("lstmCell", 4, key, x, drawing)
      return {
        params: withForgetBias(params, drawing.units, forgetBias),
        state: { hidden: zero, cell: zero }
      }
    },
    apply: (params, state, x) => {
      const gates = add(...productsOf("lstmCell", 4, drawing, params, state, x))
      const [i, f, g, o] = gatesOf(gates, 4, drawing.units) as readonly [Tensor, Tensor, Tensor, Tensor]
      const before = stateOf("lstmCell", drawing.units, state, "cell", x)
      const cell = add(mul(sigmoid(f), before), mul(sigmoid(i), tanh(g)))
      const hidden = mul(sigmoid(o), tanh(cell))
      return [hidden, { hidden, cell }]
    }
  })
)
