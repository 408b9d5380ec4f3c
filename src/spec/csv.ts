import * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { fail } from "../dataflow/error.js"
import { choice, codeField, flag, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { collector, isColumns, type Collector, type Columns, type Table } from "./csv-columns.js"
import { rowsOf, wrongAt, type Cell } from "./csv-rows.js"
import { MAX_ERRORS } from "./json.js"
import { readOr, refuse } from "./problem.js"
import { fromUtf8 } from "./utf8.js"

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

/** How many fields a row has, and at which of them each column stands. */
interface Layout {
  readonly width: number
  readonly places: readonly number[]
}

/** What the first line says of columns, or what is wrong with it. */
const layoutOf = (cells: readonly Cell[], names: readonly string[]): E.Either<t.Errors, Layout> => {
  const found = cells.map(({ text }) => text)
  const errors = names.flatMap(name => {
    const count = found.filter(text => text === name).length
    return count === 1 ? [] : [wrongAt({ line: 1, column: 1 }, found, `one column "${name}", not ${count}`)]
  })
  return errors.length > 0
    ? E.left(errors.slice(0, MAX_ERRORS))
    : E.right({ width: found.length, places: names.map(name => found.indexOf(name)) })
}

/** Hands the fields of a row to their columns, and tells what does not fit. */
const collectRow = (
  cells: readonly Cell[],
  { width, places }: Layout,
  collectors: readonly Collector[]
): readonly t.ValidationError[] => {
  if (cells.length !== width) {
    const odd = cells[Math.min(width, cells.length - 1)] as Cell
    const texts = cells.map(({ text }) => text)
    return [wrongAt(odd, texts, `${width} fields`)]
  }
  return collectors.flatMap(({ name, add }, i) => {
    const cell = cells[places[i] ?? 0] as Cell
    const expected = add(cell.text)
    return expected === undefined ? [] : [wrongAt(cell, cell.text, expected, name)]
  })
}

/** Collects rows, of which the first may have the names, and counts them. */
const collectRows = (
  rows: Iterable<E.Either<t.ValidationError, readonly Cell[]>>,
  names: readonly string[],
  collectors: readonly Collector[],
  header: boolean
): E.Either<t.Errors, number> => {
  let layout: Layout | undefined = header ? undefined : { width: names.length, places: names.map((_, i) => i) }
  let count = 0
  const errors: t.ValidationError[] = []
  for (const row of rows) {
    if (E.isLeft(row)) return E.left([...errors, row.left])
    if (layout === undefined) {
      const first = layoutOf(row.right, names)
      if (E.isLeft(first)) return first
      layout = first.right
      continue
    }
    count++
    errors.push(...collectRow(row.right, layout, collectors))
    if (errors.length >= MAX_ERRORS) break
  }
  if (count === 0) return refuse([], count, `at least one row${header ? " after the names" : ""}`)
  return errors.length > 0 ? E.left(errors.slice(0, MAX_ERRORS)) : E.right(count)
}

/** The text of a file without the mark that some begin with. */
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
 * `HyperparameterError`, and so are, without a header, names that look like numbers, whose order JavaScript would change.
 *
 * The format is that of RFC 4180 in UTF-8, with either end of lines, but only one of them. Decoding is total and strict: a
 * `Left` has the line and column, from 1, of quotes that are not closed or stand inside of a field, rows that are longer or
 * shorter than the first (the first field too many, or the last one), and fields that do not fit (the first 100), numbers with
 * spaces or beyond `f32` among them. Time and memory are linear in the length, and files of more than 2²⁵ fields,
 * or 2²⁰ in a row, refused.
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
 *   "line 4/column 1: expected 2 fields; got an array of length 1"
 * ])
 */
export const decodeCsv = <const C extends Columns>(options: CsvOptions<C>) => {
  const { columns, delimiter, header, missing } = resolve("decodeCsv", fields, options)
  const names = Object.keys(columns)
  const numeric = header ? undefined : names.find(name => /^\d+$/.test(name))
  if (numeric !== undefined)
    fail(
      "HyperparameterError",
      "decodeCsv",
      "columns whose names do not look like numbers, whose order would be lost",
      `"${numeric}"`
    )
  return (bytes: Uint8Array): E.Either<t.Errors, Table<C>> => {
    const text = textOf(bytes)
    if (E.isLeft(text)) return text
    const collectors = names.map(name => collector(name, columns[name] ?? "text", missing))
    const read = collectRows(rowsOf(text.right, delimiter), names, collectors, header)
    return E.isLeft(read) ? read : E.right(Object.fromEntries(collectors.map(({ name, done }) => [name, done()])) as Table<C>) // prettier-ignore
  }
}
