import * as E from "fp-ts/lib/Either.js"
import type * as t from "io-ts"
import { problem } from "./problem.js"

/** A field and where it begins, both counted from 1. */
export interface Cell {
  readonly text: string
  readonly line: number
  readonly column: number
}

/** What is wrong at a place of a file. */
export const wrongAt = (
  { line, column }: Omit<Cell, "text">,
  value: unknown,
  expected: string,
  name?: string
): t.ValidationError =>
  problem([], [`line ${line}`, `column ${column}`, ...(name === undefined ? [] : [name])], value, expected)

/** Files of more fields are refused, and rows of more: these are in memory at once, with their places. */
const MAX_FIELDS = 2 ** 25
const MAX_COLUMNS = 2 ** 20

/** What ends the first line ends them all. */
const newlineOf = (text: string): string => (text[text.indexOf("\n") - 1] === "\r" ? "\r\n" : "\n")

/** Where the field that begins at a place ends, its quotes included; nowhere, if they are not closed. */
const endOf = (text: string, at: number, special: RegExp): number | undefined => {
  if (text[at] !== '"') {
    special.lastIndex = at
    return special.test(text) ? special.lastIndex - 1 : text.length
  }
  let end = text.indexOf('"', at + 1)
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  return end < 0 ? undefined : end + 1
}

/**
 * The rows of a text, each as it is asked for, as RFC 4180 has them: what does not keep to it ends them with what is wrong.
 * Every character is looked at a fixed number of times.
 */
export const rowsOf = function* (
  text: string,
  delimiter: string
): Generator<E.Either<t.ValidationError, readonly Cell[]>, void> {
  const [newline, special] = [newlineOf(text), new RegExp(`["\r\n${delimiter}]`, "g")]
  let [at, line, begin, fields] = [0, 1, 0, 0]
  while (at < text.length) {
    const cells: Cell[] = []
    for (let isOver = false; !isOver; fields++) {
      const [end, column] = [endOf(text, at, special), at - begin + 1]
      isOver = end === text.length || (end !== undefined && text.startsWith(newline, end))
      if (end === undefined || !(isOver || text[end] === delimiter)) {
        const [rest = ""] = text.slice(at, at + 100).split("\n")
        const expected = 'a field without quotes, or one in quotes that are closed, "" for one in it'
        yield E.left(wrongAt({ line, column }, rest, expected))
        return
      }
      if (fields === MAX_FIELDS || cells.length === MAX_COLUMNS) {
        yield E.left(wrongAt({ line, column }, "more", `at most ${MAX_FIELDS} fields, ${MAX_COLUMNS} in a row`))
        return
      }
      const raw = text.slice(at, end)
      const isQuoted = raw.startsWith('"')
      cells.push({ text: isQuoted ? raw.slice(1, -1).replaceAll('""', '"') : raw, line, column })
      if (isQuoted && raw.includes("\n")) {
        line += raw.split("\n").length - 1
        begin = at + raw.lastIndexOf("\n") + 1
      }
      at = end + (isOver ? newline.length : delimiter.length)
    }
    yield E.right(cells)
    line++
    begin = at
  }
}
