import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import { showType } from "../dataflow/type.js"
import { conv, type ConvolutionOptions, type PaddingMode } from "../dataflow/window.js"
import { fixed, paddingField, perAxis, type Resolved } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { addBias, affineFields, drawAffine, type AffineOf, type Bias } from "./affine.js"
import { heNormal } from "./initializer.js"
import { entryOf, featuresOf, inDTypeOf } from "./input.js"
import type { Layer } from "./layer.js"
import type { Made } from "./recipe.js"
import { checkPadding, checkPlaces, checkSpatial, forAxes } from "./spatial.js"

/** How a window goes over places, and how its kernel and bias are drawn. */
export const slidingFields = {
  /** The size of the kernel, for each spatial axis, whole numbers from 1. */
  window: perAxis(positiveInteger),
  /** The steps of the kernel. Default 1. */
  strides: perAxis(positiveInteger, 1),
  /** What is added around the places: `"valid"` (nothing), `"same"`, or pairs of numbers. Default `"valid"`. */
  padding: paddingField("valid"),
  /** The spacing of the kernel's elements. Default 1. */
  dilation: perAxis(positiveInteger, 1),
  ...affineFields(heNormal)
}

/** The same, for a number of outputs, in groups of channels that do not see each other. */
export const convolutionFields = {
  /** How many channels come out, a whole number from 1. */
  outputs: fixed(positiveInteger),
  ...slidingFields,
  /** In how many groups channels are apart; must divide inputs and outputs. Default 1. */
  groups: fixed(positiveInteger, 1)
}

type Sliding = Resolved<typeof slidingFields>

/** How many channels come out, in how many groups. */
interface Channels {
  readonly outputs: number
  readonly groups: number
}

/** The same, with numbers for every spatial axis. */
export interface Convolving {
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly padding: PaddingMode
  readonly dilation: readonly number[]
  readonly groups: number
}

/** Convolves inputs with a kernel. */
export type Convolve = (x: Tensor, kernel: Tensor, options: Convolving) => Tensor

const convolve: Convolve = (x, kernel, { window: _, ...options }) =>
  conv(x, kernel, options satisfies ConvolutionOptions)

/** Outputs in groups that divide them, or a `HyperparameterError`. */
export const inGroups = (layer: string, { outputs, groups }: Channels): (() => Channels) =>
  outputs % groups === 0
    ? () => ({ outputs, groups })
    : fail("HyperparameterError", layer, `outputs to be a multiple of ${groups} groups`, String(outputs))

const kernelShape = (layer: string, window: Shape, input: Tensor, { outputs, groups }: Channels): Shape => {
  const inputs = featuresOf(layer, input)
  return inputs % groups === 0
    ? [...window, inputs / groups, outputs]
    : fail("ShapeError", layer, `a number of channels that is a multiple of ${groups} groups`, showType(input))
}

/**
 * A layer that goes over `rank` spatial axes with a kernel `[…window, inputs / groups, outputs]`. `channelsOf` says by the
 * number of channels that come in how many go out, in how many groups.
 */
export const convolving = (
  layer: string,
  rank: number,
  options: Sliding,
  channelsOf: (inputs: number) => Channels,
  by: Convolve = convolve
): Made<Layer<AffineOf<Bias>>> => {
  const { kernel, bias } = options
  const [window, strides, dilation] = (["window", "strides", "dilation"] as const).map(name =>
    forAxes(layer, name, options[name], rank)
  ) as [Shape, Shape, Shape]
  const padding = checkPadding(layer, options.padding, rank)
  const channels = (x: Tensor) => channelsOf(featuresOf(layer, checkSpatial(layer, x, rank)))
  const shapeFor = (x: Tensor): Shape => kernelShape(layer, window, x, channels(x))
  return {
    init: (key, input) => ({
      params: drawAffine(layer, key, input, shapeFor(input), { kernel, bias }),
      state: []
    }),
    apply: (params, state, input) => {
      const kernel = entryOf(layer, params, "kernel", shapeFor(input), input)
      const x = inDTypeOf(layer, input, kernel)
      const sliding = { window, strides, padding, dilation, groups: channels(x).groups }
      return [addBias(layer, checkPlaces(layer, sliding, x, by(x, kernel, sliding)), params, bias), state]
    }
  }
}
