import { add } from "../dataflow/arithmetic.js"
import { stack } from "../dataflow/concat.js"
import { scalar } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { take } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { arange } from "../dataflow/sequence.js"
import { sliceAxis } from "../dataflow/slice.js"
import { reshape } from "../dataflow/structure.js"
import { cos, sin } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { fixed, type OptionsOf, type Resolved } from "../options/fields.js"
import { positive, positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { initializer } from "./affine.js"
import { checkSequences } from "./attention.js"
import { countOf, nextPlaces } from "./cached-attention.js"
import type { Table } from "./embedding.js"
import { smallNormal } from "./initializer.js"
import { entryOf, featuresOf, floatOf, inDTypeOf } from "./input.js"
import { stateless, type Layer, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { anglesOf } from "./rotary.js"

/** How many places came before. */
export type PlaceCount = { readonly count: Tensor }

const learned = {
  /** How many places there may be, a whole number from 1. */
  length: fixed(positiveInteger),
  /** How the table is drawn. Default normal, with deviation 0.02. */
  table: initializer(smallNormal)
}

/** How many places there may be, and how their vectors are drawn. */
export interface PositionsOptions extends OptionsOf<typeof learned> {}

const drawTable = (layer: string, key: Tensor, input: Tensor, { length, table }: Resolved<typeof learned>): Table => ({
  table: table(key, [length, featuresOf(layer, checkSequences(layer, input))], floatOf(layer, input))
})

/** A table that has a vector for each place of an input, of as many features. */
const tableFor = (layer: string, length: number, input: Tensor, params: Table): Tensor => {
  const [places = 0, features] = checkSequences(layer, input).shape.slice(1)
  const table = entryOf(layer, params, "table", [length, "features"])
  const [, width = 0] = table.shape
  if (places > length || features !== width)
    fail("ShapeError", layer, `at most ${length} places of ${width} features`, showType(input))
  inDTypeOf(layer, input, table)
  return table
}

/**
 * Makes a layer that adds a learned vector for each place: `y[b, p] = x[b, p] + table[p]`.
 *
 * Shapes: `[batch, places, features] → [batch, places, features]`; table `[length, features]`, in the dtype of the input. `length`:
 * how many places there may be, a whole number from 1; more are a `ShapeError`, and so are other features than `init` was told.
 * The table is drawn normal with deviation 0.02 (`table`). Other options are a `HyperparameterError`.
 *
 * Source: Gehring et al. 2017, arXiv 1705.03122; Radford et al. 2018.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { positions } from "thalweg/nn"
 *
 * const [y] = positions({ length: 3 }).apply({ table: tensor([[1], [2], [3]]) }, [], zeros([1, 2, 1]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[1], [2]]])
 */
export const positions: Recipe<typeof learned, (options: PositionsOptions) => Layer<Table>> =
  /* @__PURE__ */ layerRecipe("positions", learned, options => ({
    init: (key, input) => ({ params: drawTable("positions", key, input, options), state: [] }),
    apply: (params, state, input) => {
      const table = tableFor("positions", options.length, input, params)
      return [add(input, sliceAxis(table, 0, 0, input.shape[1] ?? 0)), state]
    }
  }))

/**
 * Makes `positions` that is told of its places a few at a time: how many came before is state. Parameters, shapes and options
 * are those of `positions`; a place beyond the length is an `IndexError` when the output is computed.
 *
 * Law: it gives what `positions` gives for all places at once.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { cachedPositions } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const [layer, x] = [cachedPositions({ length: 3 }), zeros([1, 1, 1])]
 * const params = { table: tensor([[1], [2], [3]]) }
 * const [, after] = layer.apply(params, layer.init(key(0), x).state, x, { training: false })
 * assert.deepStrictEqual(toArray(layer.apply(params, after, x, { training: false })[0]), [[[2]]])
 */
export const cachedPositions: Recipe<typeof learned, (options: PositionsOptions) => Layer<Table, PlaceCount>> =
  /* @__PURE__ */ layerRecipe("cachedPositions", learned, options => ({
    init: (key, input) => ({
      params: drawTable("cachedPositions", key, input, options),
      state: { count: scalar(0, "i32") }
    }),
    apply: (params, state, input) => {
      const [table, count] = [
        tableFor("cachedPositions", options.length, input, params),
        countOf("cachedPositions", state)
      ]
      const places = input.shape[1] ?? 0
      const next = nextPlaces("cachedPositions", table.shape[0] ?? 0, count, places)
      return [add(input, take(table, next)), { count: add(count, places) }]
    }
  }))

const waves = {
  /** The base of the frequencies, a number > 0. Default 10 000. */
  base: fixed(positive, 10_000)
}

/** How fast the waves are. */
export interface SinusoidalPositionsOptions extends OptionsOf<typeof waves> {}

/** The input, with waves added that number its places from `count`. */
const addWaves = (layer: string, input: Tensor, base: number, count: Tensor | number): Tensor => {
  const [places = 0, features = 0] = checkSequences(layer, input).shape.slice(1)
  if (features % 2 !== 0) fail("ShapeError", layer, "features of even number", showType(input))
  const angles = anglesOf(add(arange(places, { dtype: "i32" }), count), features / 2, base)
  const table = reshape(stack([sin(angles), cos(angles)], -1), [places, features])
  return add(input, cast(table, floatOf(layer, input)))
}

/**
 * Makes a layer that adds waves which number the places: `sin(p · base^(-2i / features))` to feature `2i` of place `p`, and the
 * cosine to feature `2i + 1`.
 *
 * Shapes: `[batch, places, features] → [batch, places, features]`, features even, else a `ShapeError`; of `f32` or `f64`, else
 * a `DTypeError`. `base`: a number > 0 (default 10 000), else a `HyperparameterError`.
 *
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.5.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { sinusoidalPositions } from "thalweg/nn"
 *
 * const [y] = sinusoidalPositions().apply([], [], zeros([1, 2, 2]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[0, 1], [Math.sin(1), Math.cos(1)].map(Math.fround)]])
 */
export const sinusoidalPositions: Recipe<typeof waves, (options?: SinusoidalPositionsOptions) => Stateless> =
  /* @__PURE__ */ layerRecipe("sinusoidalPositions", waves, ({ base }) =>
    stateless("sinusoidalPositions", (x: Tensor) => addWaves("sinusoidalPositions", x, base, 0))
  )

/**
 * Makes `sinusoidalPositions` that is told of its places a few at a time: how many came before is state.
 *
 * Law: it gives what `sinusoidalPositions` gives for all places at once.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { cachedSinusoidalPositions } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const [layer, x] = [cachedSinusoidalPositions(), zeros([1, 1, 2])]
 * const [, after] = layer.apply([], layer.init(key(0), x).state, x, { training: false })
 * const [y] = layer.apply([], after, x, { training: false })
 * assert.deepStrictEqual(toArray(y), [[[Math.sin(1), Math.cos(1)].map(Math.fround)]])
 */
export const cachedSinusoidalPositions: Recipe<
  typeof waves,
  (options?: SinusoidalPositionsOptions) => Layer<readonly [], PlaceCount>
> = /* @__PURE__ */ layerRecipe("cachedSinusoidalPositions", waves, ({ base }) => ({
  init: () => ({ params: [], state: { count: scalar(0, "i32") } }),
  apply: (_, state, input) => {
    const count = countOf("cachedSinusoidalPositions", state)
    return [addWaves("cachedSinusoidalPositions", input, base, count), { count: add(count, input.shape[1] ?? 0) }]
  }
}))
