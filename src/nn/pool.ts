import { describeList } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { PaddingMode, PerAxis } from "../dataflow/window.js"
import { paddingField, perAxis, type OptionsOf, type Resolved } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { stateless, type Stateless } from "./layer.js"
import { checkPadding, checkPlaces, checkSpatial, forAxes } from "./spatial.js"

export const poolFields = {
  /** The size of the window, for each spatial axis, whole numbers from 1. */
  window: perAxis(positiveInteger),
  /** The steps of the window. Default its size. */
  strides: perAxis(positiveInteger, "none"),
  /** What is added around the places: `"valid"` (nothing), `"same"`, or pairs of numbers. Default `"valid"`. */
  padding: paddingField("valid")
}

/** How a window goes over places. */
export interface PoolOptions extends OptionsOf<typeof poolFields> {}

type Sliding = Resolved<typeof poolFields>

/** Refuses padding that a window fits into. */
const checkInside = (layer: string, { window, padding }: Sliding): void => {
  if (typeof padding === "string") return
  const sizes = forAxes(layer, "window", window, padding.length)
  if (padding.some((pair, axis) => pair.some(n => n >= (sizes[axis] ?? 1))))
    fail("HyperparameterError", layer, `padding to be below the window ${describeList(sizes)}`, describeList(padding))
}

/** A layer that makes one number of each window, for each channel. */
export const pooling = (
  layer: string,
  pool: (
    x: Tensor,
    options: { readonly window: PerAxis; readonly strides: PerAxis; readonly padding: PaddingMode }
  ) => Tensor,
  options: Sliding
): Stateless => {
  checkInside(layer, options)
  return stateless(layer, (x: Tensor) => {
    const rank = checkSpatial(layer, x).shape.length - 2
    const window = forAxes(layer, "window", options.window, rank)
    const strides = forAxes(layer, "strides", options.strides ?? window, rank)
    const sliding = { window, strides, padding: checkPadding(layer, options.padding, rank) }
    return checkPlaces(layer, sliding, x, pool(x, sliding))
  })
}
