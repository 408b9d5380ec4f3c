import { maxPool as largestOf } from "../dataflow/window.js"
import type { Recipe } from "../options/recipe.js"
import type { Stateless } from "./layer.js"
import { pooling, poolFields, type PoolOptions } from "./pool.js"
import { layerRecipe } from "./recipe.js"

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
export const maxPool: Recipe<typeof poolFields, (options: PoolOptions) => Stateless> = /* @__PURE__ */ layerRecipe(
  "maxPool",
  poolFields,
  options => pooling("maxPool", largestOf, options)
)
