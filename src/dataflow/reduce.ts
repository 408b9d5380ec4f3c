import { checkFlag, checkOptions, checkTensor, rankOf } from "./check.js"
import { fail } from "./error.js"
import { takeAlongAxis } from "./indexing.js"
import type { ArgReduceFn, ReduceFn, Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import { normalizeAxes, normalizeAxis, removeAxes, showShape, sizeOf, type Axes, type Shape } from "./shape.js"
import { reshape } from "./structure.js"
import { apply } from "./tensor.js"

/** What is reduced, and whether its axes stay. */
export interface ReduceOptions {
  /** The axes that are reduced. Default all. */
  readonly axes?: Axes
  /** Whether the reduced axes stay, with size 1. Default no. */
  readonly keepDims?: boolean
}

const REDUCE = ["axes", "keepDims"] as const

export const keptShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((n, axis) => (axes.includes(axis) ? 1 : n))

const reduction =
  (fn: ReduceFn, empty: "allowed" | "refused", operation: string = fn) =>
  (x: Tensor, options: ReduceOptions = {}): Tensor => {
    const rank = rankOf(operation, x)
    const axes = normalizeAxes(operation, checkOptions(operation, options, REDUCE).axes, rank)
    const keepDims = checkFlag(operation, "keepDims", options.keepDims)
    if (empty === "refused" && sizeOf(x.shape) === 0 && sizeOf(removeAxes(x.shape, axes)) > 0)
      fail("ShapeError", fn, "at least one element to reduce", `shape ${showShape(x.shape)}`)
    const isSame = axes.length === 0 && fn !== "mean" && fn !== "norm"
    const reduced = isSame ? x : apply(shapes.reduce, { kind: "reduce", fn, axes }, [x])
    return keepDims ? reshape(reduced, keptShape(x.shape, axes)) : reduced
  }

/**
 * Sums over axes: `Σ x`; 0 over nothing. Floats are accumulated in f64 and rounded once, integers wrap around at 32
 * bits.
 *
 * Shape: that of `x` without `axes`; one that `x` does not have is an `AxisError`. A `bool` is a `DTypeError` (cast it
 * to count).
 *
 * @example
 * import assert from "node:assert"
 * import { item, sum, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * assert.strictEqual(item(sum(x)), 21)
 * assert.deepStrictEqual(toArray(sum(x, { axes: 0 })), [5, 7, 9])
 * assert.deepStrictEqual(toArray(sum(x, { axes: -1, keepDims: true })), [[6], [15]])
 */
export const sum = /* @__PURE__ */ reduction("sum", "allowed")

/**
 * Multiplies over axes: `Π x`; 1 over nothing. Floats are accumulated in f64 and rounded once, integers wrap around at
 * 32 bits. The derivative is right where factors are 0. Shape and errors as of `sum`.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, prod, tensor, toArray, type Tensor } from "thalweg"
 *
 * const x = tensor([0, 2, 3])
 * assert.strictEqual(item(prod(x)), 0)
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => prod(x))(x)), [6, 0, 0])
 */
export const prod = /* @__PURE__ */ reduction("prod", "allowed")

/**
 * Takes the largest over axes; NaN if there is one. Ties share the derivative equally.
 *
 * Shape: that of `x` without `axes`; any dtype. Over nothing it is a `ShapeError`. (The larger of two tensors:
 * `maximum`.)
 *
 * @example
 * import assert from "node:assert"
 * import { grad, max, tensor, toArray, zeros, type Tensor } from "thalweg"
 *
 * const x = tensor([[1, 5], [7, 7]])
 * assert.deepStrictEqual(toArray(max(x, { axes: 1 })), [5, 7])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => max(x))(x)), [[0, 0], [0.5, 0.5]])
 * assert.throws(() => max(zeros([0])), { name: "ShapeError" })
 */
export const max = /* @__PURE__ */ reduction("max", "refused")

/**
 * Takes the smallest over axes; NaN if there is one. Ties share the derivative equally. Shape and errors as of `max`.
 * (The smaller of two tensors: `minimum`.)
 *
 * @example
 * import assert from "node:assert"
 * import { item, min, tensor } from "thalweg"
 *
 * assert.strictEqual(item(min(tensor([3, 1, 2]))), 1)
 * assert.strictEqual(item(min(tensor([3, NaN, 2]))), NaN)
 */
export const min = /* @__PURE__ */ reduction("min", "refused")

/**
 * Averages over axes: `Σ x / n`, rounded once; finite where the sum is too large. Takes `f32` or `f64` (a `DTypeError`), at least one element (a
 * `ShapeError`).
 *
 * Shape: that of `x` without `axes`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, mean, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 3], [5, 7]])
 * assert.strictEqual(item(mean(x)), 4)
 * assert.deepStrictEqual(toArray(mean(x, { axes: 0 })), [3, 5])
 */
export const mean = /* @__PURE__ */ reduction("mean", "refused")

/**
 * Computes `√Σ x²` over axes: the Euclidean norm (Frobenius, of a matrix); 0 over nothing. No square overflows or
 * vanishes on the way: what is far from 1 is scaled by a power of two. The derivative is `x/‖x‖`, and 0 where that is
 * 0/0, as that of `abs` is. Takes `f32` or `f64`, else a `DTypeError`; shape as of `sum`.
 *
 * Law: `norm(2ᵏ·x) ≡ 2ᵏ·norm(x)`.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, norm, tensor, toArray, type Tensor } from "thalweg"
 *
 * assert.strictEqual(item(norm(tensor([3, 4]))), 5)
 * assert.deepStrictEqual(toArray(norm(tensor([[3, 4], [0, 2]]), { axes: 1 })), [5, 2])
 * assert.strictEqual(item(norm(tensor([1e300], { dtype: "f64" }))), 1e300)
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => norm(x))(tensor([0, 4]))), [0, 1])
 */
export const norm = /* @__PURE__ */ reduction("norm", "allowed")

/**
 * Tells whether every element is true, over axes; true over nothing. Takes `bool`, else a `DTypeError`. Shape as of
 * `sum`.
 *
 * @example
 * import assert from "node:assert"
 * import { all, tensor, toArray, zeros } from "thalweg"
 *
 * const x = tensor([[true, false], [true, true]])
 * assert.deepStrictEqual(toArray(all(x, { axes: 1 })), [false, true])
 * assert.strictEqual(toArray(all(zeros([0], "bool"))), true)
 */
export const all = (x: Tensor, options: ReduceOptions = {}): Tensor => logical("all", "min", x, options)

/**
 * Tells whether any element is true, over axes; false over nothing. Takes `bool`, else a `DTypeError`. Shape as of
 * `sum`.
 *
 * @example
 * import assert from "node:assert"
 * import { any, isNaN, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, NaN], [3, 4]])
 * assert.deepStrictEqual(toArray(any(isNaN(x), { axes: 1 })), [true, false])
 */
export const any = (x: Tensor, options: ReduceOptions = {}): Tensor => logical("any", "max", x, options)

const logical = (operation: string, fn: "min" | "max", x: Tensor, options: ReduceOptions): Tensor =>
  checkTensor(operation, x).dtype === "bool"
    ? reduction(fn, "allowed", operation)(x, options)
    : fail("DTypeError", operation, "bool", x.dtype)

const argReduction =
  (fn: ArgReduceFn) =>
  (x: Tensor, axis = -1): Tensor => {
    const along = normalizeAxis(fn, axis, rankOf(fn, x))
    if (x.shape[along] === 0) fail("ShapeError", fn, "at least one element", `shape ${showShape(x.shape)}`)
    return apply(shapes.argReduce, { kind: "argReduce", fn, axis: along }, [x])
  }

/**
 * Finds the index of the largest along an axis (the last, by default): the first of equals, or of NaNs if there are
 * any.
 *
 * Shape: that of `x` without the axis; dtype `i32`. An axis without elements is a `ShapeError`; a scalar has no axis
 * (`AxisError`).
 *
 * @example
 * import assert from "node:assert"
 * import { argMax, tensor, toArray } from "thalweg"
 *
 * const scores = tensor([[0.1, 0.7, 0.2], [0.4, 0.4, 0.2]])
 * assert.deepStrictEqual(toArray(argMax(scores)), [1, 0])
 */
export const argMax = /* @__PURE__ */ argReduction("argMax")

/**
 * Finds the index of the smallest along an axis (the last, by default): the first of equals, or of NaNs if there are
 * any. Shape, dtype and errors as of `argMax`.
 *
 * @example
 * import assert from "node:assert"
 * import { argMin, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(argMin(tensor([[3, 1, 2], [3, NaN, 0]]))), [1, 1])
 */
export const argMin = /* @__PURE__ */ argReduction("argMin")

/**
 * Finds the indices that sort an axis (the last, by default) in ascending order. Equals keep their order; NaNs come
 * last.
 *
 * Shape: that of `x`; dtype `i32`.
 *
 * @example
 * import assert from "node:assert"
 * import { argSort, take, tensor, toArray } from "thalweg"
 *
 * const x = tensor([2, NaN, 1, 2])
 * const order = argSort(x)
 * assert.deepStrictEqual(toArray(order), [2, 0, 3, 1])
 * assert.deepStrictEqual(toArray(take(x, order)), [1, 2, 2, NaN])
 */
export const argSort = (x: Tensor, axis = -1): Tensor =>
  apply(shapes.argSort, { kind: "argSort", axis: normalizeAxis("argSort", axis, rankOf("argSort", x)) }, [x])

/**
 * Sorts an axis (the last, by default) in ascending order; NaNs come last. Derivatives follow the elements to their
 * places.
 *
 * Shape: that of `x`. Law: `sort(sort(x)) ≡ sort(x)`.
 *
 * @example
 * import assert from "node:assert"
 * import { sort, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[3, 1, 2], [5, NaN, 4]])
 * assert.deepStrictEqual(toArray(sort(x)), [[1, 2, 3], [4, 5, NaN]])
 */
export const sort = (x: Tensor, axis = -1): Tensor => {
  const along = normalizeAxis("sort", axis, rankOf("sort", x))
  return takeAlongAxis(x, argSort(x, along), along)
}

/** Along which axis, and from which end, is accumulated. */
export interface CumSumOptions {
  /** Default the last. */
  readonly axis?: number
  /** Whether to begin at the end. Default no. */
  readonly reverse?: boolean
}

/**
 * Sums up to and including each place of an axis (the last, by default): `yᵢ = x₀ + … + xᵢ`. Floats are accumulated in
 * f64, integers wrap around at 32 bits; `bool` is a `DTypeError`.
 *
 * Shape: that of `x`.
 *
 * @example
 * import assert from "node:assert"
 * import { cumSum, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 2, 3])
 * assert.deepStrictEqual(toArray(cumSum(x)), [1, 3, 6])
 * assert.deepStrictEqual(toArray(cumSum(x, { reverse: true })), [6, 5, 3])
 */
export const cumSum = (x: Tensor, options: CumSumOptions = {}): Tensor => {
  const { axis = -1, reverse } = checkOptions("cumSum", options, ["axis", "reverse"])
  const along = normalizeAxis("cumSum", axis, rankOf("cumSum", x))
  return apply(shapes.cumSum, { kind: "cumSum", axis: along, reverse: checkFlag("cumSum", "reverse", reverse) }, [x])
}
