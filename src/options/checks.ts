import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { ownCopy } from "../tree/own.js"
import type { Check } from "./kinds.js"
import { checkNumber, type Range } from "./range.js"

/** Says what an option has to be. */
export const refuse = (operation: string, name: string, expected: string, value: unknown): never =>
  fail("HyperparameterError", operation, `${name} to be ${expected}`, describeValue(value))

/** Accepts what is as expected, as it is. */
export const only =
  (expected: string, is: (value: unknown) => boolean): Check =>
  (operation, name, value) =>
    is(value) ? value : refuse(operation, name, expected, value)

/** Accepts one of some values. */
export const among = (allowed: readonly unknown[]): Check =>
  only(allowed.map(String).join(" or "), v => allowed.includes(v))

/** The same check of what may be changed later on: what becomes of it is a frozen copy. */
export const owned =
  (check: Check): Check =>
  (operation, name, value) =>
    ownCopy(operation, check(operation, name, value))

/** A list of which each element is checked, as a frozen copy. */
export const listOf =
  (check: Check): Check =>
  (operation, name, value) =>
    Array.isArray(value)
      ? Object.freeze(Array.from(value, (element, i) => check(operation, `${name}[${i}]`, element))) // a hole is undefined
      : refuse(operation, name, "a list", value)

/** Accepts a number within a range. */
export const within =
  (range: Range): Check =>
  (operation, name, value) =>
    checkNumber(operation, name, range, value)
