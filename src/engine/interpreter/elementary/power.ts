import { productError, sumError } from "./doubles.js"
import { expOfSum } from "./exponential.js"
import { logOfSum } from "./logarithm.js"

/** `a^b = e^(b·log a)` for `0 < a < ∞`, with a logarithm and an exponent that are sums. */
const powerOfPositive = (a: number, b: number): number => {
  const { high, low } = logOfSum(a, 0)
  const log = high + low
  const exponent = b * log
  return expOfSum(exponent, productError(b, log, exponent) + b * sumError(high, low, log))
}

/** A power of 0 or ∞. */
const powerOfEnd = (a: number, b: number): number => ((a === 0) === b < 0 ? Infinity : 0)

/** `a^b` where `a` is not positive and finite, or `b` not finite. */
const specialPower = (a: number, b: number): number => {
  const size = Math.abs(a)
  if (b === 0 || (size === 1 && Math.abs(b) === Infinity)) return 1
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN
  if (Math.abs(b) === Infinity) return size > 1 === b > 0 ? Infinity : 0
  const isEnd = size === 0 || size === Infinity
  if (!isEnd && !Number.isInteger(b)) return NaN
  const value = isEnd ? powerOfEnd(size, b) : powerOfPositive(size, b)
  return Math.abs(b % 2) === 1 && (a < 0 || Object.is(a, -0)) ? -value : value
}

/**
 * `a^b`, within 0.52 ulp (0.76 of subnormal results); what is a double comes out exactly.
 *
 * As IEEE 754 has it, 1 to any power is 1, even to NaN, and so is -1 to an infinite one (`**` of JavaScript: NaN).
 */
export const power = (a: number, b: number): number => {
  if (a === 1) return 1
  return a > 0 && a < Infinity && Math.abs(b) < Infinity ? powerOfPositive(a, b) : specialPower(a, b)
}
