import { checkOptions, checkTensor } from "./check.js"
import { describeValue } from "./describe.js"
import { allocate, checkDType, dtypeOfData, element, isFloat, type Data, type DType } from "./dtype.js"
import { fail } from "./error.js"
import { literalOp } from "./literal.js"
import type { Literal, Tensor } from "./primitive.js"
import * as shapes from "./rules.js"
import { checkShape, MAX_RANK, showShape, sizeOf, type Shape } from "./shape.js"
import { apply, isTensor } from "./tensor.js"
import { valueOf, type Value } from "./value.js"

/** Numbers or booleans, nested to any depth; every row of a level has the same length. */
export type Nested = number | boolean | readonly Nested[]

/** An argument of an operation: a number beside a tensor takes the tensor's dtype. */
export type Operand = Tensor | number | boolean

/** What a literal is, if not what its values say. */
export interface TensorOptions {
  /** The element type. Default: that of the typed array; `bool` for booleans, else `f32`. */
  readonly dtype?: DType
  /** The shape. Default: that of the nesting; `[length]` for a typed array. */
  readonly shape?: Shape
}

/** A literal of a value. */
export const literalOf = (value: Value): Literal => apply(shapes.literal, literalOp(value)) as Literal

/** A literal around a buffer that nobody else holds. */
export const literal = (data: Data, shape: Shape, dtype: DType): Literal => literalOf(valueOf({ shape, dtype }, data))

/** The shape of a nested array, read along its first elements; what is nested too deeply is taken to contain itself. */
const nestedShape = (values: Nested): Shape => {
  const shape: number[] = []
  for (let level: Nested | undefined = values; Array.isArray(level); level = (level as readonly Nested[])[0]) {
    if (shape.length === MAX_RANK)
      fail("DataError", "tensor", `at most ${MAX_RANK} levels`, "a deeper (perhaps cyclic) array")
    shape.push(level.length)
  }
  return shape
}

const isNumeric = (value: unknown): value is number | boolean => typeof value === "number" || typeof value === "boolean"

/** The elements in row-major order; an error that names the place of the first one that does not fit. */
const flattenNested = (values: Nested, shape: Shape): readonly (number | boolean)[] => {
  const flat: (number | boolean)[] = []
  const place: number[] = []
  const refuse = (wanted: string, given: unknown, depth: number): never => {
    const path = place.slice(0, depth).map(i => `[${i}]`)
    return fail("DataError", "tensor", wanted, describeValue(given), depth === 0 ? undefined : path.join(""))
  }
  const visit = (level: unknown, depth: number): void => {
    const expected = shape[depth]
    if (expected === undefined) {
      flat.push(isNumeric(level) ? level : refuse("a number or boolean", level, depth))
    } else if (!Array.isArray(level) || level.length !== expected) {
      refuse(`an array of length ${expected} (rows of one level have one length)`, level, depth)
    } else {
      for (let i = 0; i < expected; i++) {
        place[depth] = i
        visit(level[i], depth + 1)
      }
    }
  }
  visit(values, 0)
  return flat
}

/** Whether all that a typed array can have is an element of a dtype. */
const fits = (dtype: DType, values: object): boolean =>
  ArrayBuffer.isView(values) && (isFloat(dtype) || (dtype !== "bool" && dtypeOfData(values) === dtype))

const fill = (dtype: DType, values: ArrayLike<number | boolean>): Data => {
  const data = allocate(checkDType("tensor", dtype), values.length)
  if (fits(dtype, values)) data.set(values as ArrayLike<number>)
  else for (let i = 0; i < values.length; i++) data[i] = element("tensor", dtype, values[i] ?? NaN)
  return data
}

const fromArray = (
  values: ArrayLike<number | boolean>,
  natural: Shape,
  dtype: DType,
  shape: Shape = natural
): Literal => {
  checkShape("tensor", shape)
  if (sizeOf(shape) !== values.length)
    fail("ShapeError", "tensor", `${sizeOf(shape)} values for shape ${showShape(shape)}`, `${values.length} values`)
  return literal(fill(dtype, values), shape.slice(), dtype)
}

/**
 * Makes a literal from nested arrays or a typed array, by copying.
 *
 * Shape: that of the nesting, or `shape`. Dtype: that of the typed array, `bool` for booleans, else `f32`.
 *
 * Throws a `DataError` for ragged or non-numeric values (naming the place), a `ShapeError` when `shape` does not hold
 * as many values, a `DTypeError` for a value that the dtype cannot hold (`1.5` in an `i32`).
 *
 * Law: `toArray(tensor(values)) ≡ values`, rounded to the dtype.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 *
 * const data = new Float64Array([1, 2, 3, 4])
 * const x = tensor(data, { shape: [2, 2] })
 * data[0] = 100 // x has its own copy
 * assert.deepStrictEqual(toArray(x), [[1, 2], [3, 4]])
 * assert.strictEqual(x.dtype, "f64")
 * assert.throws(() => tensor([[1, 2], [3]]), { name: "DataError" })
 */
