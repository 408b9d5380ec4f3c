import { checkRecord } from "../dataflow/check.js"
import { describeValue, isRecord as isPlain } from "../dataflow/describe.js"
import * as E from "fp-ts/lib/Either.js"
import { identity, pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { fail, ThalwegError } from "../dataflow/error.js"
import { didYouMean } from "../dataflow/nearest.js"
import type { Field } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { natural } from "../options/range.js"
import { schedules } from "../schedule/catalogue.js"
import { choice, flag, labels, list, mask, number, orNumber, record, type Codec, type ObjectCodec } from "./codec.js"
import { all, isRecord, type Json, type JsonRecord } from "./json.js"
import { below, hint, problem, refuse } from "./problem.js"
import type { OptimizerSpec, OptionSpec, OptionSpecs, ScheduleSpec } from "./spec.js"

/**
 * A recipe of which all options can be data, when their types do not matter: it checks them itself. (`make` is a method,
 * as those may take less than they say.)
 */
interface DataRecipe<A, F> {
  readonly fields: Readonly<Record<string, F>>
  make(options: Readonly<Record<string, unknown>>): A
}

type CodecOf<F> = (field: F) => Codec<OptionSpec>

/** Recipes by name, the key under which the name stands in JSON, and how their options are read and written. */
export interface Catalogue<A, N extends string = string, F extends AnyField = Field, T extends string = string> {
  readonly tag: T
  readonly recipes: Readonly<Record<N, DataRecipe<A, F>>>
  readonly codecOf: CodecOf<F>
  /** What has no options, and is written by its name alone. */
  readonly plain?: readonly string[]
}

/** What options may be made of. */
interface Ingredients {
  readonly schedule: Codec<ScheduleSpec>
  readonly optimizer: Codec<OptimizerSpec>
}

/** As much as is looked at here of a field of any kind. */
type AnyField = Pick<Field, "default">

type CodecFor<F> = (field: F, ingredients: Ingredients) => Codec<OptionSpec>

/** How the options of every kind of field are read, written and made. */
const codecs: { readonly [K in Field["kind"]]: CodecFor<Extract<Field, { readonly kind: K }>> } = {
  hyperparameter: ({ range }, { schedule }) => orNumber(range, schedule),
  number: ({ range }) => number(range),
  quantity: ({ range }) => number(range),
  flag: () => flag,
  choice: ({ choices }) => choice(choices),
  numbers: ({ range }) => list(number(range), `a list, each item ${range.expected}`),
  schedule: (_, { schedule }) => schedule,
  schedules: (_, { schedule }) => list(schedule, "a list of schedules"),
  mask: () => mask,
  labels: () => labels,
  seed: () => number(natural),
  optimizer: (_, { optimizer }) => optimizer,
  optimizers: (_, { optimizer }) => record(optimizer, "an object of optimizers by label")
}

/** How options and schedules are read, written and made, if one knows how optimizers are. */
export const codecsWith = (optimizer: Codec<OptimizerSpec>) => {
  const codecOf: CodecOf<Field> = field => (codecs[field.kind] as CodecFor<Field>)(field, { schedule, optimizer })
  const schedule: ObjectCodec<ScheduleSpec, Schedule> = namedCodec({ tag: "schedule", recipes: schedules, codecOf })
  return { codecOf, schedule }
}

/** The name of an option in JSON: where the option `schedule` would hide the name of the schedule, it is `of`. */
const keyOf = (tag: string, option: string): string => (option === tag ? "of" : option)

/** A name that is in a catalogue: a spec that was not decoded may have any. */
const checkName = <N extends string>(tag: string, recipes: Readonly<Record<N, unknown>>, name: N): N =>
  typeof name === "string" && Object.hasOwn(recipes, name)
    ? name
    : fail("HyperparameterError", "spec", `the ${tag} to be a name of the catalogue`, describeValue(name))

/** What a recipe makes of options that are data; options that it does not know are left to it to refuse. */
export const build = <A, N extends string, F extends AnyField>(
  { tag, recipes, codecOf }: Catalogue<A, N, F>,
  name: N,
  options: OptionSpecs
): A => {
  const { fields } = recipes[checkName(tag, recipes, name)]
  checkRecord(tag, options)
  const valueOf = (option: string, value: OptionSpec): unknown => {
    const field = Object.hasOwn(fields, option) ? fields[option] : undefined
    return field === undefined ? value : codecOf(field).make(value)
  }
  return recipes[name].make(
    Object.fromEntries(Object.entries(options).map(([option, value]) => [option, valueOf(option, value)]))
  )
}

/** Name and options as JSON, options in the order of their fields. */
export const encodeNamed = <A, N extends string, F extends AnyField>(
  { tag, recipes, codecOf }: Catalogue<A, N, F>,
  name: N,
  options: OptionSpecs
): JsonRecord => ({
  [tag]: name,
  ...Object.fromEntries(
    Object.entries(recipes[checkName(tag, recipes, name)].fields).flatMap(([option, field]) => {
      const value = options[option]
      return value === undefined ? [] : [[keyOf(tag, option), codecOf(field).encode(value)]]
    })
  )
})

/** What lies at a path, of what the input has itself. */
const follow = (input: Json | undefined, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as JsonRecord)[key] : undefined,
    input
  )

