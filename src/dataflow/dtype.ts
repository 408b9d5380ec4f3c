import { describeValue } from "./describe.js"
import { fail } from "./error.js"

/** Element types: 32- and 64-bit floats, signed and unsigned 32-bit integers, booleans. */
export type DType = "f32" | "f64" | "i32" | "u32" | "bool"

/** The element types that can be differentiated. */
export type FloatDType = "f32" | "f64"

/** The buffer behind a literal. It is written once, while it is made, and never leaves the library. */
export type Data = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

const constructors = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Uint8Array
} as const satisfies Record<DType, unknown>

/** A zero-filled buffer for `size` elements of a dtype. */
export const allocate = (dtype: DType, size: number): Data => new constructors[dtype](size)

/** The dtype that a typed array stands for; `undefined` for arrays that stand for none. A `Uint8Array` holds booleans. */
export const dtypeOfData = (data: ArrayBufferView): DType | undefined =>
  data instanceof Float32Array
    ? "f32"
    : data instanceof Float64Array
      ? "f64"
      : data instanceof Int32Array
        ? "i32"
        : data instanceof Uint32Array
          ? "u32"
          : data instanceof Uint8Array
            ? "bool"
            : undefined

/** Every dtype, in the order in which they are documented. */
const dtypes: readonly DType[] = ["f32", "f64", "i32", "u32", "bool"]

/** A dtype, or an error that names the operation: what is not TypeScript may ask for anything. */
export const checkDType = (operation: string, dtype: DType): DType =>
  typeof dtype === "string" && Object.hasOwn(constructors, dtype)
    ? dtype
    : fail("DTypeError", operation, `one of ${dtypes.join(", ")}`, describeValue(dtype))

/** The smallest normal number of each float; what is smaller has fewer digits, and is slow on most machines. */
export const smallestNormal: Readonly<Record<FloatDType, number>> = { f32: 2 ** -126, f64: 2 ** -1022 }

export const isFloat = (dtype: DType): dtype is FloatDType => dtype === "f32" || dtype === "f64"

const holds: Record<DType, (value: number) => boolean> = {
  f32: () => true,
  f64: () => true,
  i32: value => (value | 0) === value,
  u32: value => value >>> 0 === value,
  bool: value => value === 0 || value === 1
}

/** A number or boolean as an element of a dtype; an error when the dtype cannot hold it (`1.5` in an `i32`). */
export const element = (operation: string, dtype: DType, value: number | boolean): number => {
  const number = Number(value)
  return holds[dtype](number) ? number : fail("DTypeError", operation, `a value that ${dtype} can hold`, String(value))
}

const lowest: Record<DType, number> = { f32: -Infinity, f64: -Infinity, i32: -0x80000000, u32: 0, bool: 0 }
const highest: Record<DType, number> = { f32: Infinity, f64: Infinity, i32: 0x7fffffff, u32: 0xffffffff, bool: 1 }

/** The identity of `max` (the lowest value) and of `min` (the highest) in a dtype. */
export const lowestOf = (dtype: DType): number => lowest[dtype]
export const highestOf = (dtype: DType): number => highest[dtype]
