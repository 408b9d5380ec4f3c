import { fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { grouping } from "./grouping.js"
import type { Layer } from "./layer.js"
import { epsilonField, type ScaleAndBias } from "./normalize.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** In how many groups channels are normalized, a whole number from 1 that divides their number. */
  groups: fixed(positiveInteger),
  ...epsilonField
}

/** How many groups there are, and what keeps the divisor from 0. */
export interface GroupNormOptions extends OptionsOf<typeof epsilonField & typeof fields> {}

/**
 * Makes a layer that brings each group of neighbouring channels of each example to mean 0 and variance 1, over all places, and
 * then scales and shifts each channel: `y = (x - mean) / √(variance + epsilon) · scale + bias`. The batch does not matter, and
 * training neither.
 *
 * Shapes: `[batch, …, channels] → [batch, …, channels]`, of any rank from 2; `scale`, `bias` `[channels]`. The variance is divided
 * by the count, and computed in two passes.
 *
 * `groups`: a whole number from 1; `epsilon`: above 0; others are a `HyperparameterError`. Throws a `ShapeError` where groups do
 * not divide the channels, for inputs of another number of channels than `init` was told, and for groups of less than two
 * values; a `DTypeError` for inputs that are neither `f32` nor `f64`.
 *
 * Laws: as many groups as channels are `instanceNorm`, and fewer are that of neighbouring channels as places; scaling and shifting an example changes nothing (but for `epsilon`).
 * Source: Wu & He 2018, arXiv 1803.08494. As PyTorch; Keras has 32 groups by default, and `epsilon` 1e-3.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { groupNorm } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = groupNorm({ groups: 2, epsilon: 1e-12 })
 * const { params } = layer.init(key(0), zeros([1, 4]))
 * const [y] = layer.apply(params, [], tensor([[1, 3, 10, 50]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[-1, 1, -1, 1]])
 */
export const groupNorm: Recipe<typeof fields, (options: GroupNormOptions) => Layer<ScaleAndBias>> =
  /* @__PURE__ */ layerRecipe("groupNorm", fields, ({ groups, epsilon }) =>
    grouping("groupNorm", () => groups, epsilon)
  )
