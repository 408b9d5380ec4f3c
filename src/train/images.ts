import { add, clamp, floor, mul, sub } from "../dataflow/arithmetic.js"
import { checkTensor } from "../dataflow/check.js"
import { isFloat, type FloatDType } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { take } from "../dataflow/indexing.js"
import { and, ge, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { iota } from "../dataflow/sequence.js"
import { reshape } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { randint, split } from "../random/index.js"

/** A change of a batch of images `[batch, height, width, channels]` by a key, each image otherwise. */
export type Augmentation = (key: Tensor, images: Tensor) => Tensor

const IMAGES = "images [batch, height, width, channels]"

/** The sizes of a batch of images, or a named error. */
export const sizesOf = (operation: string, x: Tensor): readonly [number, number, number, number] => {
  if (checkTensor(operation, x, IMAGES).shape.length !== 4) fail("ShapeError", operation, IMAGES, showType(x))
  if (x.shape[1] === 0 || x.shape[2] === 0) fail("ShapeError", operation, "images of one pixel or more", showType(x))
  if (!isFloat(x.dtype)) fail("DTypeError", operation, "images of f32 or f64 (cast them first)", x.dtype)
  return x.shape as unknown as readonly [number, number, number, number]
}

/** The dtype of images. */
export const dtypeOf = (x: Tensor): FloatDType => x.dtype as FloatDType

/** One number for each image, beside its places. */
export const perImage = (values: Tensor): Tensor => reshape(values, [-1, 1, 1])

/** The elements at whole rows and columns `[batch, height, width]`, and 0 outside of the images. */
export const pixels = (x: Tensor, row: Tensor, column: Tensor): Tensor => {
  const [batch, height, width, channels] = x.shape as readonly [number, number, number, number]
  const inside = and(and(ge(row, 0), lt(row, height)), and(ge(column, 0), lt(column, width)))
  const [r, c] = [clamp(row, 0, Math.max(0, height - 1)), clamp(column, 0, Math.max(0, width - 1))]
  const image = reshape(iota([batch], 0), [batch, 1, 1])
  const places = add(mul(add(mul(image, height), cast(r, "i32")), width), cast(c, "i32"))
  const found = take(reshape(x, [batch * height * width, channels]), places)
  return where(reshape(inside, [...inside.shape, 1]), found, 0)
}

/** Images of which each place is taken from a place of another, between pixels by the four around it. */
export const sample = (x: Tensor, row: Tensor, column: Tensor): Tensor => {
  const [top, left] = [floor(row), floor(column)]
  const weight = (share: Tensor): Tensor => reshape(share, [...share.shape, 1])
  const [down, right] = [weight(sub(row, top)), weight(sub(column, left))]
  const at = (dy: number, dx: number): Tensor => pixels(x, add(top, dy), add(left, dx))
  const between = (a: Tensor, b: Tensor, share: Tensor): Tensor => add(mul(a, sub(1, share)), mul(b, share))
  return between(between(at(0, 0), at(0, 1), right), between(at(1, 0), at(1, 1), right), down)
}

/** The row and the column of each place of images. */
export const rowsAndColumns = (
  batch: number,
  height: number,
  width: number,
  dtype: FloatDType
): readonly [Tensor, Tensor] => [iota([batch, height, width], 1, dtype), iota([batch, height, width], 2, dtype)]

/** Whole numbers from the first to the last, one for each image, as floats. */
export const drawWholes = (key: Tensor, batch: number, first: number, last: number, dtype: FloatDType): Tensor =>
  cast(perImage(randint(key, [batch], { min: first, max: last + 1 })), dtype)

/** Images of another size from a whole place on, which is drawn for each. */
export const cutAt = (
  key: Tensor,
  x: Tensor,
  [height, width]: readonly [number, number],
  rows: readonly [number, number],
  columns: readonly [number, number]
): Tensor => {
  const [rowKey, columnKey] = split(key)
  const [batch = 0] = x.shape
  const [row, column] = rowsAndColumns(batch, height, width, dtypeOf(x))
  const [down, right] = [
    drawWholes(rowKey, batch, ...rows, dtypeOf(x)),
    drawWholes(columnKey, batch, ...columns, dtypeOf(x))
  ]
  return pixels(x, add(row, down), add(column, right))
}
