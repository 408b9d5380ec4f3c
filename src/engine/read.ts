import { checkTensor } from "../dataflow/check.js"
import type { Nested } from "../dataflow/create.js"
import type { Data } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import type { Literal, Tensor } from "../dataflow/primitive.js"
import { dataOf } from "../dataflow/literal.js"
import { showShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { evaluateAll } from "./evaluate.js"

const read = (operation: string, t: Tensor): Literal => evaluateAll([checkTensor(operation, t)], operation)[0]!

/**
 * Reads the values into a typed array of their own, in row-major order: `Float32Array` for `f32`, `Float64Array` for
 * `f64`, `Int32Array`, `Uint32Array`, and a `Uint8Array` of 0 and 1 for `bool`. Errors as of `evaluate`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toTyped } from "thalweg"
 *
 * assert.deepStrictEqual(toTyped(tensor([[1, 2], [3, 4]])), new Float32Array([1, 2, 3, 4]))
 * assert.deepStrictEqual(toTyped(tensor([true, false])), new Uint8Array([1, 0]))
 */
export const toTyped = (t: Tensor): Data => dataOf(read("toTyped", t)).slice()

const nest = (t: Literal, shape: Shape, offset: number): Nested => {
  const [n, ...inner] = shape
  if (n === undefined) return t.dtype === "bool" ? dataOf(t)[offset] !== 0 : dataOf(t)[offset]!
  const stride = sizeOf(inner)
  return Array.from({ length: n }, (_, i) => nest(t, inner, offset + i * stride))
}

/**
 * Reads the values as nested arrays of numbers (of booleans for `bool`); a scalar gives one number. Errors as of
 * `evaluate`.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, scalar, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(mul(tensor([[1, 2], [3, 4]]), 10)), [[10, 20], [30, 40]])
 * assert.strictEqual(toArray(scalar(true)), true)
 */
export const toArray = (t: Tensor): Nested => {
  const literal = read("toArray", t)
  return nest(literal, literal.shape, 0)
}

/**
 * Reads the value of a tensor of one element, of whatever rank, as a number (`true` is 1). Another size is a
 * `ShapeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, sum, tensor } from "thalweg"
 *
 * assert.strictEqual(item(sum(tensor([1, 2, 3]))), 6)
 * assert.strictEqual(item(tensor([[7]])), 7)
 * assert.throws(() => item(tensor([1, 2])), { name: "ShapeError" })
 */
export const item = (t: Tensor): number =>
  sizeOf(checkTensor("item", t).shape) === 1
    ? dataOf(read("item", t))[0]!
    : fail("ShapeError", "item", "a tensor of one element", `shape ${showShape(t.shape)}`)
