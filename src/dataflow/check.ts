/**
 * Checks of arguments. The compiler refuses the same; what is not TypeScript may hand over anything, and should hear what
 * is wrong of the function that it called.
 */
import { describeValue, hasMethods, isList, isPair, isRecord } from "./describe.js"
import { fail } from "./error.js"
import { didYouMean } from "./nearest.js"
import type { Tensor } from "./primitive.js"
import { isTensor } from "./tensor.js"

/** What is no tensor; numbers are told how to become one. */
const describeOther = (value: unknown): string =>
  `${describeValue(value)}${isList(value) || ArrayBuffer.isView(value) ? " (write tensor(…))" : ""}`

/** A tensor, or a `DataError`. */
export const checkTensor = (operation: string, value: Tensor, what = "a tensor"): Tensor =>
  isTensor(value) ? value : fail("DataError", operation, what, describeOther(value))

/** The rank of a tensor, or a `DataError`. */
export const rankOf = (operation: string, value: Tensor): number => checkTensor(operation, value).shape.length

/** A list of tensors, or a `DataError`. */
export const checkTensors = (operation: string, list: readonly Tensor[]): readonly Tensor[] =>
  checkList(operation, "a list of tensors", list).map((value, i) => checkTensor(operation, value, `a tensor at ${i}`))

/** A list, in which a hole is `undefined`, or a `DataError`. */
export const checkList = <A>(operation: string, what: string, value: readonly A[]): readonly A[] =>
  isList(value)
    ? value.includes(undefined as A)
      ? Array.from(value)
      : value
    : fail("DataError", operation, what, describeValue(value))

/** A function, or a `DataError`. */
export const checkFunction = <F extends (...args: never) => unknown>(
  operation: string,
  f: F,
  what = "a function"
): F => (typeof f === "function" ? f : fail("DataError", operation, what, describeValue(f)))

/** An object that has some methods, be it of a class, or a `DataError`. */
export const checkMethods = <A>(
  operation: string,
  expected: string,
  value: A,
  methods: readonly string[],
  path?: string
): A => (hasMethods(value, methods) ? value : fail("DataError", operation, expected, describeValue(value), path))

/** Options as a record, or a `HyperparameterError`. */
export const checkRecord = (operation: string, options: unknown): Readonly<Record<string, unknown>> =>
  isRecord(options) && !isTensor(options)
    ? options
    : fail("HyperparameterError", operation, "options in a record", describeValue(options))

/** Options, none of which is unknown, or a `HyperparameterError` that names those that are known. */
export const checkOptions = <O extends object>(operation: string, options: O, known: readonly string[]): O => {
  for (const name of Object.keys(checkRecord(operation, options))) {
    if (known.includes(name)) continue
    const question = didYouMean(name, known)
    const received = `${JSON.stringify(name)}${question === undefined ? "" : ` (${question})`}`
    const expected = known.length === 0 ? "no options" : `options among ${known.join(", ")}`
    fail("HyperparameterError", operation, expected, received)
  }
  return options
}

/** An option that is on or off, or a `HyperparameterError`. */
export const checkFlag = (operation: string, name: string, value = false): boolean =>
  typeof value === "boolean"
    ? value
    : fail("HyperparameterError", operation, `${name} to be true or false`, describeValue(value))

/** A whole number, or a `DataError`, which says how far these go where one is beyond. */
export const checkInteger = (operation: string, what: string, value: number): number => {
  if (Number.isSafeInteger(value)) return value
  const bound = Number.isInteger(value) ? ` of at most ${Number.MAX_SAFE_INTEGER} in absolute value` : ""
  return fail("DataError", operation, `${what} that is an integer${bound}`, describeValue(value))
}

/** Refuses arguments after those that a function takes. */
export const checkNoMore = (operation: string, known: string, rest: readonly unknown[]): void => {
  if (rest.length > 0) fail("DataError", operation, `${known} and nothing more`, rest.map(describeValue).join(", "))
}

/** What a watcher says to the next step: `"stop"` or nothing, else a `DataError`. */
export const checkTold = (operation: string, told: unknown, path?: string): "stop" | undefined =>
  told === undefined || told === "stop"
    ? told
    : fail("DataError", operation, '"stop" or nothing', describeValue(told), path)

/** A pair that a user's function returned, or a `TreeError`. */
export const checkPair = <A, B>(operation: string, expected: string, pair: readonly [A, B]): readonly [A, B] =>
  isPair(pair) ? pair : fail("TreeError", operation, expected, describeValue(pair))
