import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { ThalwegError } from "../dataflow/error.js"
import { schedules } from "../schedule/catalogue.js"
import type { Field } from "../schedule/fields.js"
import type { Schedule } from "../schedule/schedule.js"
import { list, number, orNumber, patterns, record, rules, truth, word, type Codec } from "./codec.js"
import { all, isRecord, type Json, type JsonRecord } from "./json.js"
import { hint } from "./nearest.js"
import { below, problem } from "./problem.js"
import type { OptimizerSpec, OptionSpec, OptionSpecs, ScheduleSpec } from "./spec.js"

/** A row of any catalogue, when the types of its options do not matter. */
interface Row<A> {
  readonly fields: Readonly<Record<string, Field>>
  readonly make: (options: Readonly<Record<string, unknown>>) => A
}

type CodecOf = (field: Field) => Codec<OptionSpec>

/** A catalogue: what its rows are called in JSON, the key under which their name stands, and what options they take. */
export interface Catalogue<A, N extends string = string> {
  readonly tag: "schedule" | "optimizer" | "combinator"
  readonly rows: Readonly<Record<N, Row<A>>>
  readonly codecOf: CodecOf
}

/** Options are checked against their fields before a row sees them, so that it may be looked up by name. */
export const catalogue = <A, N extends string>(
  tag: Catalogue<A>["tag"],
  rows: Readonly<Record<N, { readonly fields: object; readonly make: (options: never) => A }>>,
  codecOf: CodecOf
): Catalogue<A, N> => ({ tag, rows: rows as unknown as Readonly<Record<N, Row<A>>>, codecOf })

/** What options may be made of. */
interface Parts {
  readonly schedule: Codec<ScheduleSpec>
  readonly optimizer: Codec<OptimizerSpec>
}

type CodecFor<F> = (field: F, parts: Parts) => Codec<OptionSpec>

/** How the options of every kind of field are read, written and made. */
const codecs: { readonly [K in Field["kind"]]: CodecFor<Extract<Field, { readonly kind: K }>> } = {
  hyperparameter: ({ range }, { schedule }) => orNumber(range, schedule),
  number: ({ range }) => number(range),
  flag: () => truth,
  choice: ({ choices }) => word(choices),
  numbers: ({ range }) => list(number(range), `a list, each item ${range.expected}`),
  schedule: (_, { schedule }) => schedule,
  schedules: (_, { schedule }) => list(schedule, "a list of schedules"),
  patterns: () => patterns,
  rules: () => rules,
  optimizer: (_, { optimizer }) => optimizer,
  optimizers: (_, { optimizer }) => record(optimizer, "an object of optimizers by label")
}

/** How options and schedules are read, written and made, if one knows how optimizers are. */
export const codecsWith = (optimizer: Codec<OptimizerSpec>) => {
  const codecOf: CodecOf = field => (codecs[field.kind] as CodecFor<Field>)(field, parts)
  const from = catalogue<Schedule, keyof typeof schedules>("schedule", schedules, codecOf)
  const schedule: Codec<ScheduleSpec, Schedule> = {
    expected: "a schedule",
    decode: (input, context) =>
      pipe(
        decodeRow(from, [], input, context),
        E.map(({ name, options }) => ({ schedule: name, options }))
      ),
    encode: spec => encodeRow(from, spec.schedule, spec.options),
    make: spec => build(from, spec.schedule, spec.options)
  }
  const parts: Parts = { schedule, optimizer }
  return { codecOf, schedule }
}

/** The name of an option in JSON: where the option `schedule` would hide the name of the schedule, it is `of`. */
const keyOf = (tag: string, option: string): string => (option === tag ? "of" : option)

/** What a row makes of options that are data; options that it does not know are left to it to refuse. */
export const build = <A, N extends string>({ rows, codecOf }: Catalogue<A, N>, name: N, options: OptionSpecs): A => {
  const { fields, make } = rows[name]
  const valueOf = (option: string, value: OptionSpec): unknown => {
    const field = Object.hasOwn(fields, option) ? fields[option] : undefined
    return field === undefined ? value : codecOf(field).make(value)
  }
  return make(Object.fromEntries(Object.entries(options).map(([option, value]) => [option, valueOf(option, value)])))
}

