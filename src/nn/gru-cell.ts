import { add, mul, sub } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sigmoid, tanh } from "../dataflow/transcendental.js"
import type { Recipe } from "../options/recipe.js"
import { split } from "../random/index.js"
import { addBias, type AffineOptions, type Bias } from "./affine.js"
import { cellFields, drawCell, gatesOf, productsOf, zeroState, type CellParams, type Hidden } from "./cell.js"
import type { Initializer } from "./initializer.js"
import { floatOf } from "./input.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

/** How many units a GRU cell has, and how its parameters are drawn. */
export interface GruCellOptions<B extends Bias = Bias> extends AffineOptions<typeof cellFields, B> {}

/** The bias of the candidate inside of the reset, `[units]`. */
type RecurrentBias = { readonly recurrentBias: Tensor }

/** The parameters of a GRU cell, which has both biases or none. */
export type GruParams<B extends Bias = Initializer> = CellParams<B> & (B extends false ? CellParams<B> : RecurrentBias)

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(options: GruCellOptions<B>) => Layer<GruParams<B>, Hidden>

/** Three gates. */
type Gates = readonly [r: Tensor, z: Tensor, n: Tensor]

/**
 * Makes a gated recurrent unit: with `r, z, n = x · kernel + bias` and `r', z', n' = h · recurrent`, cut in three, the reset
 * `ρ = σ(r + r')`, the update `ζ = σ(z + z')` and the candidate `ν = tanh(n + ρ · (n' + recurrentBias))`, it gives and remembers
 * `h' = (1 - ζ) · ν + ζ · h`. `recurrent()(cell)` runs it along sequences.
 *
 * Shapes: `[batch, features] → [batch, units]`; kernel `[features, 3 · units]`, recurrent `[units, 3 · units]`, bias
 * `[3 · units]`, the gates in PyTorch's order: reset, update, candidate (Keras's: update first); recurrentBias `[units]`; state
 * `hidden` `[batch, units]`, zeros at first; all in the dtype of the input. `units`: a whole number from 1. `bias: false` takes both
 * biases away. Options: see `GruCellOptions`; others are a `HyperparameterError`. Throws a `ShapeError` for inputs of another rank
 * or size, or a state of another batch, and a `DTypeError` for inputs that are neither `f32` nor `f64`.
 *
 * The reset acts after the product, as in PyTorch and in Keras's `reset_after`, and not before it, as in the paper, where `1 - ζ` and
 * `ζ` are swapped as well. Both kernels are drawn by `glorotUniform`, if nothing else is said; Keras has an orthogonal recurrent
 * one, PyTorch draws all parameters uniformly within `±1/√units`.
 *
 * Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", arXiv 1406.1078; `GRUCell` of PyTorch.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, Tree, zeros } from "thalweg"
 * import { gruCell } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const cell = gruCell({ units: 2 })
 * const { params, state } = cell.init(key(0), zeros([1, 3]))
 * assert.deepStrictEqual(Tree.paths(params), ["bias", "kernel", "recurrent", "recurrentBias"])
 *
 * // no input, no memory: the candidate is 0, of which half is taken
 * const [y] = cell.apply(params, { hidden: zeros([1, 2]) }, zeros([1, 3]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[0, 0]])
 */
export const gruCell: Recipe<typeof cellFields, Call> = /* @__PURE__ */ layerRecipe(
  "gruCell",
  cellFields,
  ({ units, ...drawing }) => ({
    init: (key, x) => {
      const [own, biasKey] = split(key)
      const params = drawCell("gruCell", 3, own, x, { units, ...drawing })
      const biases =
        drawing.bias === false ? {} : { recurrentBias: drawing.bias(biasKey, [units], floatOf("gruCell", x)) }
      return { params: { ...params, ...biases }, state: { hidden: zeroState("gruCell", x, units) } }
    },
    apply: (params, state, x) => {
      const [ofInput, ofHidden] = productsOf("gruCell", 3, { units, ...drawing }, params, state, x)
      const [r, z, n] = gatesOf(ofInput, 3, units) as Gates
      const [rh, zh, nh] = gatesOf(ofHidden, 3, units) as Gates
      const kept = addBias("gruCell", nh, params, drawing.bias, "recurrentBias")
      const candidate = tanh(add(n, mul(sigmoid(add(r, rh)), kept)))
      const hidden = add(candidate, mul(sigmoid(add(z, zh)), sub(state.hidden, candidate)))
      return [hidden, { hidden }]
    }
  })
)
