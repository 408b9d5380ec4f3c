import { CsvError, parse } from "csv-parse/browser/esm/sync"
import * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { describeKeys } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { didYouMean } from "../dataflow/nearest.js"
import { choice, codeField, flag, ownedField, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { checkColumn, collector, isColumns, type Collector, type Columns, type Table } from "./csv-columns.js"
import { MAX_ERRORS } from "./json.js"
import { isBytes, problem, readOr, refuse } from "./problem.js"
import { fromFile } from "./utf8.js"

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(text => typeof text === "string")

const fields = {
  /** The columns that are read, by the names that they have in the first line, in any order; others are left out. */
  columns: ownedField(codeField("a record of columns, one or more", isColumns)),
  /** What stands between fields. Default `","`. */
  delimiter: choice([",", ";", "\t", "|"], ","),
  /** Whether the first line has the names. Without it, `columns` are all that there are, in their order. Default yes. */
  header: flag(true),
  /**
   * Texts that stand for a missing value, such as `["", "NA", "?"]`, each as it is written in the file, letter by letter. Among
   * numbers they are NaN (`impute` fills them in); among categories the one that is listed so, a class of its own, or else a
   * mistake; among labels always a mistake; texts stay as they are. Default none.
   */
  missing: ownedField(codeField('a list of texts, such as ["", "NA"]', areTexts, []))
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

/** What is wrong with a field, or a row from there on: both are counted from 1, lines where the row begins. */
const wrongAt = (line: number, column: number, value: unknown, expected: string, name?: string): t.ValidationError =>
  problem([], [`line ${line}`, `column ${column}`, ...(name === undefined ? [] : [name])], value, expected)

/** What the first line says of columns, or what is wrong with it. */
const layoutOf = (found: readonly string[], names: readonly string[]): E.Either<t.Errors, Layout> => {
  const wanted = new Map<string, number[]>(names.map(name => [name, []]))
  found.forEach((text, place) => wanted.get(text)?.push(place))
  const places = [...wanted.values()].map(([place = 0]) => place)
  const odd = [...wanted].filter(([, { length }]) => length !== 1).slice(0, MAX_ERRORS)
  const errors = odd.map(([name, { length }]) => {
    const question = length === 0 ? didYouMean(name, found) : undefined
    const expected = `one column "${name}", not ${length}${question === undefined ? "" : ` (${question})`}`
    return wrongAt(1, 1, describeKeys(found), expected)
  })
  return errors.length > 0 ? E.left(errors) : E.right({ width: found.length, places })
}

/** Hands the fields of a row to their columns, and tells what does not fit. */
const collectRow = (
  row: readonly string[],
  line: number,
  { width, places }: Layout,
  collectors: readonly Collector[]
): readonly t.ValidationError[] => {
  if (row.length !== width) return [wrongAt(line, Math.min(width + 1, row.length), row, `${width} fields`)]
  return collectors.flatMap(({ name, add }, i) => {
    const place = places[i] ?? 0
    const text = row[place] as string
    const expected = add(text)
    return expected === undefined ? [] : [wrongAt(line, place + 1, text, expected, name)]
  })
}

/** How many lines the text of a row takes. */
const linesOf = (row: readonly string[]): number => row.join().split(/\r\n|\n|\r/).length

/** What the parser expects of quotes, where they are not so. */
const QUOTES = 'a field without quotes, or one in quotes that are closed, "" for one in it'

/** Ends the parser, which else would make an error, with its stack, of every row of another width than the first. */
const ENOUGH = /* @__PURE__ */ new Error("as many mistakes as are told")

/** Collects the rows of a text, of which the first may have the names; gives what is wrong, if anything is. */
const collectRows = (
  text: string,
  delimiter: string,
  names: readonly string[],
  collectors: readonly Collector[],
  header: boolean
): t.Errors => {
  let layout: Layout | undefined = header ? undefined : { width: names.length, places: names.map((_, i) => i) }
  let [count, end] = [0, 0]
  const errors: t.ValidationError[] = []
  const collect = (row: readonly string[]): null => {
    const line = end + 1
    end += linesOf(row)
    if (layout !== undefined) {
      count++
      errors.push(...collectRow(row, line, layout, collectors))
    } else {
      const first = layoutOf(row, names)
      if (E.isRight(first)) layout = first.right
      else errors.push(...first.left)
    }
    if (layout === undefined || errors.length >= MAX_ERRORS) throw ENOUGH
    return null
  }
  try {
    parse(text, { delimiter, record_delimiter: ["\r\n", "\n", "\r"], relax_column_count: true, on_record: collect })
  } catch (error) {
    if (error instanceof CsvError) errors.push(wrongAt(end + 1, (error["column"] as number) + 1, error.message, QUOTES))
    else if (error !== ENOUGH) throw error
  }
  if (errors.length === 0 && count === 0) errors.push(problem([], [], count, `at least one row${header ? " after the names" : ""}`)) // prettier-ignore
  return errors.slice(0, MAX_ERRORS)
}

const textOf = (bytes: Uint8Array): E.Either<t.Errors, string> => {
  if (!isBytes(bytes)) return refuse([], [], bytes, "a Uint8Array")
  const text = readOr(undefined, () => fromFile(bytes))
  return text === undefined ? refuse([], [], "other bytes", "text in UTF-8") : E.right(text)
}

/**
 * Makes a decoder of files of comma-separated values: bytes to a record with a tensor, or a list of texts, for each column.
 *
 * Numbers become `f32 [rows]`, labels `i32 [rows]`, and so do categories, of which each is its place in the list that is
 * given; join them by `stack`. Texts can be given to a `vocabulary`. Options: see `CsvOptions`; others are a
 * `HyperparameterError`, and so are, without a header, names that look like numbers, whose order JavaScript would change.
 *
 * The format is that of RFC 4180 in UTF-8, read by csv-parse, with any end of lines. Decoding is total and strict: a `Left` has the
 * line on which a row begins and the column, the field in that row, both from 1, of quotes that are not closed or stand
 * inside of a field, rows that are longer or shorter than the first (the first field too many, or the last one), and fields that
 * do not fit (the first 100), numbers with spaces or beyond `f32` among them. Time and memory are linear in the length.
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
 *   'line 2/column 2/length: expected a number; got "long"',
 *   'line 3/column 1/species: expected one of setosa, virginica; got "rosa"',
 *   "line 4/column 1: expected 2 fields; got an array of length 1"
 * ])
 *
 * const patients = decodeCsv({ columns: { age: "number", ward: ["A", "B", "?"] }, missing: ["", "NA", "?"] })
 * const gaps = patients(Buffer.from("age,ward\n41,B\nNA,?\n"))
 * assert.ok(gaps._tag === "Right")
 * assert.deepStrictEqual([toArray(gaps.right.age), toArray(gaps.right.ward)], [[41, NaN], [1, 2]])
 */
export const decodeCsv = <const C extends Columns>(options: CsvOptions<C>) => {
  const { columns, delimiter, header, missing } = resolve("decodeCsv", fields, options)
  const names = Object.keys(columns)
  for (const name of names) checkColumn("decodeCsv", name, columns[name])
  const numeric = header ? undefined : names.find(name => /^\d+$/.test(name))
  if (numeric !== undefined)
    fail(
      "HyperparameterError",
      "decodeCsv",
      "columns whose names do not look like numbers, whose order would be lost",
      `"${numeric}"`
    )
  const spellings = new Set(missing)
  return (bytes: Uint8Array): E.Either<t.Errors, Table<C>> => {
    const text = textOf(bytes)
    if (E.isLeft(text)) return text
    const collectors = names.map(name => collector(name, columns[name] ?? "text", spellings))
    const errors = collectRows(text.right, delimiter, names, collectors, header)
    return errors.length > 0 ? E.left(errors) : E.right(Object.fromEntries(collectors.map(({ name, done }) => [name, done()])) as Table<C>) // prettier-ignore
  }
}
