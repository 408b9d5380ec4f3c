import fc from "fast-check"
import type { Tensor } from "thalweg"
import { schedules, type Schedule } from "thalweg/schedule"
import type { OptionSpec, OptionSpecs, ScheduleSpec } from "thalweg/spec"
import { fixed, write, type Written } from "./hyperparameter.js"
import { meant } from "./meant.js"

/** What makes each schedule of the catalogue, right or wrong. */
export type ScheduleCatalogue = typeof schedules

type Name = keyof ScheduleCatalogue

/** Which schedules are made. */
export interface ScheduleChoice {
  /** Whether some may grow without bounds. Default yes. */
  readonly growing?: boolean
  /** Whether numbers may be 0 or as large as f64 has them, often. Default no. */
  readonly extreme?: boolean
}

/** A field of the catalogue, as far as it must be known to draw from it. */
interface Field {
  readonly kind: string
  readonly range?: { readonly holds: (value: number) => boolean }
  readonly choices?: readonly string[]
  readonly default: unknown
  readonly beside?: string
  readonly when?: readonly unknown[]
}

type Fields = Readonly<Record<string, Field>>

const zero = fc.constant<ScheduleSpec>({ schedule: "constant", options: { value: 0 } })

/** What the parts of options are drawn from. */
interface Source extends ScheduleChoice {
  readonly inner: fc.Arbitrary<ScheduleSpec>
}

const extremes = [0, 1e308, Number.MAX_VALUE, -1e308, -Number.MAX_VALUE]

/** Numbers in a range that differ visibly. What multiplies again and again grows from above 1 only. */
const numberIn = (
  { kind, range }: Field,
  { growing = true, extreme = false }: ScheduleChoice
): fc.Arbitrary<number> => {
  const holds = range?.holds ?? Number.isFinite
  if (!holds(0.5)) return fc.integer({ min: -3, max: 7 }).filter(holds)
  const visible = holds(-1) ? fixed(2, -2) : fixed(growing ? 2 : 1, holds(0) ? 0 : 0.25).filter(holds)
  // A fixed number of either sign is a peak, whose quotients must be finite.
  if (!extreme || (kind === "number" && holds(-1))) return visible
  return fc.oneof(visible, fc.constantFrom(...extremes.filter(holds)))
}

const rising = (lengths: readonly number[]): readonly number[] =>
  lengths.map((_, i) => lengths.slice(0, i + 1).reduce((total, length) => total + length))

/** An option; lists are as long as they are told. */
const optionIn = (field: Field, source: Source, length: number): fc.Arbitrary<OptionSpec> => {
  const listOf = <A>(item: fc.Arbitrary<A>) => fc.array(item, { minLength: length, maxLength: length })
  if (field.kind === "flag") return fc.boolean()
  if (field.kind === "choice") return fc.constantFrom(...(field.choices ?? []))
  if (field.kind === "numbers") return listOf(numberIn(field, source))
  if (field.kind === "schedules") return listOf(source.inner)
  return field.kind === "schedule" ? source.inner : numberIn(field, source)
}

/** Options in their ranges. Boundaries rise, and what they part is one more than they are. */
const optionsIn = (fields: Fields, source: Source, required: readonly string[]): fc.Arbitrary<OptionSpecs> =>
  fc.nat(2).chain(length => {
    const parts = Object.entries(fields).map(([name, field]) =>
      name === "boundaries"
        ? ([name, fc.array(numberIn(field, source), { minLength: length, maxLength: length }).map(rising)] as const)
        : ([name, optionIn(field, source, "boundaries" in fields ? length + 1 : length)] as const)
    )
    return fc.record<Record<string, OptionSpec>, string>(Object.fromEntries(parts), { requiredKeys: [...required] })
  })

const names = Object.keys(schedules) as readonly Name[]

const isComposed = (name: Name): boolean =>
  Object.values<Field>(schedules[name].fields).some(({ kind }) => kind === "schedule" || kind === "schedules")

const necessary = (fields: Fields): readonly string[] =>
  Object.keys(fields).filter(name => fields[name]?.default === undefined)

const rowOf = (name: Name, source: Source): fc.Arbitrary<ScheduleSpec> => {
  const { fields }: { readonly fields: Fields } = schedules[name]
  return optionsIn(fields, source, necessary(fields)).map(options => ({
    schedule: name,
    options: meant(fields, options)
  }))
}

