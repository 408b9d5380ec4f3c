import { add, mul, sub } from "../dataflow/arithmetic.js"
import { and, ge, le, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { reshape } from "../dataflow/structure.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { natural, nonNegativeF32 } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { normal, split } from "../random/index.js"
import { dtypeOf, rowsAndColumns, sizesOf, drawWholes, type Augmentation } from "./images.js"

const noiseFields = {
  /** The standard deviation of the noise, a finite number ≥ 0. */
  deviation: fixed(nonNegativeF32)
}

/** How much noise is added. */
export interface RandomNoiseOptions extends OptionsOf<typeof noiseFields> {}

/**
 * Adds Gaussian noise to every element: `x + deviation · N(0, 1)`.
 *
 * Shapes and errors: as of `randomShift`. Laws: `deviation: 0` changes nothing; the noise does not depend on the images.
 *
 * @example
 * import assert from "node:assert"
 * import { item, zeros } from "thalweg"
 * import { key } from "thalweg/random"
 * import { randomNoise } from "thalweg/train"
 *
 * assert.notStrictEqual(item(randomNoise({ deviation: 0.1 })(key(0), zeros([1, 1, 1, 1]))), 0)
 */
export const randomNoise: Recipe<typeof noiseFields, (options: RandomNoiseOptions) => Augmentation> = recipe(
  "randomNoise",
  noiseFields,
  {},
  ({ deviation }): Augmentation =>
    (key, x) =>
      add(x, mul(normal(key, sizesOf("randomNoise", x), { dtype: dtypeOf(x) }), deviation))
)

const cutoutFields = {
  /** The side of the square, in pixels: a whole number from 0. */
  size: fixed(natural)
}

/** How much is cut out. */
export interface CutoutOptions extends OptionsOf<typeof cutoutFields> {}

/**
 * Puts 0 in place of a square of each image, whose middle is drawn evenly among its pixels, so that part of it may lie
 * outside.
 *
 * Shapes and errors: as of `randomShift`. Laws: `size: 0` changes nothing; 0 is a square about a pixel, and all pixels come as often.
 *
 * Source: DeVries & Taylor 2017, "Improved regularization of convolutional neural networks with cutout".
 *
 * @example
 * import assert from "node:assert"
 * import { ones, sum, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { cutout } from "thalweg/train"
 *
 * assert.deepStrictEqual(toArray(sum(cutout({ size: 1 })(key(0), ones([2, 3, 3, 1])), { axes: [1, 2, 3] })), [8, 8])
 */
export const cutout: Recipe<typeof cutoutFields, (options: CutoutOptions) => Augmentation> = recipe(
  "cutout",
  cutoutFields,
  {},
  ({ size }): Augmentation =>
    (key, x) => {
      const [batch, height, width] = sizesOf("cutout", x)
      const [rowKey, columnKey] = split(key)
      const within = (place: Tensor, own: Tensor, count: number): Tensor => {
        const first = sub(drawWholes(own, batch, 0, count - 1, dtypeOf(x)), Math.floor(size / 2))
        return and(ge(place, first), le(place, add(first, size - 1)))
      }
      const [row, column] = rowsAndColumns(batch, height, width, dtypeOf(x))
      const isOut = and(within(row, rowKey, height), within(column, columnKey, width))
      return where(reshape(isOut, [batch, height, width, 1]), 0, x)
    }
)
