import { checkInteger, checkList, checkOptions, checkTensors, rankOf } from "./check.js"
import { concat } from "./concat.js"
import { describeValue } from "./describe.js"
import { fail } from "./error.js"
import type { Tensor } from "./primitive.js"
import { checkShape, normalizeAxis, range, showShape, withAxis, type Axes } from "./shape.js"
import { sliceAxis } from "./slice.js"
import { broadcastTo, expandDims, flatten, reshape } from "./structure.js"

/** Moves the elements of one axis on by `shift` places. */
const rollAxis = (x: Tensor, shift: number, axis: number): Tensor => {
  const size = x.shape[axis] ?? 0
  const cut = size === 0 ? 0 : ((-shift % size) + size) % size
  return cut === 0 ? x : concat([sliceAxis(x, axis, cut, size), sliceAxis(x, axis, 0, cut)], axis)
}

/**
 * Moves the elements of some axes on by some places; what leaves at one end enters at the other. Without axes, the
 * elements in row-major order.
 *
 * `shift`: an integer, for every axis, or one for each of them, negative to the front; else a `DataError`. Shape: that of
 * `x`. An axis that `x` does not have is an `AxisError`.
 *
 * Law: `roll(roll(x, n, axes), -n, axes) ≡ x`. Source: `jax.numpy.roll`.
 *
 * @example
 * import assert from "node:assert"
 * import { roll, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * assert.deepStrictEqual(toArray(roll(x, 1, 1)), [[3, 1, 2], [6, 4, 5]])
 * assert.deepStrictEqual(toArray(roll(x, [1, -1], [0, 1])), [[5, 6, 4], [2, 3, 1]])
 * assert.deepStrictEqual(toArray(roll(x, 1)), [[6, 1, 2], [3, 4, 5]])
 */
export const roll = (x: Tensor, shift: number | readonly number[], axes?: Axes): Tensor => {
  const rank = rankOf("roll", x)
  if (axes === undefined) return reshape(roll(flatten(x), shift, 0), x.shape)
  const along = checkList("roll", "an axis or a list of axes", typeof axes === "number" ? [axes] : axes)
  const given = typeof shift === "number" ? along.map(() => shift) : shift
  const shifts = checkList("roll", "a shift or a list of shifts", given)
  if (shifts.length !== along.length)
    fail("DataError", "roll", `a shift for each of ${along.length} axes`, showShape(shifts))
  return along.reduce(
    (rolled, axis, i) =>
      rollAxis(rolled, checkInteger("roll", "a shift", shifts[i] ?? NaN), normalizeAxis("roll", axis, rank)),
    x
  )
}

/** A number of repetitions, or a `DataError`. */
const checkCount = (operation: string, count: number): number =>
  checkInteger(operation, "a number of times", count) >= 0
    ? count
    : fail("DataError", operation, "a number of times that is not negative", describeValue(count))

/**
 * Puts copies of a tensor beside each other, a number of times along each axis. The derivative sums the copies.
 *
 * `times`: a number of times for the last axis, or a list for the last axes; a longer one adds leading axes. What is no
 * integer, or negative, is a `DataError`. Sizes: those of `x`, multiplied.
 *
 * Source: `jax.numpy.tile`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, tile, toArray } from "thalweg"
 *
 * const x = tensor([1, 2])
 * assert.deepStrictEqual(toArray(tile(x, 2)), [1, 2, 1, 2])
 * assert.deepStrictEqual(toArray(tile(x, [2, 1])), [[1, 2], [1, 2]])
 */
export const tile = (x: Tensor, times: number | readonly number[]): Tensor => {
  const rank = rankOf("tile", x)
  const given = checkList("tile", "a number of times or a list of them", typeof times === "number" ? [times] : times)
  const counts = [...ones(rank - given.length), ...given.map(count => checkCount("tile", count))]
  const sizes = [...ones(given.length - rank), ...x.shape]
  const target = checkShape(
    "tile",
    sizes.map((n, i) => n * (counts[i] ?? 1))
  )
  const apart = sizes.flatMap(n => [1, n])
  const copies = sizes.flatMap((n, i) => [counts[i] ?? 1, n])
  return reshape(broadcastTo(reshape(x, apart), copies), target)
}

