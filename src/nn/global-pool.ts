import { requireFloat } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { mean } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { fail } from "../dataflow/error.js"
import { showType } from "../dataflow/type.js"
import { maxPool } from "../dataflow/window.js"
import type { Recipe } from "../options/recipe.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { checkSpatial, spatialAxes } from "./spatial.js"

const fields = {}

/** From no options to the layer. */
type Call = (options?: object) => Stateless

/** A layer that makes one number of all places, for each channel. */
const over = (title: string, reduce: (x: Tensor) => Tensor): Recipe<typeof fields, Call> =>
  layerRecipe(title, fields, () =>
    stateless(title, (x: Tensor) => {
      const places = sizeOf(checkSpatial(title, x).shape.slice(1, -1))
      if (places === 0) fail("ShapeError", title, "inputs with one place at least", showType(x))
      return reduce(x)
    })
  )

/**
 * Makes a layer that takes the largest of all places, for each channel.
 *
 * Shapes: `[batch, …size, channels] → [batch, channels]` for any number of spatial axes. Throws a `ShapeError` for inputs
 * without a spatial axis, or without a place.
 *
 * Law: it is `maxPool` of the whole as one window, and so is its derivative: of equals the first has it. We deviate from
 * PyTorch (`AdaptiveMaxPool2d(1)`), which keeps the axes.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { globalMaxPool } from "thalweg/nn"
 *
 * const [y] = globalMaxPool().apply([], [], tensor([[[1, 9], [3, 2], [2, 4]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[3, 9]])
 */
export const globalMaxPool: Recipe<typeof fields, Call> = /* @__PURE__ */ over("globalMaxPool", x =>
  reshape(maxPool(x, { window: x.shape.slice(1, -1) }), [x.shape[0] ?? 0, x.shape.at(-1) ?? 0])
)

/**
 * Makes a layer that averages all places, for each channel.
 *
 * Shapes and errors: as of `globalMaxPool`; besides, a `DTypeError` for inputs that are neither `f32` nor `f64`. Every place
 * counts, also one that a `mask` of the context hides from attention: the mean of the others is a layer of one's own,
 * `stateless("mean", (x, { mask }) => div(sum(mul(x, w), { axes: 1 }), sum(w, { axes: 1 })))` with `w = expandDims(cast(mask, x.dtype), -1)`.
 *
 * Law: it is `averagePool` of the whole as one window. We deviate from PyTorch (`AdaptiveAvgPool2d(1)`), which keeps the axes.
 * Source: Lin et al. 2014, "Network in network".
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { globalAveragePool } from "thalweg/nn"
 *
 * const [y] = globalAveragePool().apply([], [], tensor([[[1, 9], [3, 2], [2, 4]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[2, 5]])
 */
export const globalAveragePool: Recipe<typeof fields, Call> = /* @__PURE__ */ over("globalAveragePool", x =>
  mean(requireFloat("globalAveragePool", x), { axes: spatialAxes(x) })
)
