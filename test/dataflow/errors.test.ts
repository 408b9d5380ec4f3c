import { describe, expect, test } from "vitest"
import { ThalwegError, type Mistake } from "thalweg"
import { axes, impossible, shapes } from "./errors.shapes.js"
import { data, dtypes, indices, readings, trees } from "./errors.values.js"
import { thrownBy } from "../support.js"

const rendered = ({ operation, path, expected, received }: Mistake): string =>
  `${operation}${path === undefined ? "" : ` at "${path}"`}: expected ${expected}; got ${received}`

describe.each([
  ["shapes that do not fit", shapes],
  ["shapes that cannot be", impossible],
  ["axes that are not there", axes],
  ["indices outside", indices],
  ["data that are not numbers in rows", data],
  ["dtypes that do not fit", dtypes],
  ["trees that differ", trees],
  ["values that do not exist yet", readings]
] as const)("%s are errors that say what was expected and what came", (_, rows) => {
  test.each(rows.map((row, i) => [`${i}: ${row[2]}: ${row[3]}; ${row[4]}`, row] as const))("%s", (__, row) => {
    const [call, name, operation, expected, received, path] = row
    const error = thrownBy(call)
    expect(error).toBeInstanceOf(ThalwegError)
    const { mistake, message } = error as ThalwegError
    expect([(error as ThalwegError).name, mistake.operation, mistake.path]).toEqual([name, operation, path])
    expect(mistake.expected).toContain(expected)
    expect(mistake.received).toContain(received)
    expect(message).toBe(rendered(mistake))
  })
})
