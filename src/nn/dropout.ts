import { div } from "../dataflow/arithmetic.js"
import { requireFloat } from "../dataflow/elementwise.js"
import { where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { decay } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { bernoulli } from "../random/index.js"
import { checkInput } from "./input.js"
import { stateless, type Mode, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { checkSpatial } from "./spatial.js"

const fields = {
  /** The share of elements, or of whole channels, that is dropped, `0 ≤ rate < 1`. */
  rate: fixed(decay)
}

/**
 * Replaces, while a model is trained, a share of `x` by 0 and scales the rest, so that the mean stays; `shape`: what is drawn, which
 * broadcasts to `x`.
 */
export const drop = (x: Tensor, rate: number, mode: Mode, shape: Shape = x.shape): Tensor =>
  mode.training && rate > 0 ? where(bernoulli(mode.key, 1 - rate, shape), div(x, 1 - rate), 0) : x

/** How much is dropped. */
export interface DropoutOptions extends OptionsOf<typeof fields> {}

/**
 * Makes a layer that, while training, replaces each element by 0 with probability `rate` and the others by
 * `x / (1 - rate)`, so that the mean stays; otherwise it passes everything. Shapes do not change.
 *
 * `rate`: `0 ≤ rate < 1`, else a `HyperparameterError`. Throws a `DTypeError` for inputs that are neither `f32` nor `f64`. What is dropped depends on the key of the mode alone.
 *
 * Laws: a rate of 0 is the identity; the same key drops the same elements, another one others.
 * Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting". As in most
 * libraries, we scale while training, and they afterwards.
 *
 * @example
 * import assert from "node:assert"
 * import { ones, toArray } from "thalweg"
 * import { dropout } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = dropout({ rate: 0.5 })
 * const [trained] = layer.apply([], [], ones([1, 4]), { training: true, key: key(1) })
 * const [deployed] = layer.apply([], [], ones([1, 4]), { training: false })
 * assert.deepStrictEqual(toArray(trained), [[2, 0, 2, 2]])
 * assert.deepStrictEqual(toArray(deployed), [[1, 1, 1, 1]])
 */
export const dropout: Recipe<typeof fields, (options: DropoutOptions) => Stateless> = /* @__PURE__ */ layerRecipe(
  "dropout",
  fields,
  ({ rate }) => stateless("dropout", (x, mode) => drop(requireFloat("dropout", checkInput("dropout", x)), rate, mode))
)

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
export const spatialDropout: Recipe<typeof fields, (options: DropoutOptions) => Stateless> =
  /* @__PURE__ */ layerRecipe("spatialDropout", fields, ({ rate }) =>
    stateless("spatialDropout", (x, mode) => {
      const { shape } = requireFloat("spatialDropout", checkSpatial("spatialDropout", x))
      const channels = shape.map((n, axis) => (axis === 0 || axis === shape.length - 1 ? n : 1))
      return drop(x, rate, mode, channels)
    })
  )
