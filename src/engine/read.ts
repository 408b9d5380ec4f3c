import type { Nested } from "../dataflow/create.js"
import type { Data } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import type { Literal, Tensor } from "../dataflow/primitive.js"
import { showShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { evaluateAll } from "./evaluate.js"

const read = (t: Tensor): Literal => evaluateAll([t])[0]!

/** The values in a typed array of their own: `Float32Array` for `f32`, …, `Uint8Array` of 0 and 1 for `bool`. */
export const toTyped = (t: Tensor): Data => read(t).op.data.slice()

const nest = (t: Literal, shape: Shape, offset: number): Nested => {
  const [n, ...inner] = shape
  if (n === undefined) return t.dtype === "bool" ? t.op.data[offset] !== 0 : t.op.data[offset]!
  const stride = sizeOf(inner)
  return Array.from({ length: n }, (_, i) => nest(t, inner, offset + i * stride))
}

/** The values as nested arrays of numbers (of booleans for `bool`); a scalar gives one number. */
export const toArray = (t: Tensor): Nested => nest(read(t), t.shape, 0)

/** The value of a tensor of one element, as a number (`true` is 1). Throws a `ShapeError` for any other size. */
export const item = (t: Tensor): number =>
  sizeOf(t.shape) === 1
    ? read(t).op.data[0]!
    : fail("ShapeError", "item", "a tensor of one element", `shape ${showShape(t.shape)}`)