const specs = (depth: number, choice: ScheduleChoice): fc.Arbitrary<ScheduleSpec> => {
  const plain = names.filter(name => !isComposed(name))
  const rows = (of: readonly Name[], inner: fc.Arbitrary<ScheduleSpec>) =>
    of.map(name => rowOf(name, { ...choice, inner }))
  const leaf = fc.oneof({ withCrossShrink: true }, ...rows(plain, zero))
  if (depth === 0) return leaf
  const composed = fc.oneof(...rows(names.filter(isComposed), specs(depth - 1, choice)))
  return fc.oneof({ withCrossShrink: true }, leaf, composed)
}

/**
 * Makes random schedules as data: every row of the catalogue, under random options within its fields, composed up to
 * two deep. Options fit each other. Shrinks to `constant`.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { schedules } from "thalweg/schedule"
 * import { arbScheduleSpec } from "thalweg/laws"
 *
 * const specs = fc.sample(arbScheduleSpec(), { seed: 1, numRuns: 500 })
 * assert.strictEqual(new Set(specs.map(({ schedule }) => schedule)).size, Object.keys(schedules).length)
 */
export const arbScheduleSpec = (choice: ScheduleChoice = {}): fc.Arbitrary<ScheduleSpec> => specs(2, choice)

const isSpec = (option: OptionSpec | ScheduleSpec): option is ScheduleSpec =>
  typeof option === "object" && "schedule" in option

type Made = (options: never) => Schedule

const valueOf = (catalogue: ScheduleCatalogue, option: OptionSpec | ScheduleSpec): unknown => {
  if (Array.isArray(option)) return option.map((item: number | ScheduleSpec) => valueOf(catalogue, item))
  return isSpec(option) ? make(catalogue, option) : option
}

const make = (catalogue: ScheduleCatalogue, { schedule, options }: ScheduleSpec): Schedule => {
  const entries = Object.entries(options).map(([name, option]) => [name, valueOf(catalogue, option)])
  const row: Made = catalogue[schedule].make
  return row(Object.fromEntries(entries) as never)
}

const textOf = (option: OptionSpec | ScheduleSpec): string => {
  if (Array.isArray(option)) return `[${option.map(textOf).join(", ")}]`
  return isSpec(option) ? codeOf(option) : JSON.stringify(option)
}

const codeOf = ({ schedule, options }: ScheduleSpec): string => {
  const entries = Object.entries(options).map(([name, option]) => `${name}: ${textOf(option)}`)
  return `schedules.${schedule}.make({ ${entries.join(", ")} })`
}

/** Random schedules as the catalogue makes them, so that bounds of their values are known. */
export const arbWrittenSchedule = (
  choice: ScheduleChoice,
  catalogue: ScheduleCatalogue
): fc.Arbitrary<Written<Schedule>> => arbScheduleSpec(choice).map(spec => write(make(catalogue, spec), codeOf(spec)))

/**
 * Makes random schedules: those of `arbScheduleSpec`, by what a catalogue makes of them. Prints as the code that makes
 * it; shrinks to `constant`.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arange, toTyped } from "thalweg"
 * import { arbSchedule } from "thalweg/laws"
 *
 * const made = fc.sample(arbSchedule({ growing: false }), { seed: 1, numRuns: 50 })
 * assert(made.every(schedule => toTyped(schedule(arange(9))).every(Number.isFinite)))
 * assert(made.every(schedule => String(schedule).startsWith("schedules.")))
 */
export const arbSchedule = (
  choice: ScheduleChoice = {},
  catalogue: ScheduleCatalogue = schedules
): fc.Arbitrary<Schedule> =>
  arbWrittenSchedule(choice, catalogue).map(({ value, text }) =>
    Object.assign((step: Tensor) => value(step), { toString: () => text })
  )

type All<O> = { readonly [K in keyof O]-?: Exclude<O[K], Tensor | undefined> }

/** The options of a schedule, none left out, as data. */
export type OptionsOf<N extends Name> = All<Parameters<ScheduleCatalogue[N]["make"]>[0]>

/** The options of a schedule that is not composed. */
export const arbOptions = <N extends Name>(name: N, choice: ScheduleChoice = {}): fc.Arbitrary<OptionsOf<N>> => {
  const { fields }: { readonly fields: Fields } = schedules[name]
  return optionsIn(fields, { ...choice, inner: zero }, Object.keys(fields)).map(options => options as never)
}
