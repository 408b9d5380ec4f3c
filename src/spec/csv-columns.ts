import { literal } from "../dataflow/create.js"
import { isRecord } from "../dataflow/describe.js"
import type { Tensor } from "../dataflow/primitive.js"
import { refuse } from "../options/checks.js"

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

/** Whether there are columns; what each holds, `checkColumn` looks at. */
export const isColumns = (value: unknown): value is Columns => isRecord(value) && Object.keys(value).length > 0

/** Throws a `HyperparameterError` at a column of no kind, or whose categories have a name twice. */
export const checkColumn = (operation: string, name: string, value: unknown): void => {
  if (kinds.includes(value)) return
  if (!Array.isArray(value) || value.length === 0 || !value.every(category => typeof category === "string"))
    return refuse(operation, `columns.${name}`, '"number", "label", "text" or a list of names', value)
  const seen = new Set<unknown>()
  for (const category of value) {
    if (seen.has(category)) refuse(operation, `columns.${name}`, `a list of different names, not twice "${category}"`, value) // prettier-ignore
    seen.add(category)
  }
}

/** What a field is, or what was expected in its place. */
type Read = (text: string) => number | string

/** A plain number; hexadecimal ones, spaces, words and what f32 cannot hold are none. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

const readNumber: Read = text => {
  const value = NUMBER.test(text) ? Math.fround(Number(text)) : undefined
  if (value === undefined) return "a number"
  return Number.isFinite(value) ? value : "a number that f32 can hold"
}

const LABEL = "a whole number of 32 bits"

const readLabel: Read = text => {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : NaN
  return value === (value | 0) ? value : LABEL
}

/** The place of a category among some. */
const readingCategory = (names: readonly string[]): Read => {
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

/** Reads fields of a column, among which some texts stand for what is missing. */
const reading = (column: Exclude<Column, "text">, missing: ReadonlySet<string>): Read => {
  if (column === "number") return text => (missing.has(text) ? NaN : readNumber(text))
  if (column === "label")
    return text => (missing.has(text) ? `${LABEL}, not a missing value, which no label may be` : readLabel(text))
  const read = readingCategory(column)
  return text => {
    const place = read(text)
    const isMissing = typeof place === "string" && missing.has(text)
    return isMissing ? `${place}, not a missing value, which is a class only if it is listed` : place
  }
}

/** Makes what collects the fields of a column. */
export const collector = (name: string, column: Column, missing: ReadonlySet<string>): Collector => {
  if (column === "text") {
    const texts: string[] = []
    return { name, add: text => void texts.push(text), done: () => Object.freeze(texts) }
  }
  const [values, read]: [number[], Read] = [[], reading(column, missing)]
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
