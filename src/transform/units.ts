import { div } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { range, sizeOf } from "../dataflow/shape.js"

/** Along which axis the units (neurons, channels) of a leaf lie: the last as in our kernels, or the first. */
export type Units = "last" | "first"

/** The axes within one unit of a leaf: all but that of the units. A vector or scalar is one unit. */
export const axesOfUnit = (units: Units, { shape }: Tensor): readonly number[] => {
  const axes = range(shape.length)
  if (shape.length < 2) return axes
  return units === "last" ? axes.slice(0, -1) : axes.slice(1)
}

/** The shape of a leaf of which some axes are reduced to 1. */
export const shapeWithout = (axes: readonly number[], { shape }: Tensor): readonly number[] =>
  shape.map((n, axis) => (axes.includes(axis) ? 1 : n))

/** The mean over some axes, which stay as 1; 0 of nothing. */
export const meanOver = (axes: readonly number[], leaf: Tensor): Tensor =>
  div(sum(leaf, { axes, keepDims: true }), Math.max(1, sizeOf(axes.map(axis => leaf.shape[axis] ?? 1))))