/**
 * A `Left` where options that are each in range do not fit each other, which only the recipe itself knows; it may say
 * where.
 */
export const attempt = <A, B>(value: A, use: () => B, input: Json | undefined, context: t.Context): t.Validation<A> => {
  try {
    use()
    return t.success(value)
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    const { path, expected, received } = error.mistake
    if (path === undefined) return refuse(context, [], input, `${expected}, not ${received}`)
    const keys = path.split("/")
    const found = follow(input, keys)
    return refuse(context, keys, found, isRecord(found) ? `${expected}, not ${received}` : expected)
  }
}

/** So many unknown keys are told of. */
const MAX_UNKNOWN = 10

interface Decoded<N> {
  readonly name: N
  readonly options: OptionSpecs
}

/** A mistake for each of the first keys that mean nothing. */
const unknownKeys = (
  input: JsonRecord,
  name: string,
  tag: string,
  keys: readonly string[],
  context: t.Context
): t.Errors =>
  Object.keys(input)
    .filter(key => key !== tag && !keys.includes(key))
    .slice(0, MAX_UNKNOWN)
    .map(key => problem(context, [key], input[key], `options of ${name} only (${hint(key, keys)})`))

const decodeOptions = <F extends AnyField>(
  { tag, recipes, codecOf }: Catalogue<unknown, string, F>,
  name: string,
  others: readonly string[],
  input: JsonRecord,
  context: t.Context
): t.Validation<OptionSpecs> => {
  const fields = Object.entries(recipes[name]?.fields ?? {})
  const keys = fields.map(([option]) => keyOf(tag, option))
  const options = fields.flatMap(([option, field]) => {
    const key = keyOf(tag, option)
    const given = Object.hasOwn(input, key)
    if (!given && field.default !== undefined) return []
    const decoded = codecOf(field).decode(given ? input[key] : undefined, below(context, key))
    return [
      pipe(
        decoded,
        E.map((value): readonly [string, OptionSpec] => [option, value])
      )
    ]
  })
  const unknown = unknownKeys(input, name, tag, [...keys, ...others], context)
  return pipe(
    all([...options, ...(unknown.length > 0 ? [E.left(unknown)] : [])], identity),
    E.map(entries => Object.fromEntries(entries))
  )
}

/**
 * Reads the name of a recipe and its options, each by itself; `others`: what else may stand beside them. Whether they fit
 * each other, `attempt` tells.
 */
export const decodeNamed = <A, N extends string, F extends AnyField>(
  from: Catalogue<A, N, F>,
  others: readonly string[],
  input: Json | undefined,
  context: t.Context
): t.Validation<Decoded<N>> => {
  const { tag, recipes } = from
  if (!isRecord(input)) return refuse(context, [], input, `an object { "${tag}": …, … }`)
  const name = Object.hasOwn(input, tag) ? input[tag] : undefined
  const misnamed = name === undefined ? Object.keys(input).find(key => didYouMean(key, [tag]) !== undefined) : undefined
  if (misnamed !== undefined)
    return refuse(context, [misnamed], input[misnamed], `the name of the ${tag} under "${tag}"`)
  if (typeof name === "string" && !Object.hasOwn(recipes, name) && from.plain?.includes(name) === true)
    return refuse(context, [], input, `"${name}" itself, which takes no options here`)
  if (typeof name !== "string" || !Object.hasOwn(recipes, name))
    return refuse(context, [tag], name, `a known ${tag} (${hint(name, Object.keys(recipes))})`)
  return pipe(
    decodeOptions(from, name, others, input, context),
    E.map(options => ({ name: name as N, options }))
  )
}

/** What a catalogue makes, as data: its name and its options. */
type Named<T extends string, N> = { readonly [K in T]: N } & { readonly options: OptionSpecs }

/** A spec at its top, or a `DataError`: one that was not decoded may be anything. */
const checkNamed = <S extends { readonly options: OptionSpecs }>(tag: string, spec: S): S =>
  isPlain(spec) && isPlain(spec.options)
    ? spec
    : fail("DataError", "spec", `a spec { ${tag}, options }`, describeValue(spec))

/** The codec of what a catalogue makes, when it is made of nothing but its options. */
export const namedCodec = <A, N extends string, F extends AnyField, T extends string>(
  from: Catalogue<A, N, F, T>
): ObjectCodec<Named<T, N>, A> => {
  const { tag } = from
  const make = (spec: Named<T, N>): A => build(from, checkNamed(tag, spec)[tag], spec.options)
  return {
    expected: `a ${tag}`,
    decode: (input, context) =>
      pipe(
        decodeNamed(from, [], input, context),
        E.map(({ name, options }) => ({ [tag]: name, options }) as Named<T, N>), // a computed key is any text to the compiler
        E.chain(spec => attempt(spec, () => make(spec), input, context))
      ),
    encode: spec => encodeNamed(from, checkNamed(tag, spec)[tag], spec.options),
    make
  }
}
