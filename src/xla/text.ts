import type { Data, DType } from "../dataflow/dtype.js"
import { range, type Shape } from "../dataflow/shape.js"
import type { Type } from "../dataflow/type.js"

/** What MLIR calls the element types. */
const elements: Readonly<Record<DType, string>> = { f32: "f32", f64: "f64", i32: "i32", u32: "ui32", bool: "i1" }

export const typeText = ({ shape, dtype }: Type): string => `tensor<${[...shape, elements[dtype]].join("x")}>`

export const typesText = (types: readonly Type[]): string => types.map(typeText).join(", ")

export const listText = (items: readonly (number | string)[]): string => `[${items.join(", ")}]`

/** A list of numbers as an attribute. */
export const arrayText = (items: readonly number[]): string =>
  items.length === 0 ? "array<i64>" : `array<i64: ${items.join(", ")}>`

const BYTES = range(256).map(byte => byte.toString(16).padStart(2, "0").toUpperCase())

/** The bytes of a buffer, as they lie in memory. */
const bytesText = (data: Data): string => {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return Array.from(bytes, byte => BYTES[byte]).join("")
}

/** Floats by their bits, so that infinities, NaN and -0 survive. */
const numberText = (dtype: DType, data: Data, at: number): string => {
  const x = data[at] ?? 0
  if (dtype === "bool") return x === 0 ? "false" : "true"
  if (dtype === "i32" || dtype === "u32") return String(x)
  const bytes = new Uint8Array(data.buffer, data.byteOffset + at * data.BYTES_PER_ELEMENT, data.BYTES_PER_ELEMENT)
  return `0x${Array.from(bytes, byte => BYTES[byte])
    .reverse()
    .join("")}`
}

const isUniform = (data: Data): boolean => {
  for (const x of data) if (!Object.is(x, data[0])) return false
  return true
}

const nested = (data: Data, [n, ...inner]: Shape, at: number, size: number): string =>
  n === undefined
    ? numberText("bool", data, at)
    : listText(range(n).map(i => nested(data, inner, at + (i * size) / n, size / n)))

/** The elements of a constant: one for all, the bytes of all, or, of booleans, a list. */
export const denseText = ({ dtype, shape }: Type, data: Data): string => {
  if (data.length === 0) return "dense<>"
  if (isUniform(data)) return `dense<${numberText(dtype, data, 0)}>`
  return dtype === "bool" ? `dense<${nested(data, shape, 0, data.length)}>` : `dense<"0x${bytesText(data)}">`
}