/** Name and options as JSON, options in the order of their fields. */
export const encodeRow = <A, N extends string>(
  { tag, rows, codecOf }: Catalogue<A, N>,
  name: N,
  options: OptionSpecs
): JsonRecord => ({
  [tag]: name,
  ...Object.fromEntries(
    Object.entries(rows[name].fields).flatMap(([option, field]) => {
      const value = options[option]
      return value === undefined ? [] : [[keyOf(tag, option), codecOf(field).encode(value)]]
    })
  )
})

/** What lies at a path. */
const follow = (input: Json | undefined, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((value, key) => (value as JsonRecord | undefined)?.[key], input)

/**
 * A `Left` where options that are each in range do not fit each other, which only the function itself knows; it may say
 * where.
 */
export const attempt = <A, B>(value: A, use: () => B, input: Json | undefined, context: t.Context): t.Validation<A> => {
  try {
    use()
    return t.success(value)
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    const { path, expected, received } = error.mistake
    if (path === undefined) return t.failures([problem(context, [], input, `${expected}, not ${received}`)])
    const keys = path.split("/")
    return t.failures([problem(context, keys, follow(input, keys), expected)])
  }
}

/** So many unknown keys are told of. */
const MAX_STRANGERS = 10

interface Decoded<N> {
  readonly name: N
  readonly options: OptionSpecs
}

/** A mistake for each of the first keys that mean nothing. */
const strangers = (
  input: JsonRecord,
  name: string,
  tag: string,
  keys: readonly string[],
  context: t.Context
): t.Errors =>
  Object.keys(input)
    .filter(key => key !== tag && !keys.includes(key))
    .slice(0, MAX_STRANGERS)
    .map(key => problem(context, [key], input[key], `options of ${name} only (${hint(key, keys)})`))

const decodeOptions = (
  { tag, rows, codecOf }: Catalogue<unknown>,
  name: string,
  others: readonly string[],
  input: JsonRecord,
  context: t.Context
): t.Validation<OptionSpecs> => {
  const fields = Object.entries(rows[name]?.fields ?? {})
  const keys = fields.map(([option]) => keyOf(tag, option))
  const options = fields.flatMap(([option, field]) => {
    const key = keyOf(tag, option)
    const given = Object.hasOwn(input, key)
    if (!given && "fallback" in field) return []
    const decoded = codecOf(field).decode(given ? input[key] : undefined, below(context, key))
    return [
      pipe(
        decoded,
        E.map((value): readonly [string, OptionSpec] => [option, value])
      )
    ]
  })
  const unknown = strangers(input, name, tag, [...keys, ...others], context)
  return pipe(
    all([...options, ...unknown.map(error => t.failures<readonly [string, OptionSpec]>([error]))]),
    E.map(entries => Object.fromEntries(entries))
  )
}

/** Reads the name of a row and its options; `others`: what else may stand beside them. */
export const decodeRow = <A, N extends string>(
  from: Catalogue<A, N>,
  others: readonly string[],
  input: Json | undefined,
  context: t.Context
): t.Validation<Decoded<N>> => {
  const { tag, rows } = from
  if (!isRecord(input)) return t.failures([problem(context, [], input, `an object { "${tag}": …, … }`)])
  const name = Object.hasOwn(input, tag) ? input[tag] : undefined
  if (typeof name !== "string" || !Object.hasOwn(rows, name))
    return t.failures([problem(context, [tag], name, `a known ${tag} (${hint(name, Object.keys(rows))})`)])
  return pipe(
    decodeOptions(from, name, others, input, context),
    E.map(options => ({ name: name as N, options })),
    E.chain(row => attempt(row, () => build(from, row.name, row.options), input, context))
  )
}
