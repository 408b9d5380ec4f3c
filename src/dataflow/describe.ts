import { isTensor } from "./tensor.js"
import { showType } from "./type.js"

/** At most so many keys are told, at most so much of a text. */
const [KEYS, LETTERS] = [8, 40]

/** Names of keys, few of them if there are many. */
export const describeKeys = (keys: readonly string[]): string =>
  keys.length <= KEYS ? keys.join(", ") || "(none)" : `${keys.slice(0, KEYS).join(", ")}, … ${keys.length} in all`

/** Any value, as it should stand after "got" in an error. */
export const describeValue = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LETTERS))
  if (typeof value === "function") return "a function"
  if (isTensor(value)) return `a tensor ${showType(value)}`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === "bigint") return `${value}n`
  if (typeof value !== "object" || value === null) return String(value)
  const { constructor } = value as { readonly constructor?: { readonly name?: unknown } }
  if (typeof constructor?.name === "string" && constructor.name !== "Object")
    return `an instance of ${constructor.name}`
  return `a record with keys ${describeKeys(Object.keys(value).sort())}`
}
