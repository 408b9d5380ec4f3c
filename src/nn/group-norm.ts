import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range, sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import type { Layer } from "./layer.js"
import {
  checkChannels,
  checkScale,
  epsilonField,
  initialScale,
  normalize,
  rescale,
  type ScaleAndBias
} from "./normalize.js"
import { layerRecipe, type Made } from "./recipe.js"

const fields = {
  /** In how many groups channels are normalized, a whole number from 1 that divides their number. */
  groups: fixed(positiveInteger),
  ...epsilonField
}

/** How many groups there are, and what keeps the divisor from 0. */
export interface GroupNormOptions extends OptionsOf<typeof epsilonField & typeof fields> {}

/** Groups of neighbouring channels on an axis of their own, each of two values at least. */
const grouped = (layer: string, x: Tensor, groups: number): Tensor => {
  const channels = x.shape.at(-1) ?? 0
  if (channels % groups !== 0)
    fail("ShapeError", layer, `a number of channels that is a multiple of ${groups} groups`, showType(x))
  const apart = reshape(x, [...x.shape.slice(0, -1), groups, channels / groups])
  const { shape } = apart
  if (sizeOf(shape.slice(1, -2)) * (shape.at(-1) ?? 0) < 2)
    fail("ShapeError", layer, `two values at least in each of ${groups} groups`, showType(x))
  return apart
}

/** A layer that normalizes each group of channels of each example. `groupsOf`: how many there are, by the channels. */
const grouping = (
  layer: string,
  groupsOf: (channels: number) => number,
  epsilon: number
): Made<Layer<ScaleAndBias>> => ({
  init: (_, input) => ({ params: initialScale(layer, checkChannels(layer, input)), state: [] }),
  apply: (params, state, input) => {
    const scale = checkScale(layer, params, checkChannels(layer, input))
    const apart = grouped(layer, input, groupsOf(input.shape.at(-1) ?? 0))
    const last = apart.shape.length - 1
    const axes = range(last + 1).filter(axis => axis !== 0 && axis !== last - 1)
    return [rescale(layer, reshape(normalize(apart, axes, epsilon).y, input.shape), scale), state]
  }
})

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

/** What keeps the divisor from 0. */
export interface InstanceNormOptions extends OptionsOf<typeof epsilonField> {}

/**
 * Makes a layer that brings each channel of each example to mean 0 and variance 1, over all places, and then scales and
 * shifts it: `groupNorm` with as many groups as channels.
 *
 * Shapes, `epsilon` and errors: as of `groupNorm`; a `ShapeError` for less than two places. We deviate from PyTorch's default,
 * which neither scales nor shifts (`affine=True` is ours), and keep no running statistics, as it does by default.
 *
 * Laws: scaling and shifting a channel changes nothing (but for `epsilon`).
 * Source: Ulyanov et al. 2016, arXiv 1607.08022.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { instanceNorm } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = instanceNorm({ epsilon: 1e-12 })
 * const { params } = layer.init(key(0), zeros([1, 2, 2]))
 * const [y] = layer.apply(params, [], tensor([[[1, 10], [3, 50]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[-1, -1], [1, 1]]])
 */
export const instanceNorm: Recipe<typeof epsilonField, (options?: InstanceNormOptions) => Layer<ScaleAndBias>> =
  /* @__PURE__ */ layerRecipe("instanceNorm", epsilonField, ({ epsilon }) =>
    grouping("instanceNorm", channels => channels, epsilon)
  )
