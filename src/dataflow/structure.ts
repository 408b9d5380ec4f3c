import { arange, iota, lift, scalar, tensor, type Operand } from "./create.js"
import { add, cast, eq, ge, where } from "./elementwise.js"
import { isFloat } from "./dtype.js"
import { fail } from "./error.js"
import type { Padding, Tensor } from "./primitive.js"
import {
  checkShape,
  normalizeAxes,
  normalizeAxis,
  range,
  sameShape,
  showShape,
  sizeOf,
  withAxis,
  type Axes,
  type Shape
} from "./shape.js"
import { apply, isLiteral } from "./tensor.js"

/** The same elements in row-major order under another shape; one size may be `-1`, meaning what is left. */
export const reshape = (x: Tensor, shape: Shape): Tensor => {
  const holes = shape.filter(n => n === -1).length
  const known = shape.filter(n => n !== -1)
  checkShape("reshape", known)
  const rest = sizeOf(x.shape) / sizeOf(known)
  if (holes > 1 || (holes === 1 && !Number.isInteger(rest)))
    fail("ShapeError", "reshape", `a shape of ${sizeOf(x.shape)} elements with at most one -1`, showShape(shape))
  const target = shape.map(n => (n === -1 ? rest : n))
  return sameShape(x.shape, target) ? x : apply({ kind: "reshape", shape: target }, [x])
}

/** One axis of all elements. */
export const flatten = (x: Tensor): Tensor => reshape(x, [-1])

/** Adds an axis of size 1 at `axis`. */
export const expandDims = (x: Tensor, axis: number): Tensor => {
  const at = normalizeAxis("expandDims", axis, x.shape.length + 1)
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}

/** Removes axes of size 1: the named ones (an error if their size is not 1), or all of them. */
export const squeeze = (x: Tensor, axes?: Axes): Tensor => {
  const ones = range(x.shape.length).filter(axis => x.shape[axis] === 1)
  const dropped = axes === undefined ? ones : normalizeAxes("squeeze", axes, x.shape.length)
  if (!dropped.every(axis => ones.includes(axis)))
    fail("ShapeError", "squeeze", "axes of size 1", `axes ${showShape(dropped)} of ${showShape(x.shape)}`)
  return reshape(
    x,
    x.shape.filter((_, axis) => !dropped.includes(axis))
  )
}

/** Permutes the axes; without a permutation, reverses them. Axis `i` of the result is axis `permutation[i]` of `x`. */
export const transpose = (x: Tensor, permutation?: readonly number[]): Tensor => {
  const rank = x.shape.length
  const order = permutation?.map(axis => normalizeAxis("transpose", axis, rank)) ?? range(rank).toReversed()
  if (order.length !== rank || new Set(order).size !== rank)
    fail("AxisError", "transpose", `a permutation of ${rank} axes`, showShape(permutation ?? []))
  return order.every((axis, i) => axis === i) ? x : apply({ kind: "transpose", permutation: order }, [x])
}

/** Swaps two axes. */
export const swapAxes = (x: Tensor, a: number, b: number): Tensor => {
  const rank = x.shape.length
  const [i, j] = [normalizeAxis("swapAxes", a, rank), normalizeAxis("swapAxes", b, rank)]
  return transpose(
    x,
    range(rank).map(axis => (axis === i ? j : axis === j ? i : axis))
  )
}

/** Moves one axis to another place; the others keep their order. */
export const moveAxis = (x: Tensor, from: number, to: number): Tensor => {
  const rank = x.shape.length
  const [source, target] = [normalizeAxis("moveAxis", from, rank), normalizeAxis("moveAxis", to, rank)]
  return transpose(
    x,
    range(rank)
      .filter(axis => axis !== source)
      .toSpliced(target, 0, source)
  )
}

/** Repeats along axes of size 1 (and new leading axes) up to `shape`. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply({ kind: "broadcast", shape: checkShape("broadcastTo", shape).slice() }, [x])

export interface SliceOptions {
  /** First index of each axis; negative counts from the end. Default 0. */
  readonly start?: readonly number[]
  /** Index after the last; negative counts from the end. Default the size. */
  readonly stop?: readonly number[]
  /** Positive steps. Default 1. */
  readonly step?: readonly number[]
}

