import { describeList } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { averagePool as averageOf, maxPool as largestOf, type PaddingMode, type PerAxis } from "../dataflow/window.js"
import { paddingField, perAxis, type OptionsOf, type Resolved } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { checkPadding, checkPlaces, checkSpatial, forAxes } from "./spatial.js"

const fields = {
  /** The size of the window, for each spatial axis, whole numbers from 1. */
  window: perAxis(positiveInteger),
  /** The steps of the window. Default its size. */
  strides: perAxis(positiveInteger, "none"),
  /** What is added around the places: `"valid"` (nothing), `"same"`, or pairs of numbers. Default `"valid"`. */
  padding: paddingField("valid")
}

/** How a window goes over places. */
export interface PoolOptions extends OptionsOf<typeof fields> {}

type Sliding = Resolved<typeof fields>

/** Refuses padding that a window fits into. */
const checkInside = (layer: string, { window, padding }: Sliding): void => {
  if (typeof padding === "string") return
  const sizes = forAxes(layer, "window", window, padding.length)
  if (padding.some((pair, axis) => pair.some(n => n >= (sizes[axis] ?? 1))))
    fail("HyperparameterError", layer, `padding to be below the window ${describeList(sizes)}`, describeList(padding))
}

/** A layer that makes one number of each window, for each channel. */
const pooling = (
  layer: string,
  pool: (
    x: Tensor,
    options: { readonly window: PerAxis; readonly strides: PerAxis; readonly padding: PaddingMode }
  ) => Tensor,
  options: Sliding
): Stateless => {
  checkInside(layer, options)
  return stateless(layer, (x: Tensor) => {
    const rank = checkSpatial(layer, x).shape.length - 2
    const window = forAxes(layer, "window", options.window, rank)
    const strides = forAxes(layer, "strides", options.strides ?? window, rank)
    const sliding = { window, strides, padding: checkPadding(layer, options.padding, rank) }
    return checkPlaces(layer, sliding, x, pool(x, sliding))
  })
}

/**
 * Makes a layer that takes the largest of each window, for each channel. Padding never wins; the derivative goes to the first
 * of equals.
 *
 * Shapes: `[batch, …size, channels] → [batch, …places, channels]` for any number of spatial axes; places as of `conv2d`.
 *
 * `window`, `strides`: whole numbers from 1, for all axes or for each; strides are those of the window by default. `padding`:
 * `"valid"`, `"same"` or a pair for each axis, below the window, so that none is of padding alone. Others are a
 * `HyperparameterError`. Throws a `ShapeError` for inputs of another rank, or in which there is no place for the window.
 *
 * We deviate from PyTorch, which allows no padding above half a window.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { maxPool } from "thalweg/nn"
 *
 * const [y] = maxPool({ window: 2 }).apply([], [], tensor([[[1], [3], [2], [2], [9]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[3], [2]]])
 * const [images] = maxPool({ window: 3, strides: 2, padding: "same" }).apply([], [], zeros([1, 28, 27, 8]), { training: false })
 * assert.deepStrictEqual(images.shape, [1, 14, 14, 8])
 */
export const maxPool: Recipe<typeof fields, (options: PoolOptions) => Stateless> = /* @__PURE__ */ layerRecipe(
  "maxPool",
  fields,
  options => pooling("maxPool", largestOf, options)
)

/**
 * Makes a layer that averages each window, for each channel, over the elements that are not padding.
 *
 * Shapes, options and errors: as of `maxPool`; besides, a `DTypeError` for inputs that are neither `f32` nor `f64`. As in
 * Keras; we deviate from PyTorch's default, which counts padding as zeros (`count_include_pad=False` is ours).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { averagePool } from "thalweg/nn"
 *
 * const layer = averagePool({ window: 3, strides: 1, padding: "same" })
 * const [y] = layer.apply([], [], tensor([[[1], [2], [3], [4]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[1.5], [2], [3], [3.5]]])
 */
export const averagePool: Recipe<typeof fields, (options: PoolOptions) => Stateless> = /* @__PURE__ */ layerRecipe(
  "averagePool",
  fields,
  options => pooling("averagePool", averageOf, options)
)
