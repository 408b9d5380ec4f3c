import { add, ceil, div, floor, minimum, mul, sub } from "../dataflow/arithmetic.js"
import { cast, requireFloat } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { take } from "../dataflow/indexing.js"
import { lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { arange } from "../dataflow/sequence.js"
import { sizeOf } from "../dataflow/shape.js"
import { expandDims, reshape, squeeze } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { maxPool } from "../dataflow/window.js"
import { perAxis, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { requireNumeric } from "./input.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { checkSpatial, forAxes, spatialAxes } from "./spatial.js"

const fields = {
  /** How many places come out, for each spatial axis, whole numbers from 1. */
  size: perAxis(positiveInteger)
}

/** How many places come out. */
export interface AdaptivePoolOptions extends OptionsOf<typeof fields> {}

/** The bins of an axis: where each starts and where it ends, `[count]` in f64, and at most how many places one has. */
interface Bins {
  readonly start: Tensor
  readonly end: Tensor
  readonly longest: number
}

const wholes = (count: number): Tensor => arange(count, { dtype: "f64" })

/** Bins of nearly one size that cover an axis: from `⌊i·size / count⌋` to `⌈(i + 1)·size / count⌉`, as PyTorch has them. */
const binsOf = (size: number, count: number): Bins => {
  const share = (i: Tensor): Tensor => div(mul(i, size), count)
  const place = wholes(count)
  const longest = Math.ceil(size / count) + (size % count === 0 ? 0 : 1)
  return { start: floor(share(place)), end: ceil(share(add(place, 1))), longest }
}

/** Makes one number of each bin of an axis. */
type Pool = (x: Tensor, axis: number, bins: Bins) => Tensor

/** The input, if its dtype is one that is taken, or a `DTypeError`. */
type Check = (layer: string, x: Tensor) => Tensor

/** The places of bins, `[count, longest]`, those of shorter ones filled up with their last. */
const placesIn = ({ start, end, longest }: Bins): Tensor =>
  minimum(add(expandDims(start, 1), wholes(longest)), expandDims(sub(end, 1), 1))

/** The elements of bins along a new axis. */
const spread = (x: Tensor, axis: number, bins: Bins): Tensor => take(x, cast(placesIn(bins), "i32"), axis)

/** By windows, whose derivative goes to the first of equals. */
const largest: Pool = (x, axis, bins) => {
  const each = spread(x, axis, bins)
  const window = spatialAxes(each).map(at => (at === axis + 1 ? bins.longest : 1))
  return squeeze(maxPool(each, { window }), axis + 1)
}

const average: Pool = (x, axis, bins) => {
  const each = spread(x, axis, bins)
  const { start, end, longest } = bins
  const alike = each.shape.slice(axis + 2).map(() => 1)
  const sizes = sub(end, start)
  const inside = reshape(lt(wholes(longest), expandDims(sizes, 1)), [...each.shape.slice(axis, axis + 2), ...alike])
  const total = sum(where(inside, each, 0), { axes: axis + 1 })
  return div(total, cast(reshape(sizes, [...sizes.shape, ...alike]), x.dtype))
}

/** A layer that makes one number of each bin, one axis after the other. */
const over = (
  title: string,
  taken: Check,
  pool: Pool
): Recipe<typeof fields, (options: AdaptivePoolOptions) => Stateless> =>
  layerRecipe(title, fields, ({ size }) =>
    stateless(title, (x: Tensor) => {
      const sizes = taken(title, checkSpatial(title, x)).shape.slice(1, -1)
      if (sizeOf(sizes) === 0) fail("ShapeError", title, "inputs with one place at least", showType(x))
      const counts = forAxes(title, "size", size, sizes.length)
      // The last axis first, so that the first of equals is the first in the order of memory.
      return counts.reduceRight((y, count, i) => pool(y, i + 1, binsOf(sizes[i] ?? 0, count)), x)
    })
  )

/**
 * Makes a layer that takes the largest of each of `size` bins along each spatial axis, for each channel, whatever the size of
 * the inputs.
 *
 * Shapes: `[batch, …places, channels] → [batch, …size, channels]` for any number of spatial axes. Bin `i` of an axis of `n`
 * places is `⌊i·n / size⌋, …, ⌈(i + 1)·n / size⌉ - 1`, so that bins overlap where `size` does not divide `n`, as in PyTorch.
 *
 * `size`: whole numbers from 1, for all axes or for each, else a `HyperparameterError`. Throws a `ShapeError` for inputs without
 * a spatial axis, or without a place.
 *
 * Laws: where `size` divides the places it is `maxPool`; the derivative of a bin goes to the first of equals.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adaptiveMaxPool } from "thalweg/nn"
 *
 * const x = tensor([[[1], [2], [3], [2], [1]]])
 * const [y] = adaptiveMaxPool({ size: 2 }).apply([], [], x, { training: false }) // of 1, 2, 3 and of 3, 2, 1
 * assert.deepStrictEqual(toArray(y), [[[3], [3]]])
 */
export const adaptiveMaxPool = /* @__PURE__ */ over("adaptiveMaxPool", requireNumeric, largest)

/**
 * Makes a layer that averages each of `size` bins along each spatial axis, for each channel, whatever the size of the inputs.
 *
 * Shapes, bins, options and errors: as of `adaptiveMaxPool`; besides, a `DTypeError` for inputs that are neither `f32` nor
 * `f64`.
 *
 * Law: where `size` divides the places it is `averagePool`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adaptiveAveragePool } from "thalweg/nn"
 *
 * const x = tensor([[[1], [2], [3], [4], [5]]])
 * const [y] = adaptiveAveragePool({ size: 2 }).apply([], [], x, { training: false }) // of 1, 2, 3 and of 3, 4, 5
 * assert.deepStrictEqual(toArray(y), [[[2], [4]]])
 */
export const adaptiveAveragePool = /* @__PURE__ */ over("adaptiveAveragePool", requireFloat, average)
