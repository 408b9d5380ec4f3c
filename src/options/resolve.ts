import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import type { AnyFields, CodeField, Field, OptionsOf, Resolved } from "./fields.js"
import { hyperparameter, type Hyperparameter, type Schedule } from "./hyperparameter.js"
import { checkNumber, natural } from "./range.js"

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isTensor(value)

const refuse = (operation: string, expected: string, value: unknown): never =>
  fail("HyperparameterError", operation, expected, describeValue(value))

/** A list of which each element is checked, as a copy. */
const checkList = <A>(operation: string, name: string, value: unknown, check: (name: string, value: unknown) => A) =>
  Array.isArray(value)
    ? value.map((element, i) => check(`${name}[${i}]`, element))
    : refuse(operation, `${name} to be a list`, value)

/** A schedule, or a `HyperparameterError` that names the function and the option. */
const checkSchedule = (operation: string, name: string, value: unknown): Schedule =>
  typeof value === "function" ? (value as Schedule) : refuse(operation, `${name} to be a schedule`, value)

const checkOptimizer = (operation: string, name: string, value: unknown): unknown =>
  isRecord(value) && typeof value["init"] === "function" && typeof value["step"] === "function"
    ? value
    : refuse(operation, `${name} to be an optimizer`, value)

const checkLabel = (operation: string, name: string, value: unknown): unknown =>
  Array.isArray(value) && value.length === 2 && value.every(text => typeof text === "string")
    ? value
    : refuse(operation, `${name} to be a pattern and a label`, value)

const checkAmong = (operation: string, name: string, allowed: readonly unknown[], value: unknown): unknown =>
  allowed.includes(value) ? value : refuse(operation, `${name} to be ${allowed.map(String).join(" or ")}`, value)

type AnyField = Field | CodeField

type Check<F> = (operation: string, name: string, value: unknown, field: F) => unknown

const checks: { readonly [K in AnyField["kind"]]: Check<Extract<AnyField, { readonly kind: K }>> } = {
  hyperparameter: (operation, name, value, { range }) =>
    hyperparameter(operation, name, range, value as Hyperparameter),
  number: (operation, name, value, { range }) => checkNumber(operation, name, range, value),
  flag: (operation, name, value) => checkAmong(operation, name, [true, false], value),
  choice: (operation, name, value, { choices }) => checkAmong(operation, name, choices, value),
  numbers: (operation, name, value, { range }) =>
    checkList(operation, name, value, (at, v) => checkNumber(operation, at, range, v)),
  schedule: checkSchedule,
  schedules: (operation, name, value) => checkList(operation, name, value, (at, v) => checkSchedule(operation, at, v)),
  // whether a mask fits can only be said where the parameters are
  mask: (_operation, _name, value) => value,
  labels: (operation, name, value) => checkList(operation, name, value, (at, v) => checkLabel(operation, at, v)),
  seed: (operation, name, value) => (isTensor(value) ? value : checkNumber(operation, name, natural, value)),
  optimizer: checkOptimizer,
  optimizers: (operation, name, value) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, checkOptimizer(operation, `${name}.${k}`, v)]))
      : refuse(operation, `${name} to be a record of optimizers`, value),
  code: (operation, name, value, { expected, is }) =>
    is(value) ? value : refuse(operation, `${name} to be ${expected}`, value)
}

/** Options as a record, or a `HyperparameterError`: from JavaScript anything may come. */
export const checkRecord = (operation: string, options: unknown): Readonly<Record<string, unknown>> =>
  isRecord(options) ? options : refuse(operation, "options in a record", options)

const resolveOne = (
  operation: string,
  name: string,
  field: AnyField,
  given: Readonly<Record<string, unknown>>
): unknown => {
  const value = given[name]
  const isGiven = value !== undefined
  if (isGiven && field.beside !== undefined && given[field.beside] === undefined)
    fail("HyperparameterError", operation, `${field.beside} beside ${name}`, "nothing", name)
  if (!isGiven && field.default === "none") return undefined
  return (checks[field.kind] as Check<AnyField>)(operation, name, isGiven ? value : field.default, field)
}

/**
 * Fills in defaults and checks options against their fields. A `HyperparameterError` names the operation and the
 * option: one that is missing, unknown or out of range, or that has no meaning without another.
 */
export const resolve = <Fs extends AnyFields>(operation: string, fields: Fs, options: OptionsOf<Fs>): Resolved<Fs> => {
  const given = checkRecord(operation, options)
  for (const name of Object.keys(given))
    if (!Object.hasOwn(fields, name))
      fail("HyperparameterError", operation, `options among ${Object.keys(fields).join(", ")}`, `"${name}"`)
  const entries = Object.entries(fields).map(([name, field]) => [name, resolveOne(operation, name, field, given)])
  return Object.fromEntries(entries) as Resolved<Fs>
}
