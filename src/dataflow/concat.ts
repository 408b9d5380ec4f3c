import { describeList } from "./describe.js"
import { checkList, checkOptions, checkTensors, rankOf } from "./check.js"
import { lift, type Operand } from "./create.js"
import { fail } from "./error.js"
import type { Padding, Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import { arePairs, normalizeAxis, sameShape, showShape } from "./shape.js"
import { expandDims } from "./structure.js"
import { apply } from "./tensor.js"

/** What is put between elements and around them. */
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
  const rank = rankOf("pad", x)
  const { interior = x.shape.map(() => 0), value = 0 } = checkOptions("pad", options, ["interior", "value"])
  checkList("pad", "a list of pairs", padding)
  checkList("pad", "interior as a list", interior)
  if (padding.length !== rank || interior.length !== rank)
    fail("AxisError", "pad", `padding for ${rank} axes`, `${padding.length} pairs, ${interior.length} interiors`)
  if (!arePairs(padding, rank) || !interior.every(n => Number.isInteger(n) && n >= 0))
    fail(
      "ShapeError",
      "pad",
      "pairs of integers, and no negative interior",
      `${describeList(padding)} and ${describeList(interior)}`
    )
  const untouched = padding.every(([low, high]) => low === 0 && high === 0) && interior.every(n => n === 0)
  const kept = padding.map(([low, high]): Padding => [low, high])
  return untouched
    ? x
    : apply(shapes.pad, { kind: "pad", padding: kept, interior: interior.slice() }, [x, lift("pad", value, x.dtype)])
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
  const head = checkTensors("concat", tensors)[0] ?? fail("ShapeError", "concat", "at least one tensor", "none")
  const at = normalizeAxis("concat", axis, head.shape.length)
  return tensors.length === 1 ? head : apply(shapes.concat, { kind: "concat", axis: at }, tensors.slice())
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
  const head = checkTensors("stack", tensors)[0] ?? fail("ShapeError", "stack", "at least one tensor", "none")
  for (const t of tensors)
    if (!sameShape(head.shape, t.shape))
      fail("ShapeError", "stack", "tensors of one shape", `${showShape(head.shape)} and ${showShape(t.shape)}`)
  const at = normalizeAxis("stack", axis, head.shape.length + 1)
  return concat(
    tensors.map(t => expandDims(t, at)),
    at
  )
}
