import { fail } from "../dataflow/error.js"
import { checkNumber, hyperparameter, type Hyperparameter, type Range, type Schedule } from "./schedule.js"

/** An option that may be a number, a tensor or a schedule. */
export interface HyperField {
  readonly kind: "hyperparameter"
  readonly range: Range
  /** Absent where the option must be given. */
  readonly fallback?: number
}

/** An option that is a plain number, since the structure of the computation depends on it. */
export interface NumberField {
  readonly kind: "number"
  readonly range: Range
  readonly fallback?: number
}

/** An option that is on or off. */
export interface FlagField {
  readonly kind: "flag"
  readonly fallback: boolean
}

/** An option that is one of some words. */
export interface ChoiceField<V extends string = string> {
  readonly kind: "choice"
  readonly choices: readonly V[]
  readonly fallback: V
}

/** An option that is a list of plain numbers. */
export interface NumbersField {
  readonly kind: "numbers"
  /** Of each number. */
  readonly range: Range
}

/** An option that is a schedule, such as the one that another is made of. */
export interface ScheduleField {
  readonly kind: "schedule"
}

/** An option that is a list of schedules. */
export interface SchedulesField {
  readonly kind: "schedules"
}

export type Field = HyperField | NumberField | FlagField | ChoiceField | NumbersField | ScheduleField | SchedulesField

type FieldOf<V> = [Hyperparameter] extends [V]
  ? HyperField
  : [V] extends [number]
    ? NumberField
    : [V] extends [boolean]
      ? FlagField
      : [V] extends [string]
        ? ChoiceField<V>
        : [V] extends [readonly number[]]
          ? NumbersField
          : [V] extends [Schedule]
            ? ScheduleField
            : [V] extends [readonly Schedule[]]
              ? SchedulesField
              : never

/** What the options `O` of a function may be: one description for checks, defaults, codecs and tables. */
export type Fields<O> = { readonly [K in keyof O]-?: FieldOf<Exclude<O[K], undefined>> }

/** Options with their defaults filled in, hyperparameters as schedules. */
export type Resolved<O> = {
  readonly [K in keyof O]-?: [Hyperparameter] extends [Exclude<O[K], undefined>] ? Schedule : Exclude<O[K], undefined>
}

/** An option that may be a number, a tensor or a schedule. */
export const hyper = (range: Range, fallback?: number): HyperField =>
  fallback === undefined ? { kind: "hyperparameter", range } : { kind: "hyperparameter", range, fallback }

/** An option that is a plain number. */
export const fixed = (range: Range, fallback?: number): NumberField =>
  fallback === undefined ? { kind: "number", range } : { kind: "number", range, fallback }

/** An option that is on or off. */
export const flag = (fallback: boolean): FlagField => ({ kind: "flag", fallback })

/** An option that is one of some words. */
export const choice = <V extends string>(choices: readonly V[], fallback: V): ChoiceField<V> => ({
  kind: "choice",
  choices,
  fallback
})

/** An option that is a list of plain numbers. */
export const numbers = (range: Range): NumbersField => ({ kind: "numbers", range })

/** An option that is a schedule. */
export const scheduleField: ScheduleField = { kind: "schedule" }

/** An option that is a list of schedules. */
export const schedulesField: SchedulesField = { kind: "schedules" }

const describe = (value: unknown): string => (typeof value === "function" ? "a function" : String(value))

/** A list of which each element is checked, as a copy. */
const checkList = <A>(operation: string, name: string, value: unknown, check: (name: string, value: unknown) => A) =>
  Array.isArray(value)
    ? value.map((element, i) => check(`${name}[${i}]`, element))
    : fail("HyperparameterError", operation, `${name} to be a list`, describe(value))

/** A schedule, or a `HyperparameterError` that names the function and the option. */
export const checkSchedule = (operation: string, name: string, value: unknown): Schedule =>
  typeof value === "function"
    ? (value as Schedule)
    : fail("HyperparameterError", operation, `${name} to be a schedule`, describe(value))

const check = (operation: string, name: string, field: Field, value: unknown): unknown => {
  if (field.kind === "schedule") return checkSchedule(operation, name, value)
  if (field.kind === "schedules") return checkList(operation, name, value, (at, v) => checkSchedule(operation, at, v))
  if (field.kind === "numbers")
    return checkList(operation, name, value, (at, v) => checkNumber(operation, at, field.range, v as number))
  if (field.kind === "hyperparameter") return hyperparameter(operation, name, field.range, value as Hyperparameter)
  if (field.kind === "number") return checkNumber(operation, name, field.range, value as number)
  const allowed: readonly unknown[] = field.kind === "flag" ? [true, false] : field.choices
  return allowed.includes(value)
    ? value
    : fail("HyperparameterError", operation, `${name} to be ${allowed.map(String).join(" or ")}`, String(value))
}

/**
 * Fills in defaults and checks options against their fields. A `HyperparameterError` names the operation and the option: one that is
 * missing, unknown or out of range.
 */
export const resolve = <O extends object>(operation: string, fields: Fields<O>, options: O): Resolved<O> => {
  const known = fields as Readonly<Record<string, Field>>
  const given = options as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given))
    if (!Object.hasOwn(known, name))
      fail("HyperparameterError", operation, `options among ${Object.keys(known).join(", ")}`, `"${name}"`)
  const entries = Object.entries(known).map(([name, field]) => [
    name,
    check(operation, name, field, given[name] === undefined && "fallback" in field ? field.fallback : given[name])
  ])
  return Object.fromEntries(entries) as Resolved<O>
}
