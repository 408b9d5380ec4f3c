import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { isList } from "../dataflow/describe.js"
import { range } from "../dataflow/shape.js"
import { below, readable, refuse } from "./problem.js"

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonRecord

/** An object of JSON. */
export interface JsonRecord {
  readonly [key: string]: Json
}

/** How much is read of nested data: what passes a bound is refused at once, and the rest not looked at. */
export interface Bounds {
  /** Levels. */
  readonly depth: number
  /** Values, of all levels together. */
  readonly values: number
  /** Objects, each counted once for every level: what is made of one is made again for those that it stands in. */
  readonly objects: number
  /** Characters of a text or a key. */
  readonly text: number
}

/** Text that is nested deeper is not read. */
export const MAX_DEPTH = 24

/** So many mistakes are told. */
export const MAX_ERRORS = 100

/** Puts results together, or else their errors, as many as are told. */
export const validation = E.getApplicativeValidation<t.Errors>({
  concat: (a, b) => [...a, ...b].slice(0, MAX_ERRORS)
})

/** All results, or else their errors; when there are as many as are told, nothing more is read. */
export const all = <I, A>(
  items: readonly I[],
  read: (item: I, index: number) => t.Validation<A>,
  limit = MAX_ERRORS
): t.Validation<readonly A[]> => {
  const values: A[] = []
  const errors: t.ValidationError[] = []
  for (let i = 0; i < items.length && errors.length < limit; i++) {
    const result = read(items[i] as I, i)
    if (E.isRight(result)) values.push(result.right)
    else errors.push(...result.left)
  }
  return errors.length > 0 ? E.left(errors.slice(0, limit)) : E.right(values)
}

export const isRecord = (value: Json | undefined): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isPlain = (value: object): boolean => {
  const above: unknown = Object.getPrototypeOf(value)
  return above === null || Object.getPrototypeOf(above) === null
}

/** Where something stands: a context is as long as it is deep, and made for errors only. */
interface Place {
  readonly depth: number
  readonly context: () => t.Context
}

const wrong = (value: unknown, { context }: Place, expected: string): t.Validation<never> =>
  refuse(context(), [], value, expected)

/** A copy of plain data. No getter is called, and the first thing that is none or passes a bound is the only error. */
const copy = (input: unknown, context: t.Context, bounds: Bounds): t.Validation<Json> => {
  let [values, objects] = [1, 0]
  const whole: Place = { depth: 0, context: () => context }
  const readText = (value: string, at: Place): t.Validation<string> =>
    value.length <= bounds.text ? t.success(value) : wrong(value, at, `a text of at most ${bounds.text} characters`)
  const read = (value: unknown, at: Place): t.Validation<Json> => {
    if (value === null || typeof value === "boolean") return t.success(value)
    if (typeof value === "string") return readText(value, at)
    if (typeof value === "number")
      return Number.isFinite(value) ? t.success(value) : wrong(value, at, "a finite number")
    if (typeof value !== "object" || (!Array.isArray(value) && !isPlain(value))) return wrong(value, at, "JSON")
    if (at.depth >= bounds.depth) return wrong(value, at, `JSON nested at most ${bounds.depth} deep`)
    return Array.isArray(value) ? readItems(value, value.length, at) : readRecord(value, at)
  }
  const readRecord = (value: object, at: Place): t.Validation<Json> => {
    objects += at.depth + 1
    if (objects > bounds.objects)
      return wrong(input, whole, `at most ${bounds.objects} objects, each counted once for every level`)
    const keys = Object.keys(value)
    return pipe(
      readItems(value, keys.length, at, keys),
      E.map(items => Object.fromEntries(items.map((item, i) => [keys[i] ?? "", item] as const)))
    )
  }
  /** The items of a list, or what stands under the keys of an object. */
  const readItems = (
    value: object,
    size: number,
    at: Place,
    keys?: readonly string[]
  ): t.Validation<readonly Json[]> => {
    values += size
    if (values > bounds.values) return wrong(value, at, `at most ${bounds.values} values`)
    return all(range(size), i => readProperty(value, keys?.[i] ?? String(i), at), 1)
  }
  const readProperty = (value: object, key: string, { depth, context }: Place): t.Validation<Json> => {
    const property = Object.getOwnPropertyDescriptor(value, key)
    const place: Place = { depth: depth + 1, context: () => below(context(), key) }
    const isPlainValue = property === undefined || "value" in property
    return pipe(
      readText(key, place),
      E.chain(() => (isPlainValue ? read(property?.value, place) : wrong("a getter", place, "a plain value")))
    )
  }
  return read(input, whole)
}

/** Reads plain data within bounds, whatever comes. */
export const readJson = (input: unknown, context: t.Context, bounds: Bounds): t.Validation<Json> =>
  readable(context, "JSON", () => copy(input, context, bounds))

/** Brackets, commas and strings; a string before a colon is a key. Of any text, valid or not, all is read once. */
const TOKENS = /[[\]{},]|"[^"\\]*(?:\\[^][^"\\]*)*["\\]?(\s*:)?/g

/**
 * Reads text. `JSON.parse` comes last: of a key that stands twice in an object it would keep one value, and it makes
 * hundreds of bytes of a few.
 */
export const parseJson = (text: string, context: t.Context, maxValues: number): t.Validation<Json> => {
  const open: Set<unknown>[] = []
  let values = 1
  try {
    for (const [token, colon] of text.matchAll(TOKENS)) {
      if ("[{,".includes(token)) values++
      if (token === "[" || token === "{") open.push(new Set())
      if (token === "]" || token === "}") open.pop()
      if (open.length > MAX_DEPTH) return refuse(context, [], text, `JSON nested at most ${MAX_DEPTH} deep`)
      if (values > maxValues) return refuse(context, [], text, `at most ${maxValues} values`)
      if (colon === undefined) continue
      const key: unknown = JSON.parse(token.slice(0, -colon.length))
      if (open.at(-1)?.has(key)) return refuse(context, [], key, "every key once")
      open.at(-1)?.add(key)
    }
    return t.success(JSON.parse(text) as Json)
  } catch {
    return refuse(context, [], text, "JSON")
  }
}

/** Writes text of JSON, the keys of each object in an order. Zeros keep their sign: JSON has `-0`, which `JSON.stringify` does not write. */
export const writeJson = (
  json: Json,
  inOrder: (keys: readonly string[]) => readonly string[] = keys => keys
): string => {
  const write = (value: Json | undefined): string => {
    if (Object.is(value, -0)) return "-0"
    if (isList(value)) return `[${value.map(write).join(",")}]`
    if (!isRecord(value)) return JSON.stringify(value)
    const keys = inOrder(Object.keys(value))
    return `{${keys.map(key => `${JSON.stringify(key)}:${write(value[key])}`).join(",")}}`
  }
  return write(json)
}
