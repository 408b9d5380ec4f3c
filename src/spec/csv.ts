import * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import Papa from "papaparse"
import { isRecord } from "../dataflow/describe.js"
import { literal } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, codeField, flag, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { MAX_ERRORS } from "./json.js"
import { problem, readOr, refuse } from "./problem.js"
import { fromUtf8 } from "./utf8.js"

/**
 * What a column holds: numbers, labels that are whole numbers, texts, or one of some names of categories, which become
 * their places in the list.
 */
export type Column = "number" | "label" | "text" | readonly string[]

type Columns = { readonly [name: string]: Column }

/** What columns become: `f32 [rows]`, `i32 [rows]`, or texts. */
export type Table<C extends Columns> = { readonly [K in keyof C]: C[K] extends "text" ? readonly string[] : Tensor }

const kinds: readonly unknown[] = ["number", "label", "text"]

const isColumn = (value: unknown): value is Column =>
  kinds.includes(value) ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.every(name => typeof name === "string") &&
    new Set(value).size === value.length)

const isColumns = (value: unknown): value is Columns =>
  isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isColumn)

const fields = {
  /** The columns that are read, by the names that they have in the first line, in any order; others are left out. */
  columns: codeField('a record of columns, each "number", "label", "text" or a list of names', isColumns),
  /** What stands between fields. Default `","`. */
  delimiter: choice([",", ";", "\t", "|"], ","),
  /** Whether the first line has the names. Without it, `columns` are all that there are, in their order. Default yes. */
  header: flag(true),
  /** What an empty number is: a mistake, or NaN. Default `"refuse"`. */
  missing: choice(["refuse", "nan"], "refuse")
}

/** What a file of columns must look like. */
export interface CsvOptions<C extends Columns = Columns> extends Omit<OptionsOf<typeof fields>, "columns"> {
  /** What each column holds, by the name in the header. */
  readonly columns: C
}

/** Files of more fields are refused before they are taken apart. */
const MAX_FIELDS = 2 ** 25

/** A field and where it begins, both counted from 1. */
interface Cell {
  readonly text: string
  readonly line: number
  readonly column: number
}

const wrong = ({ line, column }: Omit<Cell, "text">, value: unknown, expected: string, name?: string) =>
  problem([], [`line ${line}`, `column ${column}`, ...(name === undefined ? [] : [name])], value, expected)

const count = (text: string, part: string): number => {
  let found = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found++
  return found
}

/** A text, what is between its fields and what is between its lines. */
interface Source {
  readonly text: string
  readonly delimiter: string
  readonly newline: string
}

/**
 * Says where each field stands. The parser tells lines only, and forgives quotes that are not closed or stand where none
 * may: a field must be written in the one way that the format has for it, or the walk ends with what is wrong.
 */
