import { literal } from "../dataflow/create.js"
import { isRecord } from "../dataflow/describe.js"
import type { Tensor } from "../dataflow/primitive.js"

/**
 * What a column holds: numbers, labels that are whole numbers, texts, or one of some names of categories, which become
 * their places in the list.
 */
export type Column = "number" | "label" | "text" | readonly string[]

/** Columns by name. */
export type Columns = { readonly [name: string]: Column }

/** What columns become: `f32 [rows]`, `i32 [rows]`, or texts. */
export type Table<C extends Columns> = { readonly [K in keyof C]: C[K] extends "text" ? readonly string[] : Tensor }

const kinds: readonly unknown[] = ["number", "label", "text"]

const isColumn = (value: unknown): value is Column =>
  kinds.includes(value) ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.every(name => typeof name === "string") &&
    new Set(value).size === value.length)

/** Whether it says of columns what they hold. */
export const isColumns = (value: unknown): value is Columns =>
  isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isColumn)

/** A plain number; hexadecimal ones, spaces, words and what f32 cannot hold are none. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

const readNumber = (text: string, missing: "refuse" | "nan"): number | string => {
  if (text === "" && missing === "nan") return NaN
  const value = NUMBER.test(text) ? Math.fround(Number(text)) : undefined
  if (value === undefined) return "a number"
  return Number.isFinite(value) ? value : "a number that f32 can hold"
}

const readLabel = (text: string): number | string => {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : NaN
  return value === (value | 0) ? value : "a whole number of 32 bits"
}

/** The place of a category among some. */
const readingCategory = (names: readonly string[]): ((text: string) => number | string) => {
  const places = new Map(names.map((name, place) => [name, place]))
  const expected = `one of ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}`
  return text => places.get(text) ?? expected
}

/** Collects the fields of a column. Of what does not fit, it says what was expected. */
export interface Collector {
  readonly name: string
  readonly add: (text: string) => string | undefined
  readonly done: () => Tensor | readonly string[]
}

/** Reads a field, or says what was expected. */
const reading = (column: Exclude<Column, "text">, missing: "refuse" | "nan"): ((text: string) => number | string) => {
  if (column === "number") return text => readNumber(text, missing)
  return column === "label" ? readLabel : readingCategory(column)
}

/** Makes what collects the fields of a column. */
export const collector = (name: string, column: Column, missing: "refuse" | "nan"): Collector => {
  if (column === "text") {
    const texts: string[] = []
    return { name, add: text => void texts.push(text), done: () => Object.freeze(texts) }
  }
  const [values, read]: [number[], ReturnType<typeof reading>] = [[], reading(column, missing)]
  const add = (text: string): string | undefined => {
    const value = read(text)
    if (typeof value === "string") return value
    values.push(value)
    return undefined
  }
  const done = (): Tensor =>
    column === "number"
      ? literal(Float32Array.from(values), [values.length], "f32")
      : literal(Int32Array.from(values), [values.length], "i32")
  return { name, add, done }
}
