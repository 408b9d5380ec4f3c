import { div } from "../dataflow/arithmetic.js"
import { tensor } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import { take } from "../dataflow/indexing.js"
import { where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, sum } from "../dataflow/reduce.js"
import { range, sizeOf } from "../dataflow/shape.js"
import { showType } from "../dataflow/type.js"
import { perAxis, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { floatOf } from "./input.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"
import { checkSpatial, forAxes } from "./spatial.js"

const fields = {
  /** How many places come out, for each spatial axis, whole numbers from 1. */
  size: perAxis(positiveInteger)
}

/** How many places come out. */
export interface AdaptivePoolOptions extends OptionsOf<typeof fields> {}

/** The places of each bin. */
type Bins = readonly (readonly number[])[]

/** Bins of nearly one size that cover an axis: from `⌊i·size / count⌋` to `⌈(i + 1)·size / count⌉`, as PyTorch has them. */
const binsOf = (size: number, count: number): Bins =>
  range(count).map(i => {
    const start = Math.floor((i * size) / count)
    return range(Math.ceil(((i + 1) * size) / count) - start).map(k => start + k)
  })

/** Makes one number of each bin of an axis. */
type Pool = (x: Tensor, axis: number, bins: Bins) => Tensor

/** The places of bins as a new axis, those of shorter ones filled up with their last. */
const spread = (x: Tensor, axis: number, bins: Bins): Tensor => {
  const longest = Math.max(...bins.map(bin => bin.length))
  const places = bins.flatMap(bin => range(longest).map(k => bin[k] ?? bin.at(-1) ?? 0))
  return take(x, tensor(places, { dtype: "i32", shape: [bins.length, longest] }), axis)
}

const largest: Pool = (x, axis, bins) => max(spread(x, axis, bins), { axes: axis + 1 })

const average: Pool = (x, axis, bins) => {
  const each = spread(x, axis, bins)
  const [count = 0, longest = 0, ...inner] = each.shape.slice(axis)
  const alike = inner.map(() => 1)
  const inside = tensor(
    bins.flatMap(bin => range(longest).map(k => k < bin.length)),
    { shape: [count, longest, ...alike] }
  )
  const sizes = tensor(
    bins.map(bin => bin.length),
    { dtype: floatOf("adaptiveAveragePool", x), shape: [count, ...alike] }
  )
  return div(sum(where(inside, each, 0), { axes: axis + 1 }), sizes)
}

/** A layer that makes one number of each bin, one axis after the other. */
const over = (title: string, pool: Pool): Recipe<typeof fields, (options: AdaptivePoolOptions) => Stateless> =>
  layerRecipe(title, fields, ({ size }) =>
    stateless(title, (x: Tensor) => {
      const sizes = checkSpatial(title, x).shape.slice(1, -1)
      if (sizeOf(sizes) === 0) fail("ShapeError", title, "inputs with one place at least", showType(x))
      const counts = forAxes(title, "size", size, sizes.length)
      return counts.reduce((y, count, i) => pool(y, i + 1, binsOf(sizes[i] ?? 0, count)), x)
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
 * Law: where `size` divides the places it is `maxPool`.
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
export const adaptiveMaxPool = /* @__PURE__ */ over("adaptiveMaxPool", largest)

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
export const adaptiveAveragePool = /* @__PURE__ */ over("adaptiveAveragePool", average)
