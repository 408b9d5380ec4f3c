import { add, div, floor, maximum, minimum, mul, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { take } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { repeat } from "../dataflow/rearrange.js"
import { arange } from "../dataflow/sequence.js"
import { reshape } from "../dataflow/structure.js"
import { choice, perAxis, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { floatOf } from "./input.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { checkSpatial, forAxes } from "./spatial.js"

const fields = {
  /** How many times as many places come out, for each spatial axis, whole numbers from 1. */
  factor: perAxis(positiveInteger),
  /** Whether places are repeated, or those between two are interpolated. Default `"nearest"`. */
  method: choice(["nearest", "linear"], "nearest")
}

/** How much larger inputs become, and how. */
export interface UpsampleOptions extends OptionsOf<typeof fields> {}

/** Interpolates an axis at the middles of `factor` parts of each place; beyond the outermost middles, what is there. */
const interpolate = (x: Tensor, factor: number, axis: number): Tensor => {
  const size = x.shape[axis] ?? 0
  const middles = maximum(sub(div(add(arange(size * factor, { dtype: "f64" }), 0.5), factor), 0.5), 0)
  const before = floor(middles)
  const after = minimum(add(before, 1), size - 1)
  const shape = [size * factor, ...x.shape.slice(axis + 1).map(() => 1)]
  const weighed = (places: Tensor, share: Tensor): Tensor =>
    mul(take(x, cast(places, "i32"), axis), reshape(cast(share, floatOf("upsample", x)), shape))
  const past = sub(middles, before)
  return add(weighed(before, sub(1, past)), weighed(after, past))
}

const methods = { nearest: repeat, linear: interpolate }

/**
 * Makes a layer that makes inputs `factor` times as large: by `"nearest"` each place is repeated; by `"linear"`, output `i` is
 * what lies at `(i + ½) / factor - ½` on the line between two places (on a plane, axis after axis: bilinear), and beyond the
 * outermost places their values.
 *
 * Shapes: `[batch, …places, channels] → [batch, …places·factor, channels]` for any number of spatial axes.
 *
 * `factor`: whole numbers from 1, for all axes or for each; others, and other methods, are a `HyperparameterError`. Throws a
 * `ShapeError` for inputs without a spatial axis; `"linear"` a `DTypeError` for such as are neither `f32` nor `f64`.
 *
 * As `align_corners=False` in PyTorch, and as Keras.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { upsample } from "thalweg/nn"
 *
 * const x = tensor([[[0], [4]]])
 * const by = (method: "nearest" | "linear") => toArray(upsample({ factor: 2, method }).apply([], [], x, { training: false })[0])
 * assert.deepStrictEqual(by("nearest"), [[[0], [0], [4], [4]]])
 * assert.deepStrictEqual(by("linear"), [[[0], [1], [3], [4]]])
 */
export const upsample: Recipe<typeof fields, (options: UpsampleOptions) => Stateless> = /* @__PURE__ */ layerRecipe(
  "upsample",
  fields,
  ({ factor, method }) =>
    stateless("upsample", (x: Tensor) => {
      const factors = forAxes("upsample", "factor", factor, checkSpatial("upsample", x).shape.length - 2)
      return factors.reduce((y, times, i) => methods[method](y, times, i + 1), x)
    })
)