const ones = (count: number): readonly number[] => range(Math.max(0, count)).map(() => 1)

/**
 * Repeats each element along an axis; without an axis, each element in row-major order, on one axis. The derivative sums
 * what was repeated.
 *
 * `times`: how often, or a list of how often for each place of the axis (a `ShapeError` if it has another length). What
 * is no integer, or negative, is a `DataError`.
 *
 * Source: `jax.numpy.repeat`.
 *
 * @example
 * import assert from "node:assert"
 * import { repeat, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 2], [3, 4]])
 * assert.deepStrictEqual(toArray(repeat(x, 2, 1)), [[1, 1, 2, 2], [3, 3, 4, 4]])
 * assert.deepStrictEqual(toArray(repeat(x, [0, 2], 0)), [[3, 4], [3, 4]])
 * assert.deepStrictEqual(toArray(repeat(x, 2)), [1, 1, 2, 2, 3, 3, 4, 4])
 */
export const repeat = (x: Tensor, times: number | readonly number[], axis?: number): Tensor => {
  const rank = rankOf("repeat", x)
  if (axis === undefined) return repeat(flatten(x), times, 0)
  const along = normalizeAxis("repeat", axis, rank)
  if (typeof times === "number") return spread(x, checkCount("repeat", times), along)
  const size = x.shape[along] ?? 0
  const counts = checkList("repeat", "a number of times or a list of them", times)
  if (counts.length !== size)
    fail("ShapeError", "repeat", `a number of times for each of ${size} places`, showShape(counts))
  const parts = counts.map((count, place) =>
    spread(sliceAxis(x, along, place, place + 1), checkCount("repeat", count), along)
  )
  return size === 0 ? x : concat(parts, along)
}

/** Each element a number of times, along an axis. */
const spread = (x: Tensor, count: number, axis: number): Tensor => {
  const target = checkShape("repeat", withAxis(x.shape, axis, (x.shape[axis] ?? 0) * count))
  return reshape(broadcastTo(expandDims(x, axis + 1), [...x.shape].toSpliced(axis + 1, 0, count)), target)
}

/** Which of the axes of a grid is the first. */
export interface MeshgridOptions {
  /** `"ij"`: axis `i` is that of the `i`-th vector; `"xy"`: the first two are swapped, as in a picture. Default `"xy"`. */
  readonly indexing?: "xy" | "ij"
}

/**
 * Spreads vectors over a grid: for each of them, the tensor of its values at every point.
 *
 * Shapes: `[n₀], [n₁], …` to `[n₁, n₀, …]` each, or with `indexing: "ij"` to `[n₀, n₁, …]`. What is no vector is a
 * `ShapeError`.
 *
 * Source: `jax.numpy.meshgrid`, whose default is `"xy"`, as that of NumPy; PyTorch's is `"ij"`.
 *
 * @example
 * import assert from "node:assert"
 * import { meshgrid, tensor, toArray } from "thalweg"
 *
 * const grid = meshgrid([tensor([1, 2, 3]), tensor([10, 20])])
 * assert.deepStrictEqual(grid.map(toArray), [[[1, 2, 3], [1, 2, 3]], [[10, 10, 10], [20, 20, 20]]])
 */
export const meshgrid = (vectors: readonly Tensor[], options: MeshgridOptions = {}): readonly Tensor[] => {
  const { indexing = "xy" } = checkOptions("meshgrid", options, ["indexing"])
  if (!["xy", "ij"].includes(indexing))
    fail("HyperparameterError", "meshgrid", 'indexing "xy" or "ij"', describeValue(indexing))
  const lengths = checkTensors("meshgrid", vectors).map(({ shape }) =>
    shape.length === 1 ? (shape[0] ?? 0) : fail("ShapeError", "meshgrid", "vectors", showShape(shape))
  )
  const order = range(lengths.length).map(i => (indexing === "xy" && lengths.length > 1 && i < 2 ? 1 - i : i))
  const grid = checkShape(
    "meshgrid",
    order.map(i => lengths[i] ?? 0)
  )
  return vectors.map((vector, i) =>
    broadcastTo(
      reshape(
        vector,
        grid.map((n, axis) => (order[axis] === i ? n : 1))
      ),
      grid
    )
  )
}
