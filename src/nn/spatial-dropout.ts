import { requireFloat } from "../dataflow/elementwise.js"
import type { Recipe } from "../options/recipe.js"
import { drop, dropoutFields, type DropoutOptions } from "./dropout.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { checkSpatial } from "./spatial.js"

/**
 * Makes a layer that, while training, replaces whole channels of examples by 0 with probability `rate`, and divides the others
 * by `1 - rate`, so that the mean stays; otherwise it passes everything. Neighbouring places are alike, so that dropping them
 * apart, as `dropout` does, hides little.
 *
 * Shapes: `[batch, …places, channels]`, for any number of spatial axes; they do not change. `rate`: `0 ≤ rate < 1`, else a
 * `HyperparameterError`. Throws a `ShapeError` for inputs without a spatial axis, and a `DTypeError` for such as are neither
 * `f32` nor `f64`. What is dropped depends on the key of the mode alone.
 *
 * Laws: a rate of 0 is the identity; all places of a channel are dropped, or none is.
 * Source: Tompson et al. 2015, arXiv 1411.4280. As PyTorch's `Dropout1d` and `Dropout2d`, and Keras's.
 *
 * @example
 * import assert from "node:assert"
 * import { ones, toArray } from "thalweg"
 * import { spatialDropout } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const [y] = spatialDropout({ rate: 0.5 }).apply([], [], ones([1, 2, 4]), { training: true, key: key(1) })
 * assert.deepStrictEqual(toArray(y), [[[2, 0, 2, 2], [2, 0, 2, 2]]])
 */
export const spatialDropout: Recipe<typeof dropoutFields, (options: DropoutOptions) => Stateless> =
  /* @__PURE__ */ layerRecipe("spatialDropout", dropoutFields, ({ rate }) =>
    stateless("spatialDropout", (x, mode) => {
      const { shape } = requireFloat("spatialDropout", checkSpatial("spatialDropout", x))
      const channels = shape.map((n, axis) => (axis === 0 || axis === shape.length - 1 ? n : 1))
      return drop(x, rate, mode, channels)
    })
  )
