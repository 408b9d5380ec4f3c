import { describeList, describeValue, isList } from "./describe.js"
import { fail } from "./error.js"

/**
 * Sizes of the axes, outermost first. `[]` is a scalar. The shapes of tensors are frozen, and on frozen lists `every`,
 * `filter` and `slice` are ten times slower than a loop or a spread: hence the loops here.
 */
export type Shape = readonly number[]

/** The indices that an axis has, in words. */
export const showIndices = (what: string, size: number, axis: number): string =>
  size === 0 ? `no ${what}, since axis ${axis} is empty` : `${what} from 0 to ${size - 1} along axis ${axis}`

/** More elements than this are refused before anything is allocated. */
export const MAX_ELEMENTS = 2 ** 31

/** More axes than this are refused. */
export const MAX_RANK = 64

export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`

export const sizeOf = (shape: Shape): number => {
  let size = 1
  for (const n of shape) size *= n
  return size
}

export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const areSizes = (sizes: readonly unknown[]): boolean => {
  for (const n of sizes) if (!Number.isSafeInteger(n) || (n as number) < 0) return false
  return true
}

/** The sizes, if they are non-negative integers with a bounded product. */
export const checkShape = (operation: string, shape: Shape): Shape => {
  if (!Array.isArray(shape) || !areSizes(shape))
    return fail("ShapeError", operation, "a shape of non-negative integers", describeList(shape))
  return checkSize(operation, shape)
}

/** The shape, if its axes and its elements are not too many. */
export const checkSize = (operation: string, shape: Shape): Shape =>
  shape.length > MAX_RANK
    ? fail("ShapeError", operation, `at most ${MAX_RANK} axes`, String(shape.length))
    : sizeOf(shape) <= MAX_ELEMENTS
      ? shape
      : fail("ShapeError", operation, `at most ${MAX_ELEMENTS} elements`, `shape ${showShape(shape)}`)

/** Row-major strides, in elements. */
export const stridesOf = (shape: Shape): readonly number[] => {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] ?? 1
  }
  return strides
}

/** An axis counted from the front; `-1` is the last. */
export const normalizeAxis = (operation: string, axis: number, rank: number): number => {
  const from = Number.isInteger(axis) ? (axis < 0 ? axis + rank : axis) : NaN
  return from >= 0 && from < rank
    ? from
    : fail(
        "AxisError",
        operation,
        rank === 0 ? "no axis (a scalar has none)" : `an axis from ${-rank} to ${rank - 1}`,
        describeValue(axis)
      )
}

/** One axis, several, or all of them (the default of every reduction). */
export type Axes = number | readonly number[]

/** Distinct axes counted from the front, ascending; all axes when none is named. */
export const normalizeAxes = (operation: string, axes: Axes | undefined, rank: number): readonly number[] => {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i)
  const list = typeof axes === "number" ? [axes] : axes
  if (!isList(list)) fail("AxisError", operation, "an axis or a list of axes", describeValue(list))
  const normal = list.map(axis => normalizeAxis(operation, axis, rank))
  if (new Set(normal).size !== normal.length) return fail("AxisError", operation, "distinct axes", showShape(list))
  return normal.sort((a, b) => a - b)
}

/** The shape both broadcast to: aligned at the right, sizes equal or one of them 1. */
export const broadcastShapes = (operation: string, a: Shape, b: Shape): Shape => {
  if (sameShape(a, b)) return a
  if (b.length === 0) return a
  if (a.length === 0) return b
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1
    const n = b[b.length - i] ?? 1
    if (m !== n && m !== 1 && n !== 1)
      return fail("ShapeError", operation, "shapes that broadcast together", `${showShape(a)} and ${showShape(b)}`)
    out[rank - i] = m === 1 ? n : m
  }
  return out
}

export const removeAxes = (shape: Shape, axes: readonly number[]): Shape => {
  const kept: number[] = []
  for (let axis = 0; axis < shape.length; axis++) if (!axes.includes(axis)) kept.push(shape[axis] as number)
  return kept
}

/** The shape with the size of one axis replaced. */
export const withAxis = (shape: Shape, axis: number, size: number): Shape =>
  shape.map((n, i) => (i === axis ? size : n))

/** Whether these are pairs of integers, as many as there are axes. */
export const arePairs = (pairs: unknown, rank: number): boolean =>
  Array.isArray(pairs) &&
  pairs.length === rank &&
  pairs.every(pair => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger))

/** `[0, 1, …, n-1]`. */
export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)
