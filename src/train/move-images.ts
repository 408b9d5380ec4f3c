import { add, mul, sub } from "../dataflow/arithmetic.js"
import { fail } from "../dataflow/error.js"
import { where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { cos, sin } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { choice, fixed, type OptionsOf } from "../options/fields.js"
import { fraction, positiveInteger, whole } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { bernoulli, uniform } from "../random/index.js"
import { perImage, cutAt, dtypeOf, rowsAndColumns, pixels, sample, sizesOf, type Augmentation } from "./images.js"

/** So many pixels that their sums are places, which are i32. */
const pixelCount = /* @__PURE__ */ whole(0, 2 ** 30)

const shiftFields = {
  /** By how many pixels at most, in each direction: a whole number from 0 to 2³⁰. */
  by: fixed(pixelCount)
}

/** How far images are shifted. */
export interface RandomShiftOptions extends OptionsOf<typeof shiftFields> {}

/**
 * Shifts each image by whole pixels, drawn evenly for both directions; 0 comes in from outside.
 *
 * Shapes: `[batch, height, width, channels]`, f32 or f64, kept; others are a `ShapeError` or a `DTypeError`.
 * Laws: `by: 0` changes nothing; each image becomes a part of itself among zeros; all shifts come as often.
 *
 * @example
 * import assert from "node:assert"
 * import { ones, sum, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { randomShift } from "thalweg/train"
 *
 * const shifted = randomShift({ by: 1 })(key(1), ones([2, 3, 3, 1]))
 * assert.ok((toArray(sum(shifted, { axes: [1, 2, 3] })) as number[]).every(n => [4, 6, 9].includes(n)))
 */
export const randomShift: Recipe<typeof shiftFields, (options: RandomShiftOptions) => Augmentation> = recipe(
  "randomShift",
  shiftFields,
  {},
  ({ by }): Augmentation =>
    (key, x) => {
      const [, height, width] = sizesOf("randomShift", x)
      return cutAt(key, x, [height, width], [-by, by], [-by, by])
    }
)

const cropFields = {
  /** The height of what is cut out, a whole number from 1. */
  height: fixed(positiveInteger),
  /** The width of what is cut out, a whole number from 1. */
  width: fixed(positiveInteger),
  /** How many zeros are put around the images before, a whole number from 0 to 2³⁰. Default 0. */
  padding: fixed(pixelCount, 0)
}

/** What is cut out of images. */
export interface RandomCropOptions extends OptionsOf<typeof cropFields> {}

/**
 * Cuts a part of a size out of each image, at a place that is drawn evenly: `[batch, …, channels] → [batch, height, width,
 * channels]`.
 *
 * Images of another rank, or smaller with their padding than what is cut out, are a `ShapeError`, others than f32 or f64 a
 * `DTypeError`. Laws: a crop of the size of the images, without padding, changes nothing; all parts come as
 * often.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { key } from "thalweg/random"
 * import { randomCrop } from "thalweg/train"
 *
 * assert.deepStrictEqual(randomCrop({ height: 2, width: 3 })(key(0), zeros([5, 4, 4, 1])).shape, [5, 2, 3, 1])
 */
export const randomCrop: Recipe<typeof cropFields, (options: RandomCropOptions) => Augmentation> = recipe(
  "randomCrop",
  cropFields,
  {},
  ({ height, width, padding }): Augmentation =>
    (key, x) => {
      const [, rows, columns] = sizesOf("randomCrop", x)
      const [down, right] = [rows + padding - height, columns + padding - width]
      if (down < -padding || right < -padding)
        fail("ShapeError", "randomCrop", `images of ${height} × ${width} or more, with padding ${padding}`, showType(x))
      return cutAt(key, x, [height, width], [-padding, down], [-padding, right])
    }
)

const flipFields = {
  /** Which way: left and right change places, or top and bottom do. Default `"horizontal"`. */
  direction: choice(["horizontal", "vertical"], "horizontal"),
  /** The share of images that are flipped, from 0 to 1. Default ½. */
  rate: fixed(fraction, 0.5)
}

/** Which images are flipped, and how. */
export interface RandomFlipOptions extends OptionsOf<typeof flipFields> {}

/**
 * Flips some of the images.
 *
 * Shapes and errors: as of `randomShift`. Laws: `rate: 0` changes nothing; `rate: 1` is `flip` of the columns, or of the rows.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { randomFlip } from "thalweg/train"
 *
 * assert.deepStrictEqual(toArray(randomFlip({ rate: 1 })(key(0), tensor([[[[1], [2]]]]))), [[[[2], [1]]]])
 */
export const randomFlip: Recipe<typeof flipFields, (options?: RandomFlipOptions) => Augmentation> = recipe(
  "randomFlip",
  flipFields,
  {},
  ({ direction, rate }): Augmentation =>
    (key, x) => {
      const [batch, height, width] = sizesOf("randomFlip", x)
      const [row, column] = rowsAndColumns(batch, height, width, dtypeOf(x))
      const isFlipped = perImage(bernoulli(key, rate, [batch]))
      return direction === "vertical"
        ? pixels(x, where(isFlipped, sub(height - 1, row), row), column)
        : pixels(x, row, where(isFlipped, sub(width - 1, column), column))
    }
)

const rotationFields = {
  /** By how many degrees at most, in both directions: a number from 0 to 360. */
  degrees: fixed({ expected: "a number from 0 to 360", holds: value => value >= 0 && value <= 360 })
}

/** How far images are rotated. */
export interface RandomRotationOptions extends OptionsOf<typeof rotationFields> {}

/**
 * Rotates each image about its center by an angle that is drawn evenly from `±degrees`; between pixels it interpolates
 * bilinearly, and 0 comes in from outside, as PyTorch's `grid_sample` has it with zeros and `align_corners=False`.
 * (torchvision's `RandomRotation` takes the nearest pixel unless it is told otherwise.)
 *
 * Shapes and errors: as of `randomShift`. Laws: `degrees: 0` changes nothing; places are turned about the middle, both ways, by
 * `degrees` at most.
 *
 * @example
 * import assert from "node:assert"
 * import { ones } from "thalweg"
 * import { key } from "thalweg/random"
 * import { randomRotation } from "thalweg/train"
 *
 * assert.deepStrictEqual(randomRotation({ degrees: 15 })(key(0), ones([2, 8, 8, 3])).shape, [2, 8, 8, 3])
 */
export const randomRotation: Recipe<typeof rotationFields, (options: RandomRotationOptions) => Augmentation> = recipe(
  "randomRotation",
  rotationFields,
  {},
  ({ degrees }): Augmentation =>
    (key, x) => {
      const [batch, height, width] = sizesOf("randomRotation", x)
      const most = (degrees * Math.PI) / 180
      const angle = perImage(mul(sub(mul(uniform(key, [batch], { dtype: dtypeOf(x) }), 2), 1), most))
      const [row, column] = rowsAndColumns(batch, height, width, dtypeOf(x))
      const [middle, center] = [(height - 1) / 2, (width - 1) / 2]
      const [dy, dx] = [sub(row, middle), sub(column, center)]
      const turn = (a: Tensor, b: Tensor): Tensor => add(mul(cos(angle), a), mul(sin(angle), b))
      return sample(x, add(turn(dy, dx), middle), add(turn(dx, mul(dy, -1)), center))
    }
)
