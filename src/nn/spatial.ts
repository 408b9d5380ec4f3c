import { describeList } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range, showShape } from "../dataflow/shape.js"
import { showType } from "../dataflow/type.js"
import type { PaddingMode, PerAxis } from "../dataflow/window.js"
import { checkInput } from "./input.js"

const placesBy: readonly (string | undefined)[] = [undefined, "length", "height, width"]

/** A batch of inputs with spatial axes (`rank` of them, or one at least) between the batch and the channels. */
export const checkSpatial = (layer: string, input: Tensor, rank?: number): Tensor => {
  const axes = checkInput(layer, input).shape.length - 2
  const places = rank === undefined ? "…places" : (placesBy[rank] ?? `${rank} spatial axes`)
  if (rank === undefined ? axes < 1 : axes !== rank)
    fail("ShapeError", layer, `inputs [batch, ${places}, channels]`, showType(input))
  return input
}

/** The axes between the batch and the channels. */
export const spatialAxes = ({ shape }: Tensor): readonly number[] => range(shape.length - 2).map(axis => axis + 1)

/** One number for each spatial axis, or a `HyperparameterError`. */
export const forAxes = (layer: string, name: string, value: PerAxis, rank: number): readonly number[] => {
  const list = typeof value === "number" ? range(rank).map(() => value) : value
  return list.length === rank
    ? list
    : fail(
        "HyperparameterError",
        layer,
        `${name} to be one number, or one for each of ${rank} spatial axes`,
        describeList(list)
      )
}

/** Padding for so many spatial axes, or a `HyperparameterError`. */
export const checkPadding = (layer: string, padding: PaddingMode, rank: number): PaddingMode =>
  typeof padding === "string" || padding.length === rank
    ? padding
    : fail(
        "HyperparameterError",
        layer,
        `padding to have a pair for each of ${rank} spatial axes`,
        describeList(padding)
      )

/** How a window goes over places. */
interface Sliding {
  readonly window: PerAxis
  readonly padding: PaddingMode
  readonly dilation?: readonly number[]
}

/** A window with all that decides whether there is a place for it. */
const showWindow = ({ window, padding, dilation = [] }: Sliding): string =>
  [
    `a window of ${describeList(window)}`,
    dilation.some(n => n > 1) && `spaced by ${showShape(dilation)}`,
    typeof padding !== "string" && `padded by ${describeList(padding)}`
  ]
    .filter(Boolean)
    .join(", ")

/** What a window made of an input, if that has places and there was one for it: padding alone is no input. */
export const checkPlaces = (layer: string, sliding: Sliding, input: Tensor, output: Tensor): Tensor =>
  [input, output].every(({ shape }) => shape.slice(1, -1).every(places => places > 0))
    ? output
    : fail("ShapeError", layer, `inputs with places for ${showWindow(sliding)}`, showType(input))
