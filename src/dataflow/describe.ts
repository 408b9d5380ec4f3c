import { isBranded } from "./brand.js"

/** At most so many keys are told, at most so much of a text. */
const [KEYS, LETTERS] = [8, 40]

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

/** Whether it is a list, of whatever. (Of `Array.isArray` the compiler believes that it is one of `any`.) */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** Whether it is a list of two. */
export const isPair = (value: unknown): value is readonly [unknown, unknown] => isList(value) && value.length === 2

/** Whether it is an object, be it of a class, that has some methods. */
export const hasMethods = (value: unknown, methods: readonly string[]): boolean =>
  typeof value === "object" &&
  value !== null &&
  methods.every(method => typeof (value as Readonly<Record<string, unknown>>)[method] === "function")

/** What is left of a tensor that was copied to another thread, or by `structuredClone`. */
export const isCopy = (value: object): boolean =>
  !isBranded(value) && Object.hasOwn(value, "_tag") && (value as { readonly _tag: unknown })._tag === "Tensor"

/** Names of keys, few of them if there are many. */
export const describeKeys = (keys: readonly string[]): string =>
  keys.length <= KEYS ? keys.join(", ") || "(none)" : `${keys.slice(0, KEYS).join(", ")}, … ${keys.length} in all`

/** A list with its elements, and lists in it with theirs; a number is told how to become a list. */
export const describeList = (value: unknown, depth = 0): string => {
  if (typeof value === "number" && depth === 0) return `${value} (write [${value}])`
  return Array.isArray(value) && value.length <= KEYS && depth < 3
    ? `[${Array.from(value, item => describeList(item, depth + 1)).join(", ")}]`
    : describeValue(value)
}

/** Any value, as it should stand after "got" in an error. */
export const describeValue = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LETTERS))
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`
  if (isBranded(value)) return `a tensor ${value.dtype}[${value.shape.join(", ")}]`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === "bigint") return `${value}n`
  if (typeof value !== "object" || value === null) return String(value)
  if (isCopy(value)) return "a copy of a tensor without its values (send encodeTree of thalweg/spec, or toTyped)"
  const { constructor } = value as { readonly constructor?: { readonly name?: unknown } }
  if (typeof constructor?.name === "string" && constructor.name !== "Object")
    return `an instance of ${constructor.name}`
  return `a record with keys ${describeKeys(Object.keys(value).sort())}`
}
