import { checkRecord } from "../dataflow/check.js"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { fail } from "../dataflow/error.js"
import { natural } from "../options/range.js"
import { list, number, plain, record, type Codec } from "./codec.js"
import { METADATA, type Header } from "./header.js"
import { all, isRecord, MAX_DEPTH, parseJson, readJson, writeJson, type Bounds, type JsonRecord } from "./json.js"
import { below, refuse } from "./problem.js"
import { report } from "./report.js"

/** What a checkpoint says besides its tensors. What is a tensor, such as the key, belongs in the tree. */
export interface Metadata {
  /** How many steps were made, a whole number from 0. */
  readonly step?: number
  /** The optimizer as JSON, from `encodeOptimizer` and for `decodeOptimizer`. */
  readonly optimizer?: JsonRecord
  /** What came of each epoch: numbers by name, infinite ones and NaN as well. */
  readonly history?: readonly Readonly<Record<string, number>>[]
  /** Anything else that is JSON; of a file of others, the strings that they wrote. */
  readonly user?: JsonRecord
}

/** So many values are read at most under one key. */
const MAX_VALUES = 100_000
const bounds: Bounds = { depth: MAX_DEPTH, values: MAX_VALUES, objects: Infinity, text: Infinity }

/** Numbers that JSON has not are written as text. */
const NO_JSON: readonly unknown[] = ["NaN", "Infinity", "-Infinity", "-0"]

const textOf = (value: number): string => (Object.is(value, -0) ? "-0" : String(value))

const anyNumber: Codec<number> = {
  expected: `a number, or one of ${NO_JSON.join(", ")} as text`,
  decode: (input, context) =>
    typeof input === "number" || NO_JSON.includes(input)
      ? t.success(Number(input))
      : refuse(context, [], input, anyNumber.expected),
  encode: value => (NO_JSON.includes(textOf(value)) ? textOf(value) : value),
  make: value => value
}

const object = plain("an object", isRecord)

/** How each is JSON. */
const codecs: ReadonlyMap<string, Codec<unknown>> = new Map<keyof Metadata, Codec<unknown>>([
  ["step", number(natural)],
  ["optimizer", object],
  ["history", list(record(anyNumber, "an object of numbers"), "a list of objects of numbers")],
  ["user", object]
])

/** Reads metadata, each of which is a text of JSON. */
export const decodeMetadata = (texts: Header["metadata"]): t.Validation<Metadata> => {
  const read = ([key, text]: readonly [string, string]) => {
    const codec = codecs.get(key)
    if (codec === undefined) return refuse([], [METADATA, key], text, `one of ${[...codecs.keys()].join(", ")}`)
    const context = below(below([], METADATA), key)
    return pipe(
      parseJson(text, context, MAX_VALUES),
      E.chain(json => codec.decode(json, context)),
      E.map(value => [key, value] as const)
    )
  }
  return pipe(
    all(Object.entries(texts), read),
    E.map(entries => Object.fromEntries(entries))
  )
}

/** Writes metadata. What could not be read again is a `DataError`. */
export const encodeMetadata = (metadata: Metadata): Header["metadata"] => {
  const write = ([key, value]: readonly [string, unknown]) =>
    pipe(
      readJson(codecs.get(key)?.encode(value) ?? value, below([], key), bounds),
      E.map(json => [key, writeJson(json)] as const)
    )
  return pipe(
    all(
      Object.entries(checkRecord("encodeTree", metadata)).filter(([, value]) => value !== undefined),
      write
    ),
    E.map((entries): Header["metadata"] => Object.fromEntries(entries)),
    E.chainFirst(decodeMetadata),
    E.getOrElse<t.Errors, Header["metadata"]>(errors =>
      fail("DataError", "encodeTree", "metadata that can be read again", report(errors).join("; "))
    )
  )
}
