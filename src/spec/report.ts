import type { Errors, ValidationError } from "io-ts"
import { describeKeys, describeValue, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import { checkNumber, natural } from "../options/range.js"
import { readOr } from "./problem.js"

const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)

/** The digits of a long integer take longer than reading it. */
const isLong = (value: bigint): boolean => BigInt.asIntN(64, value) !== value

const describeObject = (value: object): string => {
  const keys = Object.keys(value).map(cut)
  return keys.length === 0 ? "an object" : `an object with keys ${describeKeys(keys)}`
}

const describe = (value: unknown): string => {
  if (Array.isArray(value)) return `an array of length ${value.length}`
  if (typeof value === "object" && value !== null) return isTensor(value) ? describeValue(value) : describeObject(value)
  if (typeof value === "string") return JSON.stringify(cut(value))
  if (typeof value === "function") return "a function"
  return typeof value === "bigint" && isLong(value) ? "a long integer" : cut(String(value))
}

const line = ({ context, value, message }: ValidationError): string => {
  const path = context
    .map(({ key }) => key)
    .filter(key => key !== "")
    .join("/")
  const expected = message ?? `expected ${context.at(-1)?.type.name ?? "something else"}`
  return `${path === "" ? "(root)" : path}: ${expected}; got ${readOr("an object that cannot be read", () => describe(value))}`
}

/**
 * Prints errors of a decoder as lines of text, `path: expected …; got …`. Long strings are cut; of tensors dtype and
 * shape are shown, of objects the first keys, of arrays and functions nothing but what they are.
 *
 * `limit`: how many errors are shown, a whole number or Infinity (default 10); one more line says how many are left.
 *
 * @example
 * import assert from "node:assert"
 * import { dataset, report } from "thalweg/spec"
 *
 * const decoded = dataset({ features: 1, classes: 2 }).decode({ x: [["a"], [[]], [1, 2]], y: [0, 1, 1] })
 * assert.ok(decoded._tag === "Left")
 * assert.deepStrictEqual(report(decoded.left, 2), [
 *   'x/0/0: expected a finite number; got "a"',
 *   "x/1/0: expected a finite number; got an array of length 0",
 *   "… and 1 more"
 * ])
 */
export const report = (errors: Errors, limit = 10): readonly string[] => {
  if (!Array.isArray(errors) || !errors.every(error => isRecord(error) && Array.isArray(error["context"])))
    fail("DataError", "report", "the errors of a decoder", describeValue(errors))
  if (limit !== Infinity) checkNumber("report", "limit", natural, limit)
  const lines = errors.slice(0, limit).map(line)
  return errors.length > limit ? [...lines, `… and ${errors.length - limit} more`] : lines
}
