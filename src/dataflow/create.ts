import { allocate, checkDType, dtypeOfData, element, type Data, type DType } from "./dtype.js"
import { fail } from "./error.js"
import type { Literal, Tensor } from "./primitive.js"
import { checkShape, normalizeAxis, showShape, sizeOf, type Shape } from "./shape.js"
import { apply, isTensor } from "./tensor.js"

/** Numbers or booleans, nested to any depth; every row of a level has the same length. */
export type Nested = number | boolean | readonly Nested[]

/** An argument of an operation: a number beside a tensor takes the tensor's dtype. */
export type Operand = Tensor | number | boolean

export interface TensorOptions {
  /** The element type. Default: that of the typed array; `bool` for booleans, else `f32`. */
  readonly dtype?: DType
  /** The shape. Default: that of the nesting; `[length]` for a typed array. */
  readonly shape?: Shape
}

/** A literal around a buffer that nobody else holds. */
export const literal = (data: Data, shape: Shape, dtype: DType): Literal =>
  apply({ kind: "literal", data, shape, dtype }) as Literal

/** Arrays nested more deeply than this are taken to contain themselves. */
const MAX_RANK = 64

/** The shape of a nested array, read along its first elements. */
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

const show = (value: unknown): string => {
  if (Array.isArray(value)) return `an array of length ${value.length}`
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40))
  if (typeof value === "bigint") return `${value}n`
  return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`
}

/** The elements in row-major order; an error that names the place of the first one that does not fit. */
const flattenNested = (values: Nested, shape: Shape): readonly (number | boolean)[] => {
  const flat: (number | boolean)[] = []
  const visit = (level: unknown, depth: number, path: string): void => {
    const expected = shape[depth]
    if (expected === undefined) {
      if (!isNumeric(level))
        fail("DataError", "tensor", "a number or boolean", show(level), path === "" ? undefined : path)
      flat.push(level as number | boolean)
    } else if (!Array.isArray(level) || level.length !== expected) {
      fail(
        "DataError",
        "tensor",
        `an array of length ${expected} (rows of one level have one length)`,
        show(level),
        path
      )
    } else {
      for (let i = 0; i < expected; i++) visit(level[i], depth + 1, `${path}[${i}]`)
    }
  }
  visit(values, 0, "")
  return flat
}

const fill = (dtype: DType, values: ArrayLike<number | boolean>): Data => {
  const data = allocate(checkDType("tensor", dtype), values.length)
  for (let i = 0; i < values.length; i++) data[i] = element("tensor", dtype, values[i] ?? NaN)
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
 * Throws a `DataError` for ragged or non-numeric values (naming the place), a `ShapeError` when `shape` does not hold as
 * many values, a `DTypeError` for a value that the dtype cannot hold (`1.5` in an `i32`).
 */
export const tensor = (values: Nested | ArrayBufferView, options: TensorOptions = {}): Literal => {
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

/** Makes a rank-0 literal. */
export const scalar = (
  value: number | boolean,
  dtype: DType = typeof value === "boolean" ? "bool" : "f32"
): Literal => {
  return lift("scalar", value, dtype) as Literal
}

/** A tensor unchanged; a number or boolean as a scalar of `dtype`. */
export const lift = (operation: string, value: Operand, dtype?: DType): Tensor => {
  if (isTensor(value)) return value
  if (!isNumeric(value)) return fail("DataError", operation, "a tensor, number or boolean", show(value))
  const type = dtype ?? (typeof value === "boolean" ? "bool" : "f32")
  const data = allocate(checkDType(operation, type), 1)
  data[0] = element(operation, type, value)
  return literal(data, [], type)
}

/** Two operands; a number takes the dtype of the tensor beside it. */
export const lift2 = (operation: string, a: Operand, b: Operand): readonly [Tensor, Tensor] => {
  const dtype = isTensor(a) ? a.dtype : isTensor(b) ? b.dtype : undefined
  return [lift(operation, a, dtype), lift(operation, b, dtype)]
}

/** A tensor with every element equal to `value`. */
export const full = (shape: Shape, value: number | boolean, dtype?: DType): Tensor =>
  apply({ kind: "broadcast", shape: checkShape("full", shape).slice() }, [scalar(value, dtype)])

/** A tensor of zeros. */
export const zeros = (shape: Shape, dtype: DType = "f32"): Tensor => full(shape, 0, dtype)

/** A tensor of ones. */
export const ones = (shape: Shape, dtype: DType = "f32"): Tensor => full(shape, 1, dtype)

/** Zeros of the shape and dtype of another tensor. */
export const zerosLike = (t: Tensor): Tensor => zeros(t.shape, t.dtype)

/** Ones of the shape and dtype of another tensor. */
export const onesLike = (t: Tensor): Tensor => ones(t.shape, t.dtype)

/** The index along one axis: `iota([2, 3], 1)` is `[[0, 1, 2], [0, 1, 2]]`. */
export const iota = (shape: Shape, axis: number, dtype: DType = "i32"): Tensor =>
  apply({
    kind: "iota",
    axis: normalizeAxis("iota", axis, checkShape("iota", shape).length),
    shape: shape.slice(),
    dtype
  })

export interface ArangeOptions {
  readonly start?: number
  readonly step?: number
  /** Default `i32` when start and step are integers, else `f32`. */
  readonly dtype?: DType
}

/** The numbers `start, start + step, …` below `stop` (above it for a negative step); `start` is 0 and `step` 1 by default. */
export const arange = (stop: number, options: ArangeOptions = {}): Literal => {
  const { start = 0, step = 1 } = options
  if (![start, stop, step].every(Number.isFinite) || step === 0)
    fail("DataError", "arange", "finite bounds and a step other than 0", `start ${start}, stop ${stop}, step ${step}`)
  const count = Math.max(0, Math.ceil((stop - start) / step))
  // The quotient is rounded: (1.3 - 1) / 0.1 is above 3, yet 1 + 3 · 0.1 is not below 1.3.
  const length = count > 0 && Math.sign(step) * (start + (count - 1) * step - stop) >= 0 ? count - 1 : count
  checkShape("arange", [length])
  const dtype = options.dtype ?? (Number.isInteger(start) && Number.isInteger(step) ? "i32" : "f32")
  return tensor(
    Array.from({ length }, (_, i) => start + i * step),
    { dtype }
  )
}

/** `count` numbers from `start` to `stop`, both included, equally spaced. */
export const linspace = (start: number, stop: number, count: number, dtype: DType = "f32"): Literal => {
  if (!Number.isInteger(count) || count < 1) fail("DataError", "linspace", "a positive integer count", String(count))
  checkShape("linspace", [count])
  const at = (i: number): number =>
    i === count - 1 && count > 1 ? stop : start + ((stop - start) * i) / Math.max(1, count - 1)
  return tensor(
    Array.from({ length: count }, (_, i) => at(i)),
    { dtype }
  )
}
