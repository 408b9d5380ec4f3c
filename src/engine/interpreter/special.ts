import { exp } from "./elementary/exponential.js"
import { log1p } from "./elementary/logarithm.js"

/** Functions that JavaScript's `Math` lacks, in f64 and in integers. */

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI)

/** Below this, erf by its series; above, 1 - erfc by its continued fraction. */
const SWITCH = 2.5
const SERIES_TERMS = 60
/** Terms of the continued fraction after which, for x ≥ 1, what is left out is below the precision of f64. */
const fractionTerms = (x: number): number => Math.ceil(10 + 200 / (x * x))

/** `erf x = 2/√π e^{-x²} Σ 2ⁿ x^{2n+1} / (2n+1)!!`: all terms have one sign, so nothing cancels. */
const erfSeries = (x: number): number => {
  let term = x
  let total = x
  for (let n = 1; n < SERIES_TERMS; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return TWO_OVER_SQRT_PI * exp(-x * x) * total
}

/** `erfc x = e^{-x²}/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …))))` for x > 0, from the inside out. */
const erfcFraction = (x: number): number => {
  let below = x
  for (let n = fractionTerms(x); n > 0; n--) below = x + n / 2 / below
  return (TWO_OVER_SQRT_PI / 2) * (exp(-x * x) / below)
}

/** The error function, to about 1e-15. */
export const erf = (x: number): number =>
  Math.abs(x) < SWITCH ? erfSeries(x) : x > 0 ? 1 - erfcFraction(x) : x < 0 ? erfcFraction(-x) - 1 : x

/** `1 - erf x` for x ≥ 0; below 1, where that is still above 0.15, the subtraction loses nothing to speak of. */
const erfc = (x: number): number => (x < 1 ? 1 - erfSeries(x) : erfcFraction(x))

const HALLEY_STEPS = 3

/** A first guess within 0.5 % (Winitzki's approximation), where erf is inverted in closed form. */
const erfInvGuess = (magnitude: number): number => {
  const a = 0.147
  const tail = log1p(-magnitude * magnitude)
  const b = 2 / (Math.PI * a) + tail / 2
  return Math.sqrt(Math.sqrt(b * b - tail / a) - b)
}

/** The inverse of erf, to about 1e-15: a closed-form guess, then Halley's method on erf (on erfc near ±1, where erf is flat). */
export const erfInv = (y: number): number => {
  const magnitude = Math.abs(y)
  if (!(magnitude < 1)) return magnitude === 1 ? y * Infinity : NaN
  if (magnitude < 1e-10) return y / TWO_OVER_SQRT_PI
  let x = erfInvGuess(magnitude)
  for (let i = 0; i < HALLEY_STEPS; i++) {
    const excess = magnitude < 0.5 ? erf(x) - magnitude : 1 - magnitude - erfc(x)
    const step = excess / (TWO_OVER_SQRT_PI * exp(-x * x))
    x -= step / (1 + x * step)
  }
  return Math.sign(y) * x
}

/** The nearest integer, halves to the even one; what rounds to zero keeps its sign, as in IEEE 754. */
export const roundHalfEven = (x: number): number => (x < 0 ? -roundPositive(-x) : roundPositive(x))

const roundPositive = (x: number): number => {
  const below = Math.floor(x)
  const rest = x - below
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1
}

/** `a·2ᵇ`; as many bits as there are or more, or a negative number of them, leave nothing. */
export const shiftedLeft = (a: number, b: number): number => (b >>> 0 < 32 ? a << b : 0)

/** `a·2⁻ᵇ` without its fraction; at the far end the sign is left. */
export const shiftedRight = (a: number, b: number): number => a >> (b >>> 0 < 32 ? b : 31)

/** The same of what has no sign. */
export const shiftedRightUnsigned = (a: number, b: number): number => (b < 32 ? a >>> b : 0)

/** `a^b` modulo 2³² by repeated squaring; the fraction of a negative power is cut off, and 0 to one is 0. */
export const integerPower = (a: number, b: number): number => {
  if (b < 0) return a === 1 || a === -1 ? integerPower(a, -b) : 0
  let result = 1
  for (let square = a, rest = b; rest > 0; rest = Math.floor(rest / 2), square = Math.imul(square, square))
    if (rest % 2 === 1) result = Math.imul(result, square)
  return result
}

/** The logistic function; the exponential never overflows. */
export const sigmoid = (x: number): number => {
  const e = exp(-Math.abs(x))
  return (x >= 0 ? 1 : e) / (1 + e)
}
