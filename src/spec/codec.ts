import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { fail } from "../dataflow/error.js"
import { didYouMean } from "../dataflow/nearest.js"
import { expectedOf, type Range } from "../options/range.js"
import { all, isRecord, MAX_DEPTH, readJson, type Bounds, type Json, type JsonRecord } from "./json.js"
import { below, readOr, refuse } from "./problem.js"
import { report } from "./report.js"
import type { LabelSpec } from "./spec.js"

/** How a part of a spec is read and written, and what is made of it. */
export interface Codec<S, A = unknown> {
  readonly expected: string
  decode(input: Json | undefined, context: t.Context): t.Validation<S>
  encode(spec: S): Json
  make(spec: S): A
}

/** What stands for itself, in JSON, as data and in code. */
export const plain = <S extends Json>(expected: string, is: (input: Json | undefined) => input is S): Codec<S> => ({
  expected,
  decode: (input, context) => (is(input) ? t.success(input) : refuse(context, [], input, expected)),
  encode: spec => spec,
  make: spec => spec
})

/** A number within a range. */
export const number = (range: Range): Codec<number> => {
  const is = (input: Json | undefined): input is number => typeof input === "number" && range.holds(input)
  return {
    ...plain(range.expected, is),
    decode: (input, context) => (is(input) ? t.success(input) : refuse(context, [], input, expectedOf(range, input)))
  }
}

/** On or off. */
export const flag: Codec<boolean> = plain("true or false", input => typeof input === "boolean")

const meant = (expected: string, word: string, words: readonly string[]): string => {
  const question = didYouMean(word, words)
  return question === undefined ? expected : `${expected} (${question})`
}

/** One of some words; `others` says what else may stand there. */
export const choice = (words: readonly string[], others = ""): Codec<string> => {
  const expected = `${words.map(one => JSON.stringify(one)).join(" or ")}${others}`
  const known = plain(expected, (input): input is string => typeof input === "string" && words.includes(input))
  return {
    ...known,
    decode: (input, context) =>
      typeof input === "string" && !words.includes(input)
        ? refuse(context, [], input, meant(expected, input, words))
        : known.decode(input, context)
  }
}

/** A number, or what is an object in JSON. */
export const orNumber = <S extends object>(range: Range, other: Codec<S>): Codec<number | S> => {
  const own = number(range)
  const expected = `${own.expected}, or ${other.expected}`
  return {
    expected,
    decode: (input, context) =>
      isRecord(input)
        ? other.decode(input, context)
        : pipe(
            own.decode(input, context),
            E.orElseW(() => refuse(context, [], input, expected))
          ),
    encode: spec => (typeof spec === "number" ? spec : other.encode(spec)),
    make: spec => (typeof spec === "number" ? spec : other.make(spec))
  }
}

/** A list of what a codec is for. */
export const list = <S>(item: Codec<S>, expected: string): Codec<readonly S[]> => ({
  expected,
  decode: (input, context) =>
    Array.isArray(input)
      ? all(input as readonly Json[], (one, i) => item.decode(one, below(context, i)))
      : refuse(context, [], input, expected),
  encode: specs => specs.map(spec => item.encode(spec)),
  make: specs => specs.map(spec => item.make(spec))
})

const mapped = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))

/** A record of what a codec is for. */
export const record = <S>(item: Codec<S>, expected: string): Codec<Readonly<Record<string, S>>> => ({
  expected,
  decode: (input, context) => {
    if (!isRecord(input)) return refuse(context, [], input, expected)
    const decode = ([key, value]: readonly [string, Json]) =>
      pipe(
        item.decode(value, below(context, key)),
        E.map(spec => [key, spec] as const)
      )
    return pipe(
      all(Object.entries(input), decode),
      E.map(specs => Object.fromEntries(specs))
    )
  },
  encode: (specs): JsonRecord => mapped(specs, spec => item.encode(spec)),
  make: specs => mapped(specs, spec => item.make(spec))
})

/** Longer patterns are refused. */
const MAX_PATTERN = 200

/** Segments of paths are never empty, so that a pattern with an empty one would match nothing. */
const isPattern = (input: Json | undefined): input is string =>
  typeof input === "string" && input.length <= MAX_PATTERN && (input === "" || !input.split("/").includes(""))

const pattern = plain(`a pattern such as "head/**", of at most ${MAX_PATTERN} characters`, isPattern)

/** Which parameters are meant: a pattern, or several. */
export const mask: Codec<string | readonly string[]> = {
  expected: `${pattern.expected}, or a list of such`,
  decode: (input, context) => {
    if (typeof input === "string") return pattern.decode(input, context)
    return Array.isArray(input) && input.length > 0
      ? list(pattern, "").decode(input, context)
      : refuse(context, [], input, mask.expected)
  },
  encode: spec => spec,
  make: spec => spec
}

const isPair = (input: Json | undefined): input is readonly [Json, Json] => Array.isArray(input) && input.length === 2

/** A pattern and a label. */
const patternWithLabel: Codec<LabelSpec> = {
  expected: "a pattern and a label",
  decode: (input, context) => {
    if (!isPair(input)) return refuse(context, [], input, patternWithLabel.expected)
    const label = plain("a label", (value): value is string => typeof value === "string")
    return pipe(
      all([pattern, label], (codec, i) => codec.decode(input[i], below(context, i))),
      E.map(([first = "", second = ""]) => [first, second] as const)
    )
  },
  encode: spec => spec,
  make: spec => spec
}

/** Patterns, each with a label. */
export const labels: Codec<readonly LabelSpec[]> = list(patternWithLabel, "a list of patterns, each with a label")

/** How much of a spec is read; to make an optimizer takes some 30 µs. */
const bounds: Bounds = { depth: MAX_DEPTH, values: 10_000, objects: 1500, text: 1000 }

/** A spec has twice as many levels as its JSON, for options stand in an object of their own. */
const specBounds: Bounds = { ...bounds, depth: 2 * MAX_DEPTH, values: 2 * bounds.values, objects: 5 * bounds.objects }

/** A codec of what is an object in JSON. */
export interface ObjectCodec<S, A = unknown> extends Codec<S, A> {
  encode(spec: S): JsonRecord
}

/**
 * A codec of data from outside: what is untrusted is read within bounds first, and what cannot be decoded again, as code may
 * have made it, is not encoded. `operation`: what encodes, in errors.
 */
export const typeOf = <S>(name: string, operation: string, codec: ObjectCodec<S>): t.Type<S, JsonRecord> => {
  const validate: t.Validate<unknown, S> = (input, context) =>
    pipe(
      readJson(input, context, bounds),
      E.chain(json => codec.decode(json, context))
    )
  const encode = (spec: S): JsonRecord => {
    const json = codec.encode(spec)
    const again = validate(json, [])
    return E.isRight(again)
      ? json
      : fail("DataError", operation, "a spec that can be decoded again", report(again.left).join("; "))
  }
  const is = (value: unknown): value is S =>
    readOr(false, () =>
      pipe(
        readJson(value, [], specBounds),
        E.chain(spec => validate(codec.encode(spec as S), [])),
        E.isRight
      )
    )
  return Object.freeze(new t.Type(name, is, validate, encode))
}
