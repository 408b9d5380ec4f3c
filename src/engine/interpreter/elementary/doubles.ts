import { POWERS } from "./tables.js"

/** A number as the sum of two, the second much smaller. (An object that is taken apart where it was asked for is free.) */
export interface Sum {
  readonly high: number
  readonly low: number
}

const scratch = new Float64Array(1)
const words = new Int32Array(scratch.buffer)
/** Where sign and exponent stand: in the second word on machines that begin with the lowest byte. */
const UPPER = new Uint8Array(Uint16Array.of(1).buffer)[0]!

/** The upper 32 bits of a double: the sign, 11 bits of exponent, 20 of the fraction. */
export const upperWord = (x: number): number => {
  scratch[0] = x
  return words[UPPER]!
}

/** `2ᵏ`, from `2⁻¹⁰⁷⁴` to `2¹⁰²³`. */
export const powerOfTwo = (k: number): number => POWERS[1074 + k]!

/** `2⁻ᵏ`, in the same range. */
export const inversePowerOfTwo = (k: number): number => POWERS[1074 - k]!

/** `x·2ᵏ` for `x` from 1/2 to 2, rounded once where it is subnormal, for `k` from -1200 to 1200. */
export const scaled = (x: number, k: number): number => {
  const half = k >> 1
  return x * powerOfTwo(half) * powerOfTwo(k - half)
}

/** What rounding took off `a + b`, which came to `sum`, for `|a| ≥ |b|` or `a = 0`. Exact (Dekker 1971). */
export const sumError = (a: number, b: number, sum: number): number => a - sum + b

/** The same for any two. Exact (Knuth 1969). */
export const anySumError = (a: number, b: number, sum: number): number => {
  const added = sum - a
  return a - (sum - added) + (b - added)
}

/** What rounding took off `a·b`, which came to `product`, to `2⁻¹⁰⁰` of it: factors are split after 24 bits. */
export const productError = (a: number, b: number, product: number): number => {
  const aHigh = Math.fround(a)
  const bHigh = Math.fround(b)
  const aLow = a - aHigh
  const bLow = b - bHigh
  return aHigh * bHigh - product + (aHigh * bLow + aLow * bHigh) + aLow * bLow
}

/** `(above + aboveRest) / (below + belowRest)`: the remainder of the division is divided, too. */
export const quotientOfSums = (above: number, aboveRest: number, below: number, belowRest: number): number => {
  const quotient = above / below
  const product = quotient * below
  const remainder = above - product - productError(quotient, below, product)
  return quotient + (remainder + aboveRest - quotient * belowRest) / below
}
