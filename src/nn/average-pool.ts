import { averagePool as averageOf } from "../dataflow/window.js"
import type { Recipe } from "../options/recipe.js"
import type { Stateless } from "./layer.js"
import { pooling, poolFields, type PoolOptions } from "./pool.js"
import { layerRecipe } from "./recipe.js"

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
export const averagePool: Recipe<typeof poolFields, (options: PoolOptions) => Stateless> = /* @__PURE__ */ layerRecipe(
  "averagePool",
  poolFields,
  options => pooling("averagePool", averageOf, options)
)