export const tensor = (values: Nested | ArrayBufferView, options: TensorOptions = {}): Tensor => {
  checkOptions("tensor", options, ["dtype", "shape"])
  if (ArrayBuffer.isView(values)) {
    const dtype = options.dtype ?? dtypeOfData(values)
    const array = values as unknown as ArrayLike<number>
    if (dtype === undefined || values instanceof DataView || typeof array[0] === "bigint")
      return fail(
        "DataError",
        "tensor",
        "a typed array of numbers, with a dtype if it is neither 32 nor 64 bits wide",
        values.constructor.name
      )
    return fromArray(array, [array.length], dtype, options.shape)
  }
  const natural = nestedShape(values)
  const flat = flattenNested(values, natural)
  return fromArray(flat, natural, options.dtype ?? (typeof flat[0] === "boolean" ? "bool" : "f32"), options.shape)
}

const scalarOf = (
  operation: string,
  value: number | boolean,
  dtype: DType | undefined,
  expected = "a number or boolean"
): Literal => {
  if (!isNumeric(value)) return fail("DataError", operation, expected, describeValue(value))
  const type = checkDType(operation, dtype ?? (typeof value === "boolean" ? "bool" : "f32"))
  const data = allocate(type, 1)
  data[0] = element(operation, type, value)
  return literal(data, [], type)
}

/**
 * Makes a literal of shape `[]`, by default `f32`, or `bool` of a boolean. A value that the dtype cannot hold is a
 * `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 *
 * const x = scalar(0.1)
 * assert.deepStrictEqual(x.shape, [])
 * assert.strictEqual(item(x), Math.fround(0.1))
 * assert.strictEqual(item(scalar(0.1, "f64")), 0.1)
 */
export const scalar = (value: number | boolean, dtype?: DType): Tensor => scalarOf("scalar", value, dtype)

/** A tensor unchanged; a number or boolean as a scalar of `dtype`. */
export const lift = (operation: string, value: Operand, dtype?: DType): Tensor =>
  isTensor(value) ? value : scalarOf(operation, value, dtype, "a tensor, a number or a boolean")

/** Two operands; a number takes the dtype of the tensor beside it. */
export const lift2 = (operation: string, a: Operand, b: Operand): readonly [Tensor, Tensor] => {
  if (isTensor(a) && isTensor(b)) return [a, b]
  const dtype = isTensor(a) ? a.dtype : isTensor(b) ? b.dtype : undefined
  return [lift(operation, a, dtype), lift(operation, b, dtype)]
}

const filled = (operation: string, shape: Shape, value: number | boolean, dtype?: DType): Tensor =>
  apply(shapes.broadcast, { kind: "broadcast", shape: checkShape(operation, shape).slice() }, [
    scalarOf(operation, value, dtype)
  ])

/**
 * Makes a tensor of which every element is `value`; by default `f32`, or `bool` of a boolean.
 *
 * Shape: `shape`, non-negative integers, else a `ShapeError`. A value that the dtype cannot hold is a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { full, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(full([2, 2], 7)), [[7, 7], [7, 7]])
 * assert.throws(() => full([2, -1], 7), { name: "ShapeError" })
 */
export const full = (shape: Shape, value: number | boolean, dtype?: DType): Tensor =>
  filled("full", shape, value, dtype)

/**
 * Makes a tensor of zeros, by default `f32`. Shape: `shape`, non-negative integers, else a `ShapeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(zeros([2, 3])), [[0, 0, 0], [0, 0, 0]])
 * assert.deepStrictEqual(toArray(zeros([2], "bool")), [false, false])
 */
export const zeros = (shape: Shape, dtype: DType = "f32"): Tensor => filled("zeros", shape, 0, dtype)

/**
 * Makes a tensor of ones, by default `f32`. Shape: `shape`, non-negative integers, else a `ShapeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, ones, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(ones([3], "i32")), [1, 1, 1])
 * assert.strictEqual(item(ones([])), 1)
 */
export const ones = (shape: Shape, dtype: DType = "f32"): Tensor => filled("ones", shape, 1, dtype)

/**
 * Makes zeros of the shape and dtype of another tensor. (Of every tensor of a tree: `Tree.zerosLike`.)
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toTyped, zerosLike } from "thalweg"
 *
 * const x = tensor([1.5, 2.5], { dtype: "f64" })
 * assert.deepStrictEqual(toTyped(zerosLike(x)), new Float64Array([0, 0]))
 */
export const zerosLike = (t: Tensor): Tensor => zeros(checkTensor("zerosLike", t).shape, t.dtype)

/**
 * Makes ones of the shape and dtype of another tensor.
 *
 * @example
 * import assert from "node:assert"
 * import { onesLike, tensor, toTyped } from "thalweg"
 *
 * const x = tensor([3, 4], { dtype: "i32" })
 * assert.deepStrictEqual(toTyped(onesLike(x)), new Int32Array([1, 1]))
 */
export const onesLike = (t: Tensor): Tensor => ones(checkTensor("onesLike", t).shape, t.dtype)
