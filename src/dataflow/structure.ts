import { checkList, rankOf, checkTensor } from "./check.js"
import { fail } from "./error.js"
import type { Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import {
  checkShape,
  normalizeAxes,
  normalizeAxis,
  range,
  removeAxes,
  sameShape,
  showShape,
  sizeOf,
  type Axes,
  type Shape
} from "./shape.js"
import { apply } from "./tensor.js"

/** The shape in which `-1` stands for what is left. */
const completed = (x: Tensor, shape: Shape): Shape => {
  const known = checkShape(
    "reshape",
    shape.filter(n => n !== -1)
  )
  const rest = sizeOf(x.shape) / sizeOf(known)
  if (known.length < shape.length - 1 || !Number.isInteger(rest))
    fail("ShapeError", "reshape", `a shape of ${sizeOf(x.shape)} elements with at most one -1`, showShape(shape))
  return shape.map(n => (n === -1 ? rest : n))
}

/**
 * Puts the same elements, in row-major order, under another shape; one size may be `-1`, meaning what is left.
 *
 * Throws a `ShapeError` when the numbers of elements differ, and, as all that makes tensors, for more than 64 axes.
 *
 * Law: `flatten(reshape(x, shape)) ≡ flatten(x)`.
 *
 * @example
 * import assert from "node:assert"
 * import { reshape, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 2, 3, 4, 5, 6])
 * assert.deepStrictEqual(toArray(reshape(x, [2, -1])), [[1, 2, 3], [4, 5, 6]])
 * assert.throws(() => reshape(x, [4, -1]), { name: "ShapeError" })
 */
export const reshape = (x: Tensor, shape: Shape): Tensor => {
  checkTensor("reshape", x)
  const target = Array.isArray(shape) && shape.includes(-1) ? completed(x, shape) : checkShape("reshape", shape)
  return sameShape(x.shape, target) ? x : apply(shapes.reshape, { kind: "reshape", shape: [...target] }, [x])
}

/**
 * Puts all elements, in row-major order, on one axis: shape `[size]`. (The tensors of a tree: `Tree.flatten`.)
 *
 * @example
 * import assert from "node:assert"
 * import { flatten, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(flatten(tensor([[1, 2], [3, 4]]))), [1, 2, 3, 4])
 */
export const flatten = (x: Tensor): Tensor => reshape(x, [-1])

/**
 * Adds an axis of size 1, which is axis `axis` of the result (`-1`: the last). Outside the result it is an `AxisError`.
 *
 * @example
 * import assert from "node:assert"
 * import { expandDims, zeros } from "thalweg"
 *
 * const x = zeros([2, 3])
 * assert.deepStrictEqual(expandDims(x, 0).shape, [1, 2, 3])
 * assert.deepStrictEqual(expandDims(x, -1).shape, [2, 3, 1])
 */
export const expandDims = (x: Tensor, axis: number): Tensor => {
  const at = normalizeAxis("expandDims", axis, rankOf("expandDims", x) + 1)
  return reshape(x, [...x.shape].toSpliced(at, 0, 1))
}

/**
 * Removes axes of size 1: the named ones (a `ShapeError` if one has another size), or all that there are.
 *
 * @example
 * import assert from "node:assert"
 * import { squeeze, zeros } from "thalweg"
 *
 * const x = zeros([1, 3, 1])
 * assert.deepStrictEqual(squeeze(x).shape, [3])
 * assert.deepStrictEqual(squeeze(x, -1).shape, [1, 3])
 * assert.throws(() => squeeze(x, 1), { name: "ShapeError" })
 */
export const squeeze = (x: Tensor, axes?: Axes): Tensor => {
  const rank = rankOf("squeeze", x)
  const ones = range(rank).filter(axis => x.shape[axis] === 1)
  const dropped = axes === undefined ? ones : normalizeAxes("squeeze", axes, rank)
  if (!dropped.every(axis => ones.includes(axis)))
    fail("ShapeError", "squeeze", "axes of size 1", `axes ${showShape(dropped)} of ${showShape(x.shape)}`)
  return reshape(x, removeAxes(x.shape, dropped))
}

/**
 * Permutes the axes, or, without a permutation, reverses them: axis `i` of the result is axis `permutation[i]` of `x`.
 * What is no permutation of the axes is an `AxisError`.
 *
 * Law: `transpose(transpose(x)) ≡ x`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, transpose, zeros } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(transpose(tensor([[1, 2, 3], [4, 5, 6]]))), [[1, 4], [2, 5], [3, 6]])
 * assert.deepStrictEqual(transpose(zeros([2, 3, 4]), [2, 0, 1]).shape, [4, 2, 3])
 */
export const transpose = (x: Tensor, permutation?: readonly number[]): Tensor => {
  const rank = rankOf("transpose", x)
  const given = checkList("transpose", `a permutation of ${rank} axes`, permutation ?? range(rank).toReversed())
  const order = given.map(axis => normalizeAxis("transpose", axis, rank))
  if (order.length !== rank || new Set(order).size !== rank)
    fail("AxisError", "transpose", `a permutation of ${rank} axes`, showShape(given))
  return order.every((axis, i) => axis === i)
    ? x
    : apply(shapes.transpose, { kind: "transpose", permutation: order }, [x])
}

/**
 * Swaps two axes; one that `x` does not have is an `AxisError`.
 *
 * @example
 * import assert from "node:assert"
 * import { swapAxes, zeros } from "thalweg"
 *
 * assert.deepStrictEqual(swapAxes(zeros([2, 3, 4]), 0, -1).shape, [4, 3, 2])
 */
export const swapAxes = (x: Tensor, a: number, b: number): Tensor => {
  const rank = rankOf("swapAxes", x)
  const [i, j] = [normalizeAxis("swapAxes", a, rank), normalizeAxis("swapAxes", b, rank)]
  return transpose(
    x,
    range(rank).map(axis => (axis === i ? j : axis === j ? i : axis))
  )
}

/**
 * Moves one axis to another place, while the others keep their order. One that `x` does not have is an `AxisError`.
 *
 * @example
 * import assert from "node:assert"
 * import { moveAxis, zeros } from "thalweg"
 *
 * const image = zeros([3, 32, 48]) // channels first
 * assert.deepStrictEqual(moveAxis(image, 0, -1).shape, [32, 48, 3])
 */
export const moveAxis = (x: Tensor, from: number, to: number): Tensor => {
  const rank = rankOf("moveAxis", x)
  const [source, target] = [normalizeAxis("moveAxis", from, rank), normalizeAxis("moveAxis", to, rank)]
  return transpose(
    x,
    range(rank)
      .filter(axis => axis !== source)
      .toSpliced(target, 0, source)
  )
}

/**
 * Repeats along axes of size 1, and along new leading axes, up to `shape`; a `ShapeError` where that is impossible. The
 * derivative sums what was repeated.
 *
 * @example
 * import assert from "node:assert"
 * import { broadcastTo, grad, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * const x = tensor([[1], [2]])
 * assert.deepStrictEqual(toArray(broadcastTo(x, [2, 3])), [[1, 1, 1], [2, 2, 2]])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => sum(broadcastTo(x, [2, 3])))(x)), [[3], [3]])
 */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor =>
  sameShape(checkTensor("broadcastTo", x).shape, checkShape("broadcastTo", shape))
    ? x
    : apply(shapes.broadcast, { kind: "broadcast", shape: [...shape] }, [x])

/**
 * Reverses the order along some axes, or along all. An axis that `x` does not have is an `AxisError`.
 *
 * Law: `flip(flip(x, axes), axes) ≡ x`.
 *
 * @example
 * import assert from "node:assert"
 * import { flip, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 2], [3, 4]])
 * assert.deepStrictEqual(toArray(flip(x, 1)), [[2, 1], [4, 3]])
 * assert.deepStrictEqual(toArray(flip(x)), [[4, 3], [2, 1]])
 */
export const flip = (x: Tensor, axes?: Axes): Tensor => {
  const list = normalizeAxes("flip", axes, rankOf("flip", x))
  return list.length === 0 ? x : apply(shapes.flip, { kind: "flip", axes: list }, [x])
}
