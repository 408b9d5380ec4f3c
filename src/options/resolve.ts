import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import { isRecord } from "../tree/tree.js"
import type { AnyFields, OptionsOf, Resolved } from "./fields.js"

/** Options as a record, or a `HyperparameterError`: from JavaScript anything may come. */
export const checkRecord = (operation: string, options: unknown): Readonly<Record<string, unknown>> =>
  isRecord(options) && !isTensor(options)
    ? options
    : fail("HyperparameterError", operation, "options in a record", describeValue(options))

/**
 * Fills in defaults and checks options against their fields. A `HyperparameterError` names the operation and the
 * option: one that is missing, unknown or out of range, or that has no meaning without another.
 */
export const resolve = <Fs extends AnyFields>(operation: string, fields: Fs, options: OptionsOf<Fs>): Resolved<Fs> => {
  const record = checkRecord(operation, options)
  const given = (name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined)
  for (const name of Object.keys(record))
    if (!Object.hasOwn(fields, name))
      fail("HyperparameterError", operation, `options among ${Object.keys(fields).join(", ")}`, `"${name}"`)
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = given(name)
    if (value !== undefined && field.beside !== undefined && given(field.beside) === undefined)
      fail("HyperparameterError", operation, `${field.beside} beside ${name}`, "nothing", name)
    const isAbsent = value === undefined && field.default === "none"
    return [name, isAbsent ? undefined : field.check(operation, name, value === undefined ? field.default : value)]
  })
  return Object.fromEntries(entries) as Resolved<Fs>
}
