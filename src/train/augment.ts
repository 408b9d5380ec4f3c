import { add, clamp, floor, mul, sub } from "../dataflow/arithmetic.js"
import { checkFunction } from "../dataflow/check.js"
import { isFloat } from "../dataflow/dtype.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { take } from "../dataflow/indexing.js"
import { and, ge, le, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { iota } from "../dataflow/sequence.js"
import { reshape } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { cos, sin } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { choice, fixed, type OptionsOf } from "../options/fields.js"
import { fraction, natural, nonNegative, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { bernoulli, normal, randint, split, uniform } from "../random/index.js"

/** A change of a batch of images `[batch, height, width, channels]` by a key, each image otherwise. */
export type Augmentation = (key: Tensor, images: Tensor) => Tensor

/** The sizes of a batch of images, or a named error. */
const sizesOf = (operation: string, x: Tensor): readonly [number, number, number, number] => {
  if (!isTensor(x) || x.shape.length !== 4)
    return fail(
      "ShapeError",
      operation,
      "images [batch, height, width, channels]",
      isTensor(x) ? showType(x) : typeof x
    )
  if (x.shape[1] === 0 || x.shape[2] === 0) fail("ShapeError", operation, "images of one pixel or more", showType(x))
  if (!isFloat(x.dtype)) fail("DTypeError", operation, "images of f32 or f64 (cast them first)", x.dtype)
  return x.shape as unknown as readonly [number, number, number, number]
}

const floatOf = (x: Tensor): FloatDType => x.dtype as FloatDType

/** One number for each image, beside its places. */
const beside = (values: Tensor): Tensor => reshape(values, [-1, 1, 1])

/** The elements at whole rows and columns `[batch, height, width]`, and 0 outside of the images. */
const pixels = (x: Tensor, row: Tensor, column: Tensor): Tensor => {
  const [batch, height, width, channels] = x.shape as readonly [number, number, number, number]
  const inside = and(and(ge(row, 0), lt(row, height)), and(ge(column, 0), lt(column, width)))
  const [r, c] = [clamp(row, 0, Math.max(0, height - 1)), clamp(column, 0, Math.max(0, width - 1))]
  const image = reshape(iota([batch], 0), [batch, 1, 1])
  const places = add(mul(add(mul(image, height), cast(r, "i32")), width), cast(c, "i32"))
  const found = take(reshape(x, [batch * height * width, channels]), places)
  return where(reshape(inside, [...inside.shape, 1]), found, 0)
}

/** Images of which each place is taken from a place of another, between pixels by the four around it. */
const sample = (x: Tensor, row: Tensor, column: Tensor): Tensor => {
  const [top, left] = [floor(row), floor(column)]
  const weight = (share: Tensor): Tensor => reshape(share, [...share.shape, 1])
  const [down, right] = [weight(sub(row, top)), weight(sub(column, left))]
  const at = (dy: number, dx: number): Tensor => pixels(x, add(top, dy), add(left, dx))
  const between = (a: Tensor, b: Tensor, share: Tensor): Tensor => add(mul(a, sub(1, share)), mul(b, share))
  return between(between(at(0, 0), at(0, 1), right), between(at(1, 0), at(1, 1), right), down)
}

/** The row and the column of each place of images. */
const gridOf = (batch: number, height: number, width: number, dtype: FloatDType): readonly [Tensor, Tensor] => [
  iota([batch, height, width], 1, dtype),
  iota([batch, height, width], 2, dtype)
]

/** Whole numbers from the first to the last, one for each image, as floats. */
const wholes = (key: Tensor, batch: number, first: number, last: number, dtype: FloatDType): Tensor =>
  cast(beside(randint(key, [batch], { min: first, max: last + 1 })), dtype)

/** Images of another size from a whole place on, which is drawn for each. */
const cutAt = (
  key: Tensor,
  x: Tensor,
  [height, width]: readonly [number, number],
  rows: readonly [number, number],
  columns: readonly [number, number]
): Tensor => {
  const [rowKey, columnKey] = split(key)
  const [batch = 0] = x.shape
  const [row, column] = gridOf(batch, height, width, floatOf(x))
  const [down, right] = [wholes(rowKey, batch, ...rows, floatOf(x)), wholes(columnKey, batch, ...columns, floatOf(x))]
  return pixels(x, add(row, down), add(column, right))
}

const shiftFields = {
  /** By how many pixels at most, in each direction: a whole number from 0. */
  by: fixed(natural)
}

/** How far images are shifted. */
export interface RandomShiftOptions extends OptionsOf<typeof shiftFields> {}

/**
 * Shifts each image by whole pixels, drawn evenly for both directions; 0 comes in from outside.
 *
 * Shapes: `[batch, height, width, channels]`, f32 or f64, kept; others are a `ShapeError` or a `DTypeError`.
 * Law: `by: 0` changes nothing.
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
  /** How many zeros are put around the images before, a whole number from 0. Default 0. */
  padding: fixed(natural, 0)
}

/** What is cut out of images. */
export interface RandomCropOptions extends OptionsOf<typeof cropFields> {}

/**
 * Cuts a part of a size out of each image, at a place that is drawn evenly: `[batch, …, channels] → [batch, height, width,
 * channels]`.
 *
 * Images of another rank, or smaller with their padding than what is cut out, are a `ShapeError`, others than f32 or f64 a
 * `DTypeError`. Law: a crop of the size of the images, without padding, changes nothing.
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
 * Shapes and errors: as of `randomShift`. Laws: `rate: 0` changes nothing; `rate: 1` twice neither.
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
      const [row, column] = gridOf(batch, height, width, floatOf(x))
      const isFlipped = beside(bernoulli(key, rate, [batch]))
      return direction === "vertical"
        ? pixels(x, where(isFlipped, sub(height - 1, row), row), column)
        : pixels(x, row, where(isFlipped, sub(width - 1, column), column))
    }
)

const rotationFields = {
  /** By how many degrees at most, in both directions: a finite number ≥ 0. */
  degrees: fixed(nonNegative)
}

