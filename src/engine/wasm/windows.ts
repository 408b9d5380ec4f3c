import { allocate, type DType } from "../../dataflow/dtype.js"
import type { OpOf, Padding, ReduceFn, Windows } from "../../dataflow/primitive.js"
import { range, sizeOf, stridesOf, type Shape } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import { valueOf, type Value } from "../../dataflow/value.js"
import { offsets } from "../interpreter/strided.js"
import type { ProgramOp } from "../program/program.js"
import type { Constant, Fn, View } from "./node.js"
import { transposed, whole } from "./view.js"

/** What windows are computed with. */
interface Nodes {
  constant(value: Value): Constant
  elementwise(fn: Fn, args: readonly View[], type: Type): View
  reduction(fn: ReduceFn, axes: readonly number[], arg: View, type: Type): View
  product(left: View, right: View, type: Type): View
  arranged(view: View, order: readonly number[], shape: Shape): View
  /** What a primitive gives. */
  applied(op: ProgramOp, args: readonly View[], type: Type): View
}

/** The windows at some places: the axes along a window first, then those of the places, by strides that overlap. */
const windowed = (view: View, { axes, sizes, strides, dilations }: Windows, places: Shape): View => ({
  ...view,
  shape: [...sizes, ...places],
  strides: [
    ...axes.map((axis, i) => view.strides[axis]! * dilations[i]!),
    ...view.strides.map((stride, axis) => stride * (strides[axes.indexOf(axis)] ?? 1))
  ]
})

const scalar = (x: number, dtype: DType, nodes: Nodes): View =>
  whole(nodes.constant(valueOf({ shape: [], dtype }, allocate(dtype, 1).fill(x))))

/** A view with zeros, or another number, around and between its elements. */
const padded = (
  view: View,
  padding: readonly Padding[],
  interior: readonly number[],
  x: number,
  nodes: Nodes
): View => {
  if (padding.every(([low, high]) => low === 0 && high === 0) && interior.every(n => n === 0)) return view
  const { dtype } = view.node
  const shape = view.shape.map((n, axis) => n + padding[axis]![0] + padding[axis]![1] + (n - 1) * interior[axis]!)
  return nodes.applied({ kind: "pad", padding, interior }, [view, scalar(x, dtype, nodes)], { shape, dtype })
}

/** Reduces the windows as axes that stand first, which is the interpreter's order but for a single sum. */
export const windowReduceOf = (op: OpOf<"windowReduce">, x: View, type: Type, nodes: Nodes): View | undefined =>
  sizeOf(op.sizes) === 1 || (op.fn === "sum" && sizeOf(type.shape) === 1)
    ? undefined
    : nodes.reduction(op.fn, range(op.axes.length), windowed(x, op, type.shape), type)

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
const matrixOf = (view: View, rows: readonly number[], depth: readonly number[], nodes: Nodes): View => {
  const long = (axes: readonly number[]): number | undefined => axes.findLast(axis => view.shape[axis] !== 1)
  const count = (axes: readonly number[]): number => sizeOf(axes.map(axis => view.shape[axis]!))
  const [batches, m, k] = [view.shape[0]!, count(rows), count(depth)]
  return isNearer(view, long(rows), long(depth))
    ? transposed(nodes.arranged(view, [0, ...depth, ...rows], [batches, k, m]), [0, 2, 1])
    : nodes.arranged(view, [0, ...rows, ...depth], [batches, m, k])
}

/** A product of windows, copied out, and the kernel, which goes over taps and channels in the interpreter's order. */
export const convOf = (op: OpOf<"conv">, x: View, kernel: View, type: Type, nodes: Nodes): View => {
  const rank = op.strides.length
  const [axes, sizes] = [range(rank).map(i => i + 2), kernel.shape.slice(1, -2)]
  const around: readonly Padding[] = [[0, 0], [0, 0], ...op.padding, [0, 0]]
  const input = padded(x, around, [0, 0, ...op.inputDilation.map(d => d - 1), 0], 0, nodes)
  const [channels, outputs] = kernel.shape.slice(-2) as [number, number]
  const windows = windowed(input, { axes, sizes, strides: op.strides, dilations: op.kernelDilation }, [
    ...type.shape.slice(0, -1),
    channels
  ])
  const taps = range(rank)
  const view = transposed(windows, [rank, ...range(rank + 1).map(i => rank + 1 + i), ...taps, 2 * rank + 2])
  const places = range(rank + 1).map(i => i + 1)
  const [rows, depth] = [byStride(view, places), range(rank + 1).map(i => rank + 2 + i)]
  const right = nodes.arranged(kernel, range(rank + 3), [kernel.shape[0]!, sizeOf(sizes) * channels, outputs])
  const shape = [0, ...rows].map(axis => view.shape[axis]!)
  const result = nodes.product(matrixOf(view, rows, depth, nodes), right, { ...type, shape: [...shape, outputs] })
  return transposed(result, [0, ...places.map(axis => 1 + rows.indexOf(axis)), rank + 2])
}

/** Which tap of each window is its first largest, or a NaN; taps are numbered from 0. */
const firstLargest = (op: Windows, x: View, places: Shape, nodes: Nodes): View => {
  const windows = windowed(x, op, places)
  const { shape } = windows
  const taps = range(op.axes.length)
  const is = (fn: Fn, a: View, b: View): View => nodes.elementwise(fn, [a, b], { shape, dtype: "bool" })
  const largest = nodes.reduction("max", taps, windows, { shape: places, dtype: x.node.dtype })
  const numbers = tableOf(op.sizes, range(sizeOf(op.sizes)), nodes)
  const found = [
    is("or", is("eq", windows, largest), is("ne", windows, windows)),
    { ...numbers, shape, strides: [...numbers.strides, ...places.map(() => 0)] },
    scalar(sizeOf(op.sizes), "i32", nodes)
  ]
  const number = nodes.elementwise("select", found, { shape, dtype: "i32" })
  return nodes.reduction("min", taps, number, { shape: places, dtype: "i32" })
}

