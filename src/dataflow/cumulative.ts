import { maximum, minimum, mul } from "./arithmetic.js"
import { checkFlag, checkOptions, rankOf } from "./check.js"
import { full } from "./create.js"
import { highestOf, lowestOf, type DType } from "./dtype.js"
import { fail } from "./error.js"
import { loop } from "./loop.js"
import type { Tensor } from "./primitive.js"
import type { CumSumOptions } from "./reduce.js"
import { normalizeAxis } from "./shape.js"
import { moveAxis } from "./structure.js"

/** A loop over the slices of an axis: what it accumulates so far is carried on and kept. */
const cumulative =
  (operation: string, fn: (a: Tensor, b: Tensor) => Tensor, unitOf: (dtype: DType) => number) =>
  (x: Tensor, options: CumSumOptions = {}): Tensor => {
    const { axis = -1, reverse } = checkOptions(operation, options, ["axis", "reverse"])
    const along = normalizeAxis(operation, axis, rankOf(operation, x))
    const isReverse = checkFlag(operation, "reverse", reverse)
    if (x.dtype === "bool") fail("DTypeError", operation, "numbers", x.dtype)
    const slices = moveAxis(x, along, 0)
    const [size = 0, ...shape] = slices.shape
    const step = ([sofar]: readonly Tensor[], [slice]: readonly Tensor[]) => {
      const next = fn(sofar as Tensor, slice as Tensor)
      return [[next], [next]] as const
    }
    const [, all] = loop(step, [full(shape, unitOf(x.dtype), x.dtype)], [slices], size, isReverse)
    return moveAxis(all as Tensor, 0, along)
  }

/**
 * Multiplies up to and including each place of an axis (the last, by default): `yᵢ = x₀ · … · xᵢ`, one factor after the
 * other. Integers wrap around at 32 bits; `bool` is a `DTypeError`. The derivative is right where factors are 0.
 *
 * Shape: that of `x`.
 *
 * @example
 * import assert from "node:assert"
 * import { cumProd, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 2, 3])
 * assert.deepStrictEqual(toArray(cumProd(x)), [1, 2, 6])
 * assert.deepStrictEqual(toArray(cumProd(x, { reverse: true })), [6, 6, 3])
 */
export const cumProd = /* @__PURE__ */ cumulative("cumProd", mul, () => 1)

/**
 * Takes the largest up to and including each place of an axis (the last, by default): `yᵢ = max(x₀, …, xᵢ)`; NaN from the
 * first NaN on. Where the next ties with the largest so far, each gets half of the derivative. `bool` is a `DTypeError`.
 *
 * Shape: that of `x`.
 *
 * @example
 * import assert from "node:assert"
 * import { cumMax, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(cumMax(tensor([2, 1, 3, NaN, 4]))), [2, 2, 3, NaN, NaN])
 */
export const cumMax = /* @__PURE__ */ cumulative("cumMax", maximum, lowestOf)

/**
 * Takes the smallest up to and including each place of an axis (the last, by default): `yᵢ = min(x₀, …, xᵢ)`; NaN from
 * the first NaN on. Ties, dtypes and shape as of `cumMax`.
 *
 * @example
 * import assert from "node:assert"
 * import { cumMin, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(cumMin(tensor([2, 3, 1]), { reverse: true })), [1, 1, 1])
 */
export const cumMin = /* @__PURE__ */ cumulative("cumMin", minimum, highestOf)
