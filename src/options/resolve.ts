import { checkOptions } from "../dataflow/check.js"
import { fail, withPath } from "../dataflow/error.js"
import type { AnyFields, OptionsOf, RecordField, Resolved } from "./fields.js"

/**
 * Fills in defaults and checks options against their fields. A `HyperparameterError` names the operation and the
 * option: one that is missing, unknown or out of range, or that has no meaning without another.
 */
export const resolve = <Fs extends AnyFields>(operation: string, fields: Fs, options: OptionsOf<Fs>): Resolved<Fs> => {
  const record: Readonly<Record<string, unknown>> = checkOptions(operation, options, Object.keys(fields))
  const given = (name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined)
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = given(name)
    if (value !== undefined && field.beside !== undefined && given(field.beside) === undefined)
      fail("HyperparameterError", operation, `${field.beside} beside ${name}`, "nothing", name)
    const isAbsent = value === undefined && field.default === "none"
    return [name, isAbsent ? undefined : field.check(operation, name, value === undefined ? field.default : value)]
  })
  return Object.fromEntries(entries) as Resolved<Fs>
}

/** An option that is a record of options, which may be absent. Mistakes in it are said to be at its name. */
export const recordField = <Fs extends AnyFields>(fields: Fs): RecordField<Fs, "none"> => ({
  kind: "record",
  fields,
  default: "none",
  check: (operation, name, value) => withPath(name, () => resolve(operation, fields, value as OptionsOf<Fs>))
})
