import { lift, type Operand } from "./create.js"
import { fail } from "./error.js"
import type { Padding, Tensor } from "./primitive.js"
import { arePairs, normalizeAxis, sameShape, showShape } from "./shape.js"
import { expandDims } from "./structure.js"
import { apply } from "./tensor.js"

export interface SliceOptions {
  /** First index of each axis; negative counts from the end. Default 0. */
  readonly start?: readonly number[]
  /** Index after the last; negative counts from the end. Default the size. */
  readonly stop?: readonly number[]
  /** Positive steps. Default 1. */
  readonly step?: readonly number[]
}

/**
 * Takes a rectangular part, axis by axis as `x[start:stop:step]`; axes beyond the given lists are kept whole.
 *
 * Throws an `IndexError` for a bound outside its axis or a step that is no positive integer, an `AxisError` for too
 * long a list. A `stop` before its `start` gives no elements.
 *
 * @example
 * import assert from "node:assert"
 * import { slice, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[0, 1, 2, 3], [4, 5, 6, 7]])
 * assert.deepStrictEqual(toArray(slice(x, { start: [1, 1] })), [[5, 6, 7]])
 * assert.deepStrictEqual(toArray(slice(x, { stop: [2, -1], step: [1, 2] })), [[0, 2], [4, 6]])
 */
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

/**
 * Takes a part of one axis: `x[..., start:stop, ...]`; negative bounds count from the end. A bound outside the axis is
 * an `IndexError`.
 *
 * @example
 * import assert from "node:assert"
 * import { sliceAxis, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[0, 1, 2, 3], [4, 5, 6, 7]])
 * assert.deepStrictEqual(toArray(sliceAxis(x, 1, -3, -1)), [[1, 2], [5, 6]])
 */
export const sliceAxis = (x: Tensor, axis: number, start: number, stop: number): Tensor => {
  const at = normalizeAxis("sliceAxis", axis, x.shape.length)
  const on = (value: number, other: (i: number) => number): readonly number[] =>
    x.shape.map((_, i) => (i === at ? value : other(i)))
  return slice(x, { start: on(start, () => 0), stop: on(stop, i => x.shape[i] ?? 0) })
}

/**
 * Cuts one axis (the first, by default) at the given sizes, which add up to its size, else a `ShapeError`.
 *
 * Law: `concat(split(x, sizes, axis), axis) ≡ x`.
 *
 * @example
 * import assert from "node:assert"
 * import { split, tensor, toArray } from "thalweg"
 *
 * const [head, rest] = split(tensor([1, 2, 3, 4, 5]), [2, 3])
 * assert.ok(head && rest)
 * assert.deepStrictEqual(toArray(head), [1, 2])
 * assert.deepStrictEqual(toArray(rest), [3, 4, 5])
 */
export const split = (x: Tensor, sizes: readonly number[], axis = 0): readonly Tensor[] => {
  const at = normalizeAxis("split", axis, x.shape.length)
  const total = sizes.reduce((sum, n) => sum + n, 0)
  if (total !== x.shape[at] || !sizes.every(n => Number.isInteger(n) && n >= 0))
    fail("ShapeError", "split", `sizes that add up to ${x.shape[at] ?? 0}`, showShape(sizes))
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, n) => sum + n, 0))
  return sizes.map((n, i) => sliceAxis(x, at, (ends[i] ?? 0) - n, ends[i] ?? 0))
}

export interface PadOptions {
  /** Elements put between neighbours, per axis. Default 0. */
  readonly interior?: readonly number[]
  /** What is put there. Default 0. */
  readonly value?: Operand
}

/**
 * Surrounds each axis by `[low, high]` elements (or, with negative numbers, crops it) and spreads neighbours apart.
 *
 * Sizes: `n + low + high + (n - 1)·interior`. Throws an `AxisError` unless there is one pair per axis, a `ShapeError`
 * for what are no pairs of integers or for cropping more than there is.
 *
 * @example
 * import assert from "node:assert"
 * import { pad, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 2, 3])
 * assert.deepStrictEqual(toArray(pad(x, [[1, 2]])), [0, 1, 2, 3, 0, 0])
 * assert.deepStrictEqual(toArray(pad(x, [[-1, 1]], { value: 9 })), [2, 3, 9])
 * assert.deepStrictEqual(toArray(pad(x, [[0, 0]], { interior: [1] })), [1, 0, 2, 0, 3])
 */
export const pad = (x: Tensor, padding: readonly Padding[], options: PadOptions = {}): Tensor => {
  const { interior = x.shape.map(() => 0), value = 0 } = options
  if (padding.length !== x.shape.length || interior.length !== x.shape.length)
    fail(
      "AxisError",
      "pad",
      `padding for ${x.shape.length} axes`,
      `${padding.length} pairs, ${interior.length} interiors`
    )
  if (!arePairs(padding, x.shape.length) || !interior.every(n => Number.isInteger(n) && n >= 0))
    fail("ShapeError", "pad", "pairs of integers, and no negative interior", JSON.stringify([padding, interior]))
  const untouched = padding.every(([low, high]) => low === 0 && high === 0) && interior.every(n => n === 0)
  const kept = padding.map(([low, high]): Padding => [low, high])
  return untouched
    ? x
    : apply({ kind: "pad", padding: kept, interior: interior.slice() }, [x, lift("pad", value, x.dtype)])
}

/**
 * Joins tensors along one axis (the first, by default).
 *
 * Throws a `ShapeError` when there is none or their other sizes differ, a `DTypeError` when their dtypes differ.
 *
 * Law: associative, with tensors of size 0 along the axis as units.
 *
 * @example
 * import assert from "node:assert"
 * import { concat, tensor, toArray } from "thalweg"
 *
 * const [a, b] = [tensor([[1, 2]]), tensor([[3, 4], [5, 6]])]
 * assert.deepStrictEqual(toArray(concat([a, b])), [[1, 2], [3, 4], [5, 6]])
 * assert.throws(() => concat([a, b], 1), { name: "ShapeError" })
 */
export const concat = (tensors: readonly Tensor[], axis = 0): Tensor => {
  const head = tensors[0] ?? fail("ShapeError", "concat", "at least one tensor", "none")
  const at = normalizeAxis("concat", axis, head.shape.length)
  return tensors.length === 1 ? head : apply({ kind: "concat", axis: at }, tensors.slice())
}

/**
 * Joins tensors of one shape (else a `ShapeError`) along a new axis, which is axis `axis` of the result.
 *
 * Law: `at(stack(tensors), i) ≡ tensors[i]`.
 *
 * @example
 * import assert from "node:assert"
 * import { stack, tensor, toArray } from "thalweg"
 *
 * const [a, b] = [tensor([1, 2, 3]), tensor([4, 5, 6])]
 * assert.deepStrictEqual(toArray(stack([a, b])), [[1, 2, 3], [4, 5, 6]])
 * assert.deepStrictEqual(toArray(stack([a, b], -1)), [[1, 4], [2, 5], [3, 6]])
 */
export const stack = (tensors: readonly Tensor[], axis = 0): Tensor => {
  const head = tensors[0] ?? fail("ShapeError", "stack", "at least one tensor", "none")
  for (const t of tensors)
    if (!sameShape(head.shape, t.shape))
      fail("ShapeError", "stack", "tensors of one shape", `${showShape(head.shape)} and ${showShape(t.shape)}`)
  const at = normalizeAxis("stack", axis, head.shape.length + 1)
  return concat(
    tensors.map(t => expandDims(t, at)),
    at
  )
}
