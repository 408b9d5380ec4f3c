import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range, sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import type { Layer } from "./layer.js"
import { checkChannels, checkScale, initialScale, normalize, rescale, type ScaleAndBias } from "./normalize.js"
import type { Made } from "./recipe.js"

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
export const grouping = (
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