const walk = function* ({ text, delimiter, newline }: Source, rows: readonly (readonly string[])[]) {
  let [at, line, begin] = [0, 1, 0]
  for (const row of rows) {
    const cells: Cell[] = []
    for (const [i, field] of row.entries()) {
      const place: Cell = { text: field, line, column: at - begin + 1 }
      const isQuoted = text[at] === '"'
      const raw = isQuoted ? `"${field.replaceAll('"', '""')}"` : field
      const end = i + 1 < row.length ? delimiter : newline
      const next = at + raw.length
      if (
        !text.startsWith(raw, at) ||
        (!isQuoted && /["\r\n]/.test(raw)) ||
        (next < text.length && !text.startsWith(end, next))
      ) {
        yield E.left(wrong(place, field, 'a field without quotes, or one in quotes that are closed, "" for one in it'))
        return
      }
      cells.push(place)
      const breaks = isQuoted ? count(raw, newline) : 0
      if (breaks > 0) {
        line += breaks
        begin = at + raw.lastIndexOf(newline) + newline.length
      }
      at = next + end.length
    }
    yield E.right(cells)
    line++
    begin = at
  }
}

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

const readCategory = (text: string, names: readonly string[]): number | string => {
  const place = names.indexOf(text)
  return place < 0 ? `one of ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}` : place
}

/** Collects the fields of a column. Of what does not fit, it says what was expected. */
interface Collector {
  readonly name: string
  readonly add: (text: string, row: number) => string | undefined
  readonly done: () => Tensor | readonly string[]
}

const collector = (name: string, column: Column, rows: number, missing: "refuse" | "nan"): Collector => {
  if (column === "text") {
    const texts: string[] = []
    return { name, add: text => void texts.push(text), done: () => Object.freeze(texts) }
  }
  const [data, dtype] =
    column === "number" ? [new Float32Array(rows), "f32" as const] : [new Int32Array(rows), "i32" as const]
  const read = (text: string): number | string => {
    if (column === "number") return readNumber(text, missing)
    return column === "label" ? readLabel(text) : readCategory(text, column)
  }
  const add = (text: string, row: number): string | undefined => {
    const value = read(text)
    if (typeof value === "string") return value
    data[row] = value
    return undefined
  }
  return { name, add, done: () => literal(data, [rows], dtype) }
}

/** The place of each column in a row, or what is wrong with the first line. */
const placesOf = (cells: readonly Cell[], names: readonly string[]): E.Either<t.Errors, readonly number[]> => {
  const found = cells.map(({ text }) => text)
  const errors = names.flatMap(name => {
    const places = found.flatMap((text, i) => (text === name ? [i] : []))
    return places.length === 1
      ? []
      : [wrong({ line: 1, column: 1 }, found, `one column "${name}", not ${places.length}`)]
  })
  return errors.length > 0 ? E.left(errors.slice(0, MAX_ERRORS)) : E.right(names.map(name => found.indexOf(name)))
}

interface Settings {
  readonly columns: Columns
  readonly header: boolean
  readonly missing: "refuse" | "nan"
}

const readRows = (
  source: Source,
  rows: readonly (readonly string[])[],
  { columns, header, missing }: Settings
): E.Either<t.Errors, Readonly<Record<string, Tensor | readonly string[]>>> => {
  const names = Object.keys(columns)
  const [width, first] = [header ? (rows[0]?.length ?? 0) : names.length, header ? 1 : 0]
  if (rows.length <= first) return refuse([], rows.length, `at least one row${header ? " after the names" : ""}`)
  const collectors = names.map(name => collector(name, columns[name] ?? "text", rows.length - first, missing))
  let places: readonly number[] = names.map((_, i) => i)
  const errors: t.ValidationError[] = []
  let row = -first
  for (const cells of walk(source, rows)) {
    if (E.isLeft(cells)) return E.left([...errors, cells.left])
    if (row < 0) {
      const named = placesOf(cells.right, names)
      if (E.isLeft(named)) return named
      places = named.right
    } else errors.push(...rowErrors(cells.right, width, places, collectors, row))
    if (errors.length >= MAX_ERRORS) break
    row++
  }
  return errors.length > 0
    ? E.left(errors.slice(0, MAX_ERRORS))
    : E.right(Object.fromEntries(collectors.map(({ name, done }) => [name, done()])))
}

/** Hands the fields of a row to their columns, and tells what does not fit. */
const rowErrors = (
  cells: readonly Cell[],
  width: number,
  places: readonly number[],
  collectors: readonly Collector[],
  row: number
): t.Errors => {
  const [begin] = cells
  if (cells.length !== width)
    return [
      problem(
        [],
        [`line ${begin?.line ?? 0}`],
        cells.map(({ text }) => text),
        `${width} fields`
      )
    ]
  return collectors.flatMap(({ name, add }, i) => {
    const cell = cells[places[i] ?? 0] as Cell
    const expected = add(cell.text, row)
    return expected === undefined ? [] : [wrong(cell, cell.text, expected, name)]
  })
}

/** The text of a file without the mark that some begin with, and without the end of the last line. */
const textOf = (bytes: Uint8Array): E.Either<t.Errors, string> => {
  if (!ArrayBuffer.isView(bytes) || !(bytes instanceof Uint8Array)) return refuse([], bytes, "a Uint8Array")
  const text = readOr(undefined, () => fromUtf8(bytes))
  return text === undefined ? refuse([], "other bytes", "text in UTF-8") : E.right(text.replace(/^\ufeff/, ""))
}

/**
 * Makes a decoder of files of comma-separated values: bytes to a record with a tensor, or a list of texts, for each column.
 *
 * Numbers become `f32 [rows]`, labels `i32 [rows]`, and so do categories, of which each is its place in the list that is
 * given; join them by `stack`. Texts can be given to a `vocabulary`. Options: see `CsvOptions`; others are a
 * `HyperparameterError`.
 *
 * The format is that of RFC 4180 in UTF-8, with either end of lines, but only one of them. Decoding is total and strict: a
 * `Left` has the line and column, from 1, of quotes that are not closed or stand inside of a field, rows that are longer or
 * shorter than the first, and fields that do not fit (the first 100), numbers with spaces or beyond `f32` among them. Time and
 * memory are linear in the length, and files of more than 2²⁵ fields refused before they are taken apart.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { decodeCsv, report } from "thalweg/spec"
 *
 * const flowers = decodeCsv({ columns: { length: "number", species: ["setosa", "virginica"] } })
 * const good = flowers(Buffer.from('species,length,note\nvirginica,5.5,"tall, blue"\nsetosa,1e0,\n'))
 * assert.ok(good._tag === "Right")
 * assert.deepStrictEqual(toArray(good.right.length), [5.5, 1])
 * assert.deepStrictEqual(toArray(good.right.species), [1, 0])
 *
 * const bad = flowers(Buffer.from("species,length\nsetosa,long\nrosa,1\nsetosa\n"))
 * assert.ok(bad._tag === "Left")
 * assert.deepStrictEqual(report(bad.left), [
 *   'line 2/column 8/length: expected a number; got "long"',
 *   'line 3/column 1/species: expected one of setosa, virginica; got "rosa"',
 *   "line 4: expected 2 fields; got an array of length 1"
 * ])
 */
export const decodeCsv = <const C extends Columns>(options: CsvOptions<C>) => {
  const { delimiter, ...settings } = resolve("decodeCsv", fields, options)
  return (bytes: Uint8Array): E.Either<t.Errors, Table<C>> => {
    const text = textOf(bytes)
    if (E.isLeft(text)) return text
    const newline = /^[^\n]*\r\n/.test(text.right) ? "\r\n" : "\n"
    const source = { text: text.right, delimiter, newline }
    const found = count(source.text, delimiter) + count(source.text, newline)
    if (found > MAX_FIELDS) return refuse([], found, `at most ${MAX_FIELDS} fields`)
    const { data } = Papa.parse<readonly string[]>(source.text, { delimiter, newline })
    // after the end of the last line there is no other one
    const isEnd = data.at(-1)?.join() === "" && (source.text === "" || source.text.endsWith(newline))
    const rows = isEnd ? data.slice(0, -1) : data
    return readRows(source, rows, settings) as E.Either<t.Errors, Table<C>>
  }
}
