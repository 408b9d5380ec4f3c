import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { freezeAll } from "./freeze.js"

/** The values that a number may take. */
export interface Range {
  readonly expected: string
  readonly holds: (value: number) => boolean
}

/** Finite. */
export const finite: Range = { expected: "a finite number", holds: Number.isFinite }
/** Finite and at least 0. */
export const nonNegative: Range = {
  expected: "a finite number ≥ 0",
  holds: value => Number.isFinite(value) && value >= 0
}
/** Finite and above 0. */
export const positive: Range = { expected: "a finite number > 0", holds: value => Number.isFinite(value) && value > 0 }
/** Whether a number is finite in f32 too, and 0 there only if it is. */
export const fitsF32 = (value: number): boolean =>
  Number.isFinite(Math.fround(value)) && (value === 0 || Math.fround(value) !== 0)
/** What f32 can hold, of options that meet tensors of a dtype that is not known yet. */
const inF32 = ({ expected, holds }: Range): Range => ({
  expected: `${expected} that f32 can hold`,
  holds: value => holds(value) && fitsF32(value)
})
/** Finite, in f32 too. */
export const finiteF32 = /* @__PURE__ */ inF32(finite)
/** Finite and at least 0, in f32 too. */
export const nonNegativeF32 = /* @__PURE__ */ inF32(nonNegative)
/** Finite and above 0, in f32 too. */
export const positiveF32 = /* @__PURE__ */ inF32(positive)
/** From 0 to below 1: the decay of an average. */
export const decay: Range = { expected: "a number ≥ 0 and < 1", holds: value => value >= 0 && value < 1 }
/** From 0 to 1, both included. */
export const fraction: Range = { expected: "a number from 0 to 1", holds: value => value >= 0 && value <= 1 }
/** A whole number from the first to the last, both included. */
export const whole = (first: number, last = Infinity): Range => ({
  expected: last === Infinity ? `a whole number ≥ ${first}` : `a whole number from ${first} to ${last}`,
  holds: value => Number.isSafeInteger(value) && value >= first && value <= last
})
/** A whole number from 1. */
export const positiveInteger = /* @__PURE__ */ whole(1)
/** A whole number from 0. */
export const natural = /* @__PURE__ */ whole(0)
/** The largest i32: states count no further. */
const MAX_I32 = 2 ** 31 - 1
/** A whole number from 1 that an i32 counts up to. */
export const positiveI32 = /* @__PURE__ */ whole(1, MAX_I32)
/** A whole number from 0 that an i32 counts up to. */
export const naturalI32 = /* @__PURE__ */ whole(0, MAX_I32)
/** A whole number of either sign. */
export const integer: Range = { expected: "a whole number", holds: Number.isSafeInteger }

/** A range of one's own, or a `HyperparameterError`. */
export const checkRange = (operation: string, range: Range): Range =>
  isRecord(range) && typeof range.expected === "string" && typeof range.holds === "function"
    ? range
    : fail("HyperparameterError", operation, "a range { expected, holds }", describeValue(range))

/** What a range expects, and how far whole numbers go, where a value is one beyond. */
export const expectedOf = ({ expected, holds }: Range, value: unknown): string =>
  Number.isInteger(value) && !holds(1.5) && holds(Number.MAX_SAFE_INTEGER) && Number(value) > Number.MAX_SAFE_INTEGER
    ? `${expected} and ≤ ${Number.MAX_SAFE_INTEGER}`
    : expected

/** A number within a range, or a `HyperparameterError` that names the function and the option. */
export const checkNumber = (operation: string, name: string, range: Range, value: unknown): number =>
  typeof value === "number" && range.holds(value)
    ? value
    : fail("HyperparameterError", operation, `${name} to be ${expectedOf(range, value)}`, describeValue(value))

/** The ranges by name, for options of one's own. */
export const range = /* @__PURE__ */ freezeAll({
  finite,
  nonNegative,
  positive,
  decay,
  fraction,
  positiveInteger,
  natural,
  integer
})
