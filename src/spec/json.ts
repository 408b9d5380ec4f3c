import * as A from "fp-ts/lib/Array.js"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { below, problem } from "./problem.js"

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonRecord

/** An object of JSON. */
export interface JsonRecord {
  readonly [key: string]: Json
}

/** So many values are read at most, nested so deep. */
const MAX_VALUES = 10_000
const MAX_DEPTH = 24

/** Puts results together, or else all of their errors. */
export const validation = E.getApplicativeValidation(A.getSemigroup<t.ValidationError>())

/** All results, or all errors, in time linear in their number (`sequence` copies what it has at every one). */
export const all = <A>(results: readonly t.Validation<A>[]): t.Validation<readonly A[]> => {
  const { left, right } = A.separate([...results])
  return left.length === 0 ? E.right(right) : E.left(left.flat())
}

export const isRecord = (value: Json | undefined): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isPlain = (value: object): boolean => {
  const above: unknown = Object.getPrototypeOf(value)
  return above === null || Object.getPrototypeOf(above) === null
}

type Property = readonly [key: string, value: t.Validation<Json>]

/** A copy of plain data. No getter is called, and what is large, deep or cyclic is given up early. */
const copy = (input: unknown, context: t.Context, maxValues: number): t.Validation<Json> => {
  let left = maxValues
  const wrong = (value: unknown, at: t.Context, expected: string) =>
    t.failures<Json>([problem(at, [], value, expected)])
  const properties = (value: object, keys: readonly string[], at: t.Context, depth: number): readonly Property[] =>
    keys.map(key => {
      const property = Object.getOwnPropertyDescriptor(value, key)
      const place = below(at, key)
      return property === undefined || "value" in property
        ? [key, read(property?.value, place, depth + 1)]
        : [key, wrong("a getter", place, "a plain value")]
    })
  const read = (value: unknown, at: t.Context, depth: number): t.Validation<Json> => {
    left--
    if (value === null || typeof value === "boolean" || typeof value === "string") return t.success(value)
    if (typeof value === "number")
      return Number.isFinite(value) ? t.success(value) : wrong(value, at, "a finite number")
    if (typeof value !== "object" || (!Array.isArray(value) && !isPlain(value))) return wrong(value, at, "JSON")
    if (depth >= MAX_DEPTH) return wrong(value, at, `JSON nested at most ${MAX_DEPTH} deep`)
    if (Array.isArray(value) && value.length > left) return wrong(value, at, `at most ${maxValues} values`)
    const keys = Array.isArray(value) ? Array.from({ length: value.length }, (_, i) => String(i)) : Object.keys(value)
    if (keys.length > left) return wrong(value, at, `at most ${maxValues} values`)
    const items = properties(value, keys, at, depth)
    return pipe(
      all(items.map(([, item]) => item)),
      E.map(values =>
        Array.isArray(value) ? values : Object.fromEntries(keys.map((key, i) => [key, values[i] ?? null]))
      )
    )
  }
  return read(input, context, 0)
}

/** Reads plain data, whatever comes. */
export const readJson = (input: unknown, context: t.Context, maxValues = MAX_VALUES): t.Validation<Json> => {
  try {
    return copy(input, context, maxValues)
  } catch {
    return t.failures([problem(context, [], "an object that cannot be read", "JSON")])
  }
}

/** Brackets, commas and strings; a string before a colon is a key. Of any text, valid or not, all is read once. */
const TOKENS = /[[\]{},]|"[^"\\]*(?:\\[^][^"\\]*)*["\\]?(\s*:)?/g

/**
 * Reads text. `JSON.parse` comes last: of a key that stands twice in an object it would keep one value, and it makes
 * hundreds of bytes of a few.
 */
export const parseJson = (text: string, context: t.Context, maxValues: number): t.Validation<Json> => {
  const wrong = (value: unknown, expected: string) => t.failures<Json>([problem(context, [], value, expected)])
  const open: Set<unknown>[] = []
  let values = 1
  try {
    for (const [token, colon] of text.matchAll(TOKENS)) {
      if ("[{,".includes(token)) values++
      if (token === "[" || token === "{") open.push(new Set())
      if (token === "]" || token === "}") open.pop()
      if (open.length > MAX_DEPTH) return wrong(text, `JSON nested at most ${MAX_DEPTH} deep`)
      if (values > maxValues) return wrong(text, `at most ${maxValues} values`)
      if (colon === undefined) continue
      const key: unknown = JSON.parse(token.slice(0, -colon.length))
      if (open.at(-1)?.has(key)) return wrong(key, "every key once")
      open.at(-1)?.add(key)
    }
    return t.success(JSON.parse(text) as Json)
  } catch {
    return wrong(text, "JSON")
  }
}
