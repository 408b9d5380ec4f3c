import * as t from "io-ts"
import { didYouMean } from "../dataflow/nearest.js"

/** Longer keys are cut. */
const MAX_KEY = 200

/** What is wrong at a path below a context. */
export const problem = (
  context: t.Context,
  path: readonly (string | number)[],
  value: unknown,
  expected: string
): t.ValidationError => ({
  value,
  context: path.reduce<t.Context>(below, context),
  message: `expected ${expected}`
})

/** A single problem. */
export const refuse = (...of: Parameters<typeof problem>): t.Validation<never> => t.failures([problem(...of)])

/** Bytes, and no object that has borrowed their prototype. */
export const isBytes = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value) && value instanceof Uint8Array

/** What is read of a value from outside, or something else if that throws: a proxy may refuse to be looked at. */
export const readOr = <A>(otherwise: A, read: () => A): A => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** What cannot be read is an error. */
export const readable = <A>(context: t.Context, expected: string, read: () => t.Validation<A>): t.Validation<A> =>
  readOr(refuse(context, [], "an object that cannot be read", expected), read)

/** A context one key further down. */
export const below = (context: t.Context, key: string | number): t.Context => [
  ...context,
  { key: String(key).slice(0, MAX_KEY), type: t.unknown }
]

/** A hint for an unknown word: the name that was probably meant, or all there are. */
export const hint = (word: unknown, names: readonly string[]): string =>
  (typeof word === "string" ? didYouMean(word, names) : undefined) ??
  (names.length === 0 ? "there is none" : names.join(", "))
