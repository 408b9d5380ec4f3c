import { checkList, checkOptions, rankOf } from "./check.js"
import { fail } from "./error.js"
import type { Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import { normalizeAxis, showShape } from "./shape.js"
import { apply } from "./tensor.js"

/** Where a part begins and ends, and its step, axis by axis. */
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
  const rank = rankOf("slice", x)
  checkOptions("slice", options, ["start", "stop", "step"])
  const [start, stop, step] = [options.start, options.stop, options.step].map(list =>
    checkList("slice", "start, stop and step as lists", list ?? [])
  ) as [readonly number[], readonly number[], readonly number[]]
  if (Math.max(start.length, stop.length, step.length) > rank)
    fail("AxisError", "slice", `at most ${rank} axes`, `${Math.max(start.length, stop.length, step.length)}`)
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
  return whole ? x : apply(shapes.slice, { kind: "slice", starts, stops, steps }, [x])
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
  const at = normalizeAxis("sliceAxis", axis, rankOf("sliceAxis", x))
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
  const at = normalizeAxis("split", axis, rankOf("split", x))
  const wanted = `sizes that add up to ${x.shape[at] ?? 0}`
  const total = checkList("split", `a list of ${wanted}`, sizes).reduce((sum, n) => sum + n, 0)
  if (total !== x.shape[at] || !sizes.every(n => Number.isInteger(n) && n >= 0))
    fail("ShapeError", "split", wanted, showShape(sizes))
  let stop = 0
  return sizes.map(n => {
    const start = stop
    stop += n
    return sliceAxis(x, at, start, stop)
  })
}
