import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
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
  readonly fallback?: readonly number[]
}

/** An option that is a schedule, such as the one that another is made of. */
export interface ScheduleField {
  readonly kind: "schedule"
}

/** An option that is a list of schedules. */
export interface SchedulesField {
  readonly kind: "schedules"
}

/** An option that says which parameters are meant: in code any mask, as data a pattern of paths, or several. */
export interface PatternsField {
  readonly kind: "patterns"
  readonly fallback?: string | readonly string[]
}

/** An option that gives labels to parameters: patterns of paths, each with a label, of which the first that matches counts. */
export interface RulesField {
  readonly kind: "rules"
}

type Rule = readonly [pattern: string, label: string]

/** As much as is known here of an optimizer, which lies above. */
interface Stepping {
  readonly init: (...args: never) => unknown
  readonly step: (...args: never) => unknown
}

/** An option that is an optimizer, such as one that another is made of. */
export interface OptimizerField {
  readonly kind: "optimizer"
  readonly fallback?: Stepping
}

/** An option that is a record of optimizers, by label. */
export interface OptimizersField {
  readonly kind: "optimizers"
}

export type Field =
  | HyperField
  | NumberField
  | FlagField
  | ChoiceField
  | NumbersField
  | ScheduleField
  | SchedulesField
  | PatternsField
  | RulesField
  | OptimizerField
  | OptimizersField

type FieldOf<V> = [Hyperparameter] extends [V]
  ? HyperField
  : [string | readonly string[]] extends [V]
    ? PatternsField
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
                : [V] extends [readonly Rule[]]
                  ? RulesField
                  : [V] extends [Stepping]
                    ? OptimizerField
                    : [V] extends [Readonly<Record<string, Stepping>>]
                      ? OptimizersField
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
export const numbers = (range: Range, fallback?: readonly number[]): NumbersField =>
  fallback === undefined ? { kind: "numbers", range } : { kind: "numbers", range, fallback }

/** An option that is a schedule. */
export const scheduleField: ScheduleField = { kind: "schedule" }

/** An option that is a list of schedules. */
export const schedulesField: SchedulesField = { kind: "schedules" }

/** An option that says which parameters are meant. */
export const patterns = (fallback?: string | readonly string[]): PatternsField =>
  fallback === undefined ? { kind: "patterns" } : { kind: "patterns", fallback }

/** An option that gives labels to parameters. */
export const rulesField: RulesField = { kind: "rules" }

/** An option that is an optimizer. */
export const optimizerField = (fallback: Stepping): OptimizerField => ({ kind: "optimizer", fallback })

/** An option that is a record of optimizers. */
export const optimizersField: OptimizersField = { kind: "optimizers" }

/** A list of which each element is checked, as a copy. */
const checkList = <A>(operation: string, name: string, value: unknown, check: (name: string, value: unknown) => A) =>
  Array.isArray(value)
    ? value.map((element, i) => check(`${name}[${i}]`, element))
    : fail("HyperparameterError", operation, `${name} to be a list`, describeValue(value))

/** A schedule, or a `HyperparameterError` that names the function and the option. */
export const checkSchedule = (operation: string, name: string, value: unknown): Schedule =>
  typeof value === "function"
    ? (value as Schedule)
    : fail("HyperparameterError", operation, `${name} to be a schedule`, describeValue(value))

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const checkOptimizer = (operation: string, name: string, value: unknown): unknown =>
  isRecord(value) && typeof value["init"] === "function" && typeof value["step"] === "function"
    ? value
    : fail("HyperparameterError", operation, `${name} to be an optimizer`, describeValue(value))

const checkRule = (operation: string, name: string, value: unknown): unknown =>
  Array.isArray(value) && value.length === 2 && value.every(text => typeof text === "string")
    ? value
    : fail("HyperparameterError", operation, `${name} to be a pattern and a label`, describeValue(value))

const checkAmong = (operation: string, name: string, allowed: readonly unknown[], value: unknown): unknown =>
  allowed.includes(value)
    ? value
    : fail("HyperparameterError", operation, `${name} to be ${allowed.map(String).join(" or ")}`, describeValue(value))

type Check<F> = (operation: string, name: string, value: unknown, field: F) => unknown

const checks: { readonly [K in Field["kind"]]: Check<Extract<Field, { readonly kind: K }>> } = {
  hyperparameter: (operation, name, value, { range }) =>
    hyperparameter(operation, name, range, value as Hyperparameter),
  number: (operation, name, value, { range }) => checkNumber(operation, name, range, value as number),
  flag: (operation, name, value) => checkAmong(operation, name, [true, false], value),
  choice: (operation, name, value, { choices }) => checkAmong(operation, name, choices, value),
  numbers: (operation, name, value, { range }) =>
    checkList(operation, name, value, (at, v) => checkNumber(operation, at, range, v as number)),
  schedule: checkSchedule,
  schedules: (operation, name, value) => checkList(operation, name, value, (at, v) => checkSchedule(operation, at, v)),
  // whether a mask fits can only be said where the parameters are
  patterns: (_operation, _name, value) => value,
  rules: (operation, name, value) => checkList(operation, name, value, (at, v) => checkRule(operation, at, v)),
  optimizer: checkOptimizer,
  optimizers: (operation, name, value) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, checkOptimizer(operation, `${name}.${k}`, v)]))
      : fail("HyperparameterError", operation, `${name} to be a record of optimizers`, describeValue(value))
}

const check = (operation: string, name: string, field: Field, value: unknown): unknown =>
  (checks[field.kind] as Check<Field>)(operation, name, value, field)

/** Options as a record, or a `HyperparameterError`: from JavaScript anything may come. */
export const checkOptions = <O>(operation: string, options: O): O =>
  isRecord(options) && !isTensor(options)
    ? options
    : fail("HyperparameterError", operation, "options in a record", describeValue(options))

/**
 * Fills in defaults and checks options against their fields. A `HyperparameterError` names the operation and the
 * option: one that is missing, unknown or out of range.
 */
export const resolve = <O extends object>(operation: string, fields: Fields<O>, options: O): Resolved<O> => {
  const known = fields as Readonly<Record<string, Field>>
  const given = checkOptions(operation, options) as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given))
    if (!Object.hasOwn(known, name))
      fail("HyperparameterError", operation, `options among ${Object.keys(known).join(", ")}`, `"${name}"`)
  const entries = Object.entries(known).map(([name, field]) => [
    name,
    check(operation, name, field, given[name] === undefined && "fallback" in field ? field.fallback : given[name])
  ])
  return Object.fromEntries(entries) as Resolved<O>
}