const tableOf = (shape: Shape, numbers: readonly number[], nodes: Nodes): View =>
  whole(nodes.constant(valueOf({ shape, dtype: "i32" }, Int32Array.from(numbers))))

/** Sums of a single number, which are never -0. */
const sumOfOne = (view: View, type: Type, nodes: Nodes): View =>
  nodes.elementwise("add", [view, scalar(0, type.dtype, nodes)], type)

/**
 * Of windows that do not overlap: the tensor is cut into blocks, one for each window, and an element that is the first
 * largest of its window gets the cotangent.
 */
const pulledApart = (op: Windows, first: View, ct: View, type: Type, nodes: Nodes): View => {
  const [at, steps] = [(axis: number) => op.axes.indexOf(axis), stridesOf(op.strides)]
  const numbers = new Array<number>(sizeOf(op.strides)).fill(-1)
  const taps = offsets(
    op.sizes,
    steps.map((step, i) => step * op.dilations[i]!)
  )
  taps.forEach((place, tap) => (numbers[place] = tap))
  const blocks = ct.shape.flatMap((n, axis) => (at(axis) < 0 ? [n] : [n, op.strides[at(axis)]!]))
  const each = (view: View): View => ({
    ...view,
    shape: blocks,
    strides: view.strides.flatMap((stride, axis) => (at(axis) < 0 ? [stride] : [stride, 0]))
  })
  const within: View = {
    ...tableOf(op.strides, numbers, nodes),
    shape: blocks,
    strides: ct.shape.flatMap((_, axis) => (at(axis) < 0 ? [0] : [0, steps[at(axis)]!]))
  }
  const isFirst = nodes.elementwise("eq", [each(first), within], { shape: blocks, dtype: "bool" })
  const sums = sumOfOne(each(ct), { ...type, shape: blocks }, nodes)
  const pulled = nodes.elementwise("select", [isFirst, sums, scalar(0, type.dtype, nodes)], { ...type, shape: blocks })
  const shape = ct.shape.map((n, axis) => n * (op.strides[at(axis)] ?? 1))
  const rest = shape.map((n, axis): Padding => [0, type.shape[axis]! - n])
  return padded(whole(pulled.node, shape), rest, shape.map(() => 0), 0, nodes) // prettier-ignore
}

/** What a window that slides by single steps needs around places to meet at each element those that it is in. */
const around = (places: number, length: number, size = 1, stride = 1, dilation = 1): Padding => [
  (size - 1) * dilation,
  length - 1 - (places - 1) * stride
]

/** Of windows that overlap: every element sums over those that it is in, of which padding is none. */
const pulledTogether = (op: Windows, first: View, ct: View, type: Type, nodes: Nodes): View => {
  const at = (axis: number): number => op.axes.indexOf(axis)
  const padding = ct.shape.map((n, axis) => {
    const i = at(axis)
    return around(n, type.shape[axis]!, op.sizes[i], op.strides[i], op.dilations[i])
  })
  const interior = ct.shape.map((_, axis) => (op.strides[at(axis)] ?? 1) - 1)
  const sliding = { ...op, strides: op.strides.map(() => 1) }
  const windowsOf = (view: View, x: number): View =>
    windowed(padded(view, padding, interior, x, nodes), sliding, type.shape)
  const [firsts, cts] = [windowsOf(first, -1), windowsOf(ct, 0)]
  const backwards = tableOf(op.sizes, range(sizeOf(op.sizes)).toReversed(), nodes)
  const numbers = { ...backwards, shape: cts.shape, strides: [...backwards.strides, ...type.shape.map(() => 0)] }
  const isFirst = nodes.elementwise("eq", [firsts, numbers], { shape: cts.shape, dtype: "bool" })
  const chosen = nodes.elementwise("select", [isFirst, cts, scalar(0, type.dtype, nodes)], {
    ...type,
    shape: cts.shape
  })
  return nodes.reduction("sum", range(op.axes.length), chosen, type)
}

/** The derivative of the largest of each window. */
export const maxPoolPullbackOf = (op: Windows, x: View, ct: View, type: Type, nodes: Nodes): View | undefined => {
  if (sizeOf(op.sizes) === 1) return undefined
  const first = firstLargest(op, x, ct.shape, nodes)
  return op.sizes.every((size, i) => (size - 1) * op.dilations[i]! < op.strides[i]!)
    ? pulledApart(op, first, ct, type, nodes)
    : pulledTogether(op, first, ct, type, nodes)
}

/** Sums windows where they overlap: every element sums over those that it is in, of which padding is none. */
export const foldOf = (op: OpOf<"fold">, x: View, type: Type, nodes: Nodes): View | undefined => {
  const { axis, lengths, strides, dilations } = op
  const rank = lengths.length
  const sizes = x.shape.slice(axis + rank, axis + 2 * rank)
  const zeros = x.shape.map(() => 0)
  const padding = lengths.map((n, i) => around(x.shape[axis + i]!, n, sizes[i], strides[i], dilations[i]))
  const spread = padded(
    x,
    zeros.map((_, i): Padding => padding[i - axis] ?? [0, 0]),
    zeros.map((_, i) => (strides[i - axis] ?? 1) - 1),
    0,
    nodes
  )
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
  if (sizeOf(type.shape) === 1) return undefined
  return sizeOf(sizes) === 1
    ? sumOfOne({ ...view, shape: type.shape, strides: view.strides.slice(rank) }, type, nodes)
    : nodes.reduction("sum", range(rank), view, type)
}
