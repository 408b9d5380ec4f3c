import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { ThalwegError } from "../dataflow/error.js"
import { schedules } from "../schedule/catalogue.js"
import type { Field } from "../schedule/fields.js"
import type { Schedule } from "../schedule/schedule.js"
import { all, isRecord, type Json, type JsonRecord } from "./json.js"
import { hint } from "./nearest.js"
import { below, problem } from "./problem.js"

/** A schedule as data: its name and its options. */
export interface ScheduleSpec {
  readonly schedule: keyof typeof schedules
  readonly options: OptionSpecs
}

/** An option as data. */
export type OptionSpec = number | boolean | string | readonly number[] | ScheduleSpec | readonly ScheduleSpec[]

/** Options as data, by name; those left out have their defaults. */
export interface OptionSpecs {
  readonly [option: string]: OptionSpec
}

/** A row of any catalogue, when the types of its options do not matter. */
interface Row<A> {
  readonly fields: Readonly<Record<string, Field>>
  readonly make: (options: Readonly<Record<string, unknown>>) => A
}

/** A catalogue: what its rows are called in JSON, and the key under which their name stands. */
export interface Catalogue<A, N extends string = string> {
  readonly tag: "schedule" | "optimizer" | "combinator"
  readonly rows: Readonly<Record<N, Row<A>>>
}

/** Options are checked against their fields before a row sees them, so that it may be looked up by name. */
export const catalogue = <A, N extends string>(
  tag: Catalogue<A>["tag"],
  rows: Readonly<Record<N, { readonly fields: object; readonly make: (options: never) => A }>>
): Catalogue<A, N> => ({ tag, rows: rows as unknown as Readonly<Record<N, Row<A>>> })

const scheduleCatalogue = catalogue<Schedule, keyof typeof schedules>("schedule", schedules)

/** The name of an option in JSON: where the option `schedule` would hide the name of the schedule, it is `of`. */
const keyOf = (tag: string, option: string): string => (option === tag ? "of" : option)

const isScheduleSpec = (value: OptionSpec): value is ScheduleSpec => typeof value === "object" && !Array.isArray(value)

/** What a row makes of options that are data. */
export const build = <A, N extends string>({ rows }: Catalogue<A, N>, name: N, options: OptionSpecs): A =>
  rows[name].make(Object.fromEntries(Object.entries(options).map(([option, value]) => [option, valueOf(value)])))

const valueOf = (value: OptionSpec): unknown =>
  isScheduleSpec(value)
    ? build(scheduleCatalogue, value.schedule, value.options)
    : Array.isArray(value)
      ? value.map((item: number | ScheduleSpec) => valueOf(item))
      : value

/** Name and options as JSON, options in the order of their fields. */
export const encodeRow = <A, N extends string>(
  { tag, rows }: Catalogue<A, N>,
  name: N,
  options: OptionSpecs
): JsonRecord => ({
  [tag]: name,
  ...Object.fromEntries(
    Object.keys(rows[name].fields).flatMap(option => {
      const value = options[option]
      return value === undefined ? [] : [[keyOf(tag, option), encodeOption(value)]]
    })
  )
})

const encodeOption = (value: OptionSpec): Json =>
  isScheduleSpec(value)
    ? encodeRow(scheduleCatalogue, value.schedule, value.options)
    : Array.isArray(value)
      ? value.map((item: number | ScheduleSpec) => encodeOption(item))
      : (value as number | boolean | string)

const decodeSchedule = (input: Json, context: t.Context): t.Validation<ScheduleSpec> =>
  pipe(
    decodeRow(scheduleCatalogue, [], input, context),
    E.map(({ name, options }) => ({ schedule: name, options }))
  )

const expectedOf = (field: Field): string => {
  if (field.kind === "hyperparameter") return `${field.range.expected}, or a schedule`
  if (field.kind === "number") return field.range.expected
  if (field.kind === "flag") return "true or false"
  if (field.kind === "choice") return field.choices.map(word => JSON.stringify(word)).join(" or ")
  if (field.kind === "numbers") return `a list, each item ${field.range.expected}`
  return field.kind === "schedule" ? "a schedule" : "a list of schedules"
}

const decodeOption = (field: Field, input: Json | undefined, context: t.Context): t.Validation<OptionSpec> => {
  const wrong = (): t.Validation<OptionSpec> => {
    const typo = field.kind === "choice" && typeof input === "string" ? `; ${hint(input, field.choices)}` : ""
    return t.failures([problem(context, [], input, `${expectedOf(field)}${typo}`)])
  }
  if (field.kind === "numbers" || field.kind === "schedules") {
    if (!Array.isArray(input)) return wrong()
    const items = input as readonly Json[]
    return field.kind === "schedules"
      ? all(items.map((item, i) => decodeSchedule(item, below(context, i))))
      : all(items.map((item, i) => decodeNumber(field.range, item, below(context, i))))
  }
  if (isRecord(input) && (field.kind === "schedule" || field.kind === "hyperparameter"))
    return decodeSchedule(input, context)
  if (field.kind === "flag") return typeof input === "boolean" ? t.success(input) : wrong()
  if (field.kind === "choice")
    return typeof input === "string" && field.choices.includes(input) ? t.success(input) : wrong()
  if (field.kind === "schedule") return wrong()
  return typeof input === "number" && field.range.holds(input) ? t.success(input) : wrong()
}

const decodeNumber = (
  range: { readonly expected: string; readonly holds: (value: number) => boolean },
  input: Json,
  context: t.Context
): t.Validation<number> =>
  typeof input === "number" && range.holds(input)
    ? t.success(input)
    : t.failures([problem(context, [], input, range.expected)])

/** A `Left` where options that are each in range do not fit each other, which only the function itself knows. */
export const attempt = <A, B>(value: A, use: () => B, input: Json, context: t.Context): t.Validation<A> => {
  try {
    use()
    return t.success(value)
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    const { expected, received } = error.mistake
    return t.failures([problem(context, [], input, `${expected}, not ${received}`)])
  }
}

interface Decoded<N> {
  readonly name: N
  readonly options: OptionSpecs
}

const decodeOptions = (
  { tag, rows }: Catalogue<unknown>,
  name: string,
  others: readonly string[],
  input: JsonRecord,
  context: t.Context
): t.Validation<OptionSpecs> => {
  const fields = Object.entries(rows[name]?.fields ?? {}).map(([option, field]) => ({
    option,
    field,
    key: keyOf(tag, option)
  }))
  const keys = fields.map(({ key }) => key)
  const known = new Set([tag, ...others, ...keys])
  const unknown = Object.keys(input)
    .filter(key => !known.has(key))
    .slice(0, 10)
    .map(key => problem(context, [key], input[key], `options of ${name} only (${hint(key, [...keys, ...others])})`))
  const given = fields
    .filter(({ key, field }) => Object.hasOwn(input, key) || !("fallback" in field))
    .map(({ option, field, key }) =>
      pipe(
        decodeOption(field, Object.hasOwn(input, key) ? input[key] : undefined, below(context, key)),
        E.map(value => [option, value] as const)
      )
    )
  return pipe(
    all([...given, ...unknown.map(error => t.failures<readonly [string, OptionSpec]>([error]))]),
    E.map(entries => Object.fromEntries(entries))
  )
}

/** Reads the name of a row and its options; `others`: what else may stand beside them. */
export const decodeRow = <A, N extends string>(
  from: Catalogue<A, N>,
  others: readonly string[],
  input: Json,
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