/** How far images are rotated. */
export interface RandomRotationOptions extends OptionsOf<typeof rotationFields> {}

/**
 * Rotates each image about its center by an angle that is drawn evenly from `±degrees`; between pixels it interpolates
 * bilinearly, and 0 comes in from outside.
 *
 * Shapes and errors: as of `randomShift`. Law: `degrees: 0` changes nothing.
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
      const angle = beside(mul(sub(mul(uniform(key, [batch], { dtype: floatOf(x) }), 2), 1), most))
      const [row, column] = gridOf(batch, height, width, floatOf(x))
      const [middle, center] = [(height - 1) / 2, (width - 1) / 2]
      const [dy, dx] = [sub(row, middle), sub(column, center)]
      const turn = (a: Tensor, b: Tensor): Tensor => add(mul(cos(angle), a), mul(sin(angle), b))
      return sample(x, add(turn(dy, dx), middle), add(turn(dx, mul(dy, -1)), center))
    }
)

const noiseFields = {
  /** The standard deviation of the noise, a finite number ≥ 0. */
  deviation: fixed(nonNegative)
}

/** How much noise is added. */
export interface RandomNoiseOptions extends OptionsOf<typeof noiseFields> {}

/**
 * Adds Gaussian noise to every element: `x + deviation · N(0, 1)`.
 *
 * Shapes and errors: as of `randomShift`. Law: `deviation: 0` changes nothing.
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
      add(x, mul(normal(key, sizesOf("randomNoise", x), { dtype: floatOf(x) }), deviation))
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
 * Shapes and errors: as of `randomShift`. Law: `size: 0` changes nothing.
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
        const first = sub(wholes(own, batch, 0, count - 1, floatOf(x)), Math.floor(size / 2))
        return and(ge(place, first), le(place, add(first, size - 1)))
      }
      const [row, column] = gridOf(batch, height, width, floatOf(x))
      const isOut = and(within(row, rowKey, height), within(column, columnKey, width))
      return where(reshape(isOut, [batch, height, width, 1]), 0, x)
    }
)

/**
 * Makes one augmentation of several, done one after the other, each with a key of its own.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { key } from "thalweg/random"
 * import { augment, randomFlip, randomShift } from "thalweg/train"
 *
 * const both = augment(randomShift({ by: 2 }), randomFlip())
 * assert.deepStrictEqual(both(key(0), zeros([2, 8, 8, 1])).shape, [2, 8, 8, 1])
 */
export const augment = (...parts: readonly Augmentation[]): Augmentation => {
  for (const part of parts) checkFunction("augment", part, "augmentations, such as randomFlip()")
  return (key, x) => {
    const keys = split(key, parts.length)
    return parts.reduce((images, part, i) => part(keys[i] as Tensor, images), x)
  }
}