/** A rectangular part, axis by axis as `x[start:stop:step]`; axes beyond the given lists are kept whole. */
export const slice = (x: Tensor, options: SliceOptions): Tensor => {
  const { start = [], stop = [], step = [] } = options
  if (Math.max(start.length, stop.length, step.length) > x.shape.length)
    fail("AxisError", "slice", `at most ${x.shape.length} axes`, `${Math.max(start.length, stop.length, step.length)}`)
  const bound = (value: number, size: number, axis: number): number => {
    const index = value < 0 ? value + size : value
    return Number.isInteger(value) && index >= 0 && index <= size
      ? index
      : fail("IndexError", "slice", `an index within ${size} along axis ${axis}`, String(value))
  }
  const steps = x.shape.map((_, i) => step[i] ?? 1)
  if (!steps.every(n => Number.isInteger(n) && n > 0))
    fail("IndexError", "slice", "positive integer steps", showShape(steps))
  const starts = x.shape.map((n, i) => bound(start[i] ?? 0, n, i))
  const stops = x.shape.map((n, i) => Math.max(starts[i] ?? 0, bound(stop[i] ?? n, n, i)))
  const whole = x.shape.every((n, i) => starts[i] === 0 && stops[i] === n && steps[i] === 1)
  return whole ? x : apply({ kind: "slice", starts, stops, steps }, [x])
}

/** A part of one axis: `x[..., start:stop, ...]`. */
export const sliceAxis = (x: Tensor, axis: number, start: number, stop: number): Tensor => {
  const at = normalizeAxis("sliceAxis", axis, x.shape.length)
  const on = (value: number, other: (i: number) => number): readonly number[] =>
    x.shape.map((_, i) => (i === at ? value : other(i)))
  return slice(x, { start: on(start, () => 0), stop: on(stop, i => x.shape[i] ?? 0) })
}

export interface PadOptions {
  /** Elements put between neighbours, per axis. Default 0. */
  readonly interior?: readonly number[]
  /** What is put there. Default 0. */
  readonly value?: Operand
}

/** Surrounds (or, with negative numbers, crops) each axis by `[low, high]` elements, and spreads neighbours apart. */
export const pad = (x: Tensor, padding: readonly Padding[], options: PadOptions = {}): Tensor => {
  const { interior = x.shape.map(() => 0), value = 0 } = options
  if (padding.length !== x.shape.length || interior.length !== x.shape.length)
    fail(
      "AxisError",
      "pad",
      `padding for ${x.shape.length} axes`,
      `${padding.length} pairs, ${interior.length} interiors`
    )
  if (!padding.flat().every(Number.isInteger) || !interior.every(n => Number.isInteger(n) && n >= 0))
    fail("ShapeError", "pad", "integers, and no negative interior", JSON.stringify([padding, interior]))
  const untouched = padding.every(([low, high]) => low === 0 && high === 0) && interior.every(n => n === 0)
  const kept = padding.map(([low, high]): Padding => [low, high])
  return untouched
    ? x
    : apply({ kind: "pad", padding: kept, interior: interior.slice() }, [x, lift("pad", value, x.dtype)])
}

/** Joins tensors along one axis; their other sizes and their dtypes agree. */
export const concat = (tensors: readonly Tensor[], axis = 0): Tensor => {
  const head = tensors[0] ?? fail("ShapeError", "concat", "at least one tensor", "none")
  const at = normalizeAxis("concat", axis, head.shape.length)
  return tensors.length === 1 ? head : apply({ kind: "concat", axis: at }, tensors.slice())
}

/** Joins tensors of one shape along a new axis. */
export const stack = (tensors: readonly Tensor[], axis = 0): Tensor =>
  concat(
    tensors.map(t => expandDims(t, axis)),
    axis
  )

/** Cuts one axis at the given sizes, which add up to its size. */
export const split = (x: Tensor, sizes: readonly number[], axis = 0): readonly Tensor[] => {
  const at = normalizeAxis("split", axis, x.shape.length)
  const total = sizes.reduce((sum, n) => sum + n, 0)
  if (total !== x.shape[at] || !sizes.every(n => Number.isInteger(n) && n >= 0))
    fail("ShapeError", "split", `sizes that add up to ${x.shape[at] ?? 0}`, showShape(sizes))
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, n) => sum + n, 0))
  return sizes.map((n, i) => sliceAxis(x, at, (ends[i] ?? 0) - n, ends[i] ?? 0))
}

/** Reverses the order along axes. */
export const flip = (x: Tensor, axes?: Axes): Tensor => {
  const list = normalizeAxes("flip", axes, x.shape.length)
  return list.length === 0 ? x : apply({ kind: "flip", axes: list }, [x])
}

