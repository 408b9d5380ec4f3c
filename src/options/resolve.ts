import { checkOptions } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail, withPath } from "../dataflow/error.js"
import type { AnyFields, OptionsOf, RecordField, Resolved } from "./fields.js"

type Options = Readonly<Record<string, unknown>>

/** Under this key resolved options say which of them nobody gave, also where a recipe hands them on, `({ rate, ...others })`. */
const FILLED = Symbol("filled")

const filledIn = (options: Options): readonly string[] =>
  (options as { readonly [FILLED]?: readonly string[] })[FILLED] ?? []

/** Refuses an option that another makes meaningless, which would be ignored. */
const requireMeaning = (operation: string, fields: AnyFields, name: string, given: Options): void => {
  const { beside: other, when } = fields[name] as AnyFields[string]
  if (other === undefined) return
  const preset = fields[other]?.default
  const value = given[other] ?? (preset === "none" ? undefined : preset)
  if (when === undefined ? value !== undefined && value !== false : when.includes(value)) return
  const wanted = when === undefined ? other : `${other} ${when.map(describeValue).join(" or ")}`
  const found = value === undefined ? "nothing" : describeValue(value)
  fail(
    "HyperparameterError",
    operation,
    `${wanted} beside ${name}`,
    given[other] === undefined && value !== undefined ? `${found}, the default` : found,
    name
  )
}

/**
 * Fills in defaults and checks options against their fields. A `HyperparameterError` names the operation and the
 * option: one that is missing, unknown or out of range, or that has no meaning beside another.
 */
export const resolve = <Fs extends AnyFields>(operation: string, fields: Fs, options: OptionsOf<Fs>): Resolved<Fs> => {
  const record: Options = { ...checkOptions(operation, options, Object.keys(fields)) }
  const before = filledIn(record)
  const filled = Object.keys(fields).filter(name => record[name] === undefined || before.includes(name))
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = record[name]
    if (!filled.includes(name)) requireMeaning(operation, fields, name, record)
    const isAbsent = value === undefined && field.default === "none"
    return [name, isAbsent ? undefined : field.check(operation, name, value === undefined ? field.default : value)]
  })
  const resolved = Object.fromEntries(entries) as Resolved<Fs>
  return filled.some(name => fields[name]?.beside !== undefined) ? { ...resolved, [FILLED]: filled } : resolved
}

/** An option that is a record of options, which may be absent. Mistakes in it are said to be at its name. */
export const recordField = <Fs extends AnyFields>(fields: Fs): RecordField<Fs, "none"> => ({
  kind: "record",
  fields,
  default: "none",
  check: (operation, name, value) => withPath(name, () => resolve(operation, fields, value as OptionsOf<Fs>))
})
