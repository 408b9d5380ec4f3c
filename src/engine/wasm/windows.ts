import type { OpOf, Padding, Windows } from "../../dataflow/primitive.js"
import { range, sizeOf, type Shape } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import type { Building } from "./building.js"
import type { View } from "./node.js"
import { lengthOf, transposed } from "./view.js"

/** The windows at some places: the axes along a window first, then those of the places, by strides that overlap. */
export const windowed = (view: View, { axes, sizes, strides, dilations }: Windows, places: Shape): View => ({
  ...view,
  shape: [...sizes, ...places],
  strides: [
    ...axes.map((axis, i) => view.strides[axis]! * dilations[i]!),
    ...view.strides.map((stride, axis) => stride * (strides[axes.indexOf(axis)] ?? 1))
  ]
})

/** A view with zeros, or another number, around and between its elements. */
export const padded = (
  view: View,
  padding: readonly Padding[],
  interior: readonly number[],
  x: number,
  building: Building
): View => {
  if (padding.every(([low, high]) => low === 0 && high === 0) && interior.every(n => n === 0)) return view
  const { dtype } = view.node
  const shape = view.shape.map((n, axis) => n + padding[axis]![0] + padding[axis]![1] + (n - 1) * interior[axis]!)
  return building.padded({ kind: "pad", padding, interior }, view, building.number(x, dtype), { shape, dtype })
}

/** Whether the elements of a view are nearer to each other along one axis than along another. */
const isNearer = ({ shape, strides }: View, a: number | undefined, b: number | undefined): boolean => {
  if (a === undefined || b === undefined) return a !== undefined
  const [x, y] = [Math.abs(strides[a]!), Math.abs(strides[b]!)]
  return x < y || (x === y && shape[a]! > shape[b]!)
}

const byStride = ({ strides }: View, axes: readonly number[]): readonly number[] =>
  axes.toSorted((a, b) => Math.abs(strides[b]!) - Math.abs(strides[a]!))

/**
 * `[batches, rows, depth]` of a view whose first axis is that of batches. Where no single strides say it, it is copied, such
 * that what is near stays near.
 */
const matrixOf = (view: View, rows: readonly number[], depth: readonly number[], building: Building): View => {
  const long = (axes: readonly number[]): number | undefined => axes.findLast(axis => view.shape[axis] !== 1)
  const [batches, m, k] = [view.shape[0]!, lengthOf(view, rows), lengthOf(view, depth)]
  return isNearer(view, long(rows), long(depth))
    ? transposed(building.arranged(view, [0, ...depth, ...rows], [batches, k, m]), [0, 2, 1])
    : building.arranged(view, [0, ...rows, ...depth], [batches, m, k])
}

/** Windows with more elements than this are not copied out; the interpreter takes some at a time. */
const MOST_COPIED = 2 ** 26

/** A product of windows, copied out, and the kernel, which goes over taps and channels in the interpreter's order. */
export const convOf = (op: OpOf<"conv">, x: View, kernel: View, type: Type, building: Building): View | undefined => {
  const rank = op.strides.length
  const [axes, sizes] = [range(rank).map(i => i + 2), kernel.shape.slice(1, -2)]
  if (sizeOf(type.shape.slice(0, -1)) * sizeOf(kernel.shape.slice(1, -1)) > MOST_COPIED) return undefined
  const around: readonly Padding[] = [[0, 0], [0, 0], ...op.padding, [0, 0]]
  const input = padded(x, around, [0, 0, ...op.inputDilation.map(d => d - 1), 0], 0, building)
  const [channels, outputs] = kernel.shape.slice(-2) as [number, number]
  const sliding: Windows = { axes, sizes, strides: op.strides, dilations: op.kernelDilation }
  const windows = windowed(input, sliding, [...type.shape.slice(0, -1), channels])
  const taps = range(rank)
  const view = transposed(windows, [rank, ...range(rank + 1).map(i => rank + 1 + i), ...taps, 2 * rank + 2])
  const places = range(rank + 1).map(i => i + 1)
  const [rows, depth] = [byStride(view, places), range(rank + 1).map(i => rank + 2 + i)]
  const right = building.arranged(kernel, range(rank + 3), [kernel.shape[0]!, sizeOf(sizes) * channels, outputs])
  const shape = [0, ...rows].map(axis => view.shape[axis]!)
  const result = building.product(matrixOf(view, rows, depth, building), right, { ...type, shape: [...shape, outputs] })
  return transposed(result, [0, ...places.map(axis => 1 + rows.indexOf(axis)), rank + 2])
}

/**
 * Reduces windows, whose axes stand first, in the interpreter's order: one element after the other. Where there is one
 * place it is taken twice, since a sum over the last axis would be that of four lanes.
 */
export const overWindows = (fn: "sum" | "max", view: View, type: Type, building: Building): View => {
  const axes = range(view.shape.length - type.shape.length)
  if (sizeOf(type.shape) > 1) return building.reduction(fn, axes, view, type)
  const views = { ...view, shape: [...view.shape, 2], strides: [...view.strides, 0] }
  const twice = building.reduction(fn, axes, views, { ...type, shape: [...type.shape, 2] })
  return { ...twice, shape: type.shape, strides: twice.strides.slice(0, -1) }
}

/** What a window that slides by single steps needs around places to meet at each element those that it is in. */
export const around = (places: number, length: number, size = 1, stride = 1, dilation = 1): Padding => [
  (size - 1) * dilation,
  length - 1 - (places - 1) * stride
]

/** Sums windows where they overlap: every element sums over those that it is in, of which padding is none. */
export const foldOf = (op: OpOf<"fold">, x: View, type: Type, building: Building): View | undefined => {
  const { axis, lengths, strides, dilations } = op
  const rank = lengths.length
  const sizes = x.shape.slice(axis + rank, axis + 2 * rank)
  const ends = lengths.map((n, i) => around(x.shape[axis + i]!, n, sizes[i], strides[i], dilations[i]))
  const padding = x.shape.map((_, i): Padding => ends[i - axis] ?? [0, 0])
  const interior = x.shape.map((_, i) => (strides[i - axis] ?? 1) - 1)
  const spread = padded(x, padding, interior, 0, building)
  const [places, taps] = [spread.strides.slice(axis, axis + rank), spread.strides.slice(axis + rank, axis + 2 * rank)]
  const view: View = {
    node: spread.node,
    shape: [...sizes, ...type.shape],
    strides: [
      ...places.map((stride, i) => stride * dilations[i]! - taps[i]!),
      ...spread.strides.toSpliced(axis, 2 * rank, ...places)
    ],
    offset: taps.reduce((offset, stride, i) => offset + (sizes[i]! - 1) * stride, spread.offset)
  }
  return sizeOf(spread.shape) > MOST_COPIED ? undefined : overWindows("sum", view, type, building)
}