/** Checks indices along an axis of `x` at the call if they are known; when the value is computed, all are checked. */
const checkIndices = (operation: string, x: Tensor, axis: number, indices: Tensor): void => {
  if (!isLiteral(indices) || isFloat(indices.dtype)) return
  const size = x.shape[axis] ?? 0
  const place = indices.op.data.findIndex(index => index < 0 || index >= size)
  if (place >= 0)
    fail(
      "IndexError",
      operation,
      `indices from 0 to ${size - 1} along axis ${axis}`,
      `${indices.op.data[place] ?? ""} at place ${place}`
    )
}

/**
 * The elements of one axis at some indices: `x[..., indices, ...]`.
 *
 * Shape: that of `x` with the axis replaced by the shape of `indices`. An index outside the axis is an `IndexError`, at
 * this call if the indices are known, else when the value is computed.
 */
export const take = (x: Tensor, indices: Tensor | readonly number[], axis = 0): Tensor => {
  const along = normalizeAxis("take", axis, x.shape.length)
  const places = "_tag" in indices ? indices : tensor(indices, { dtype: "i32" })
  checkIndices("take", x, along, places)
  return apply({ kind: "gather", axis: along, batch: 0 }, [x, places])
}

/** The `index`-th slice along one axis, which disappears: `x[..., index, ...]`. The index may be a tensor. */
export const at = (x: Tensor, index: number | Tensor, axis = 0): Tensor => {
  if (typeof index !== "number") return take(x, index, axis)
  const along = normalizeAxis("at", axis, x.shape.length)
  const size = x.shape[along] ?? 0
  const from = index < 0 ? index + size : index
  if (!Number.isInteger(index) || from < 0 || from >= size)
    fail("IndexError", "at", `an index from ${-size} to ${size - 1} along axis ${along}`, String(index))
  return squeeze(sliceAxis(x, along, from, from + 1), along)
}

/**
 * Adds `updates` into `base` at indices along one axis; repeated indices accumulate. The adjoint of `take`, and strict
 * about indices as it is.
 */
export const scatterAdd = (base: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor => {
  const along = normalizeAxis("scatterAdd", axis, base.shape.length)
  checkIndices("scatterAdd", base, along, indices)
  return apply({ kind: "scatterAdd", axis: along, batch: 0 }, [base, indices, updates])
}

/** One element along `axis` for each place of `indices`, whose shape is that of `x` with another size of the axis. */
export const takeAlongAxis = (x: Tensor, indices: Tensor, axis: number): Tensor => {
  const along = normalizeAxis("takeAlongAxis", axis, x.shape.length)
  const last = x.shape.length - 1
  if (!sameShape(withAxis(x.shape, along, 0), withAxis(indices.shape, along, 0)))
    fail(
      "ShapeError",
      "takeAlongAxis",
      `sizes off axis ${along} to agree`,
      `${showShape(x.shape)} and ${showShape(indices.shape)}`
    )
  checkIndices("takeAlongAxis", x, along, indices)
  const picked = apply({ kind: "gather", axis: last, batch: last }, [
    moveAxis(x, along, last),
    moveAxis(indices, along, last)
  ])
  return moveAxis(picked, last, along)
}

/** `1` at the index along a new last axis of `depth` classes, `0` elsewhere. An index outside gives a row of zeros. */
export const oneHot = (indices: Tensor, depth: number, dtype: Tensor["dtype"] = "f32"): Tensor =>
  cast(eq(expandDims(indices, -1), arange(sizeOf(checkShape("oneHot", [depth])), { dtype: indices.dtype })), dtype)

const band = (operation: string, x: Tensor, keep: (row: Tensor, column: Tensor) => Tensor): Tensor => {
  if (x.shape.length < 2) fail("ShapeError", operation, "a matrix or a batch of matrices", showShape(x.shape))
  const square = x.shape.slice(-2)
  return where(keep(iota(square, 0), iota(square, 1)), x, scalar(0, x.dtype))
}

/** The lower triangle, up to the `k`-th diagonal above the main one; zeros elsewhere. */
export const tril = (x: Tensor, k = 0): Tensor => band("tril", x, (row, column) => ge(add(row, k), column))

/** The upper triangle, from the `k`-th diagonal above the main one; zeros elsewhere. */
export const triu = (x: Tensor, k = 0): Tensor => band("triu", x, (row, column) => ge(column, add(row, k)))

/** The identity matrix (or a rectangular one: ones where row and column agree). */
export const eye = (rows: number, columns = rows, dtype: Tensor["dtype"] = "f32"): Tensor =>
  cast(eq(iota([rows, columns], 0), iota([rows, columns], 1)), dtype)
