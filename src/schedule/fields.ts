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

export type Field = HyperField | NumberField | FlagField

type FieldOf<V> = [Hyperparameter] extends [V]
  ? HyperField
  : [V] extends [number]
    ? NumberField
    : [V] extends [boolean]
      ? FlagField
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

const check = (operation: string, name: string, field: Field, value: unknown): unknown => {
  if (field.kind === "hyperparameter") return hyperparameter(operation, name, field.range, value as Hyperparameter)
  if (field.kind === "number") return checkNumber(operation, name, field.range, value as number)
  return typeof value === "boolean"
    ? value
    : fail("HyperparameterError", operation, `${name} to be true or false`, String(value))
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
    check(operation, name, field, given[name] === undefined ? field.fallback : given[name])
  ])
  return Object.fromEntries(entries) as Resolved<O>
}
