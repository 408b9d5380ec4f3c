import type { Tensor } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"

/** Along which axis the units (neurons, channels) of a leaf lie: the last as in our kernels, or the first. */
export type Units = "last" | "first"

/** The axes within one unit of a leaf: all but that of the units. A vector or scalar is one unit. */
export const axesOfUnit = (units: Units, { shape }: Tensor): readonly number[] => {
  const axes = range(shape.length)
  if (shape.length < 2) return axes
  return units === "last" ? axes.slice(0, -1) : axes.slice(1)
}
