import { sumError } from "./doubles.js"
import { END, errorTables, STEPS } from "./error-tables.js"
import { exp } from "./exponential.js"
import { log1p } from "./logarithm.js"

/** Below this, erf and its inverse are lines to a hundredth of a unit in the last place. */
export const LINE = 2 ** -30
/** `2/√π - 1`: how far the slope of erf is above 1 there. */
export const ABOVE = 0.12837916709551257
/** `1 - √π/2`: how far that of its inverse is below. */
const BELOW = 0.11377307454724199

/** `1/(n + 1)!`, so many that what is left out is below `2⁻⁵³` of the first. */
export const factors = [
  1,
  1 / 2,
  1 / 6,
  1 / 24,
  1 / 120,
  1 / 720,
  1 / 5040,
  1 / 40320,
  1 / 362880,
  1 / 3628800,
  1 / 39916800
]

/**
 * `(erf(c + t) - erf c) / erf' c - t` for `|t| ≤ 1/64`, by Taylor's series: `t·Σ Hₙ(c)·(-t)ⁿ / (n + 1)!` with the
 * polynomials of Hermite, `Hₙ₊₁ = 2c·Hₙ - 2n·Hₙ₋₁`.
 */
const secondOrder = (c: number, t: number): number => {
  const p = -2 * c * t
  const q = -2 * t * t
  let before = 1
  let term = p
  let sum = 0
  for (let n = 1; n < factors.length; n++) {
    sum += term * factors[n]!
    const next = p * term + n * q * before
    before = term
    term = next
  }
  return t * sum
}

/** `erf x - y` for `0 ≤ x < 6`, where `y` is 0, or about `erf x`: nothing is rounded before the two cancel. */
const erfLess = (y: number, x: number): number => {
  const i = Math.floor(x * STEPS + 0.5) | 0
  const c = i / STEPS
  const t = x - c
  const tables = errorTables()
  const slopeHigh = tables.slopeHigh[i]!
  const slopeLow = tables.slopeLow[i]!
  const near = Math.fround(t)
  const first = tables.erfHigh[i]! - y
  const product = slopeHigh * near
  const sum = first + product
  const byRest = slopeHigh * (t - near) + slopeLow * t + (slopeHigh + slopeLow) * secondOrder(c, t)
  return sum + (sumError(first, product, sum) + (tables.erfLow[i]! + byRest))
}

/** The error function, within 0.69 ulp (0.86 below 1e-307). */
export const erf = (x: number): number => {
  const size = Math.abs(x)
  if (size < LINE) return x + x * ABOVE
  if (!(size < END)) return size >= END ? Math.sign(x) : NaN
  const value = erfLess(0, size)
  return x < 0 ? -value : value
}

/** The inverse of erf, within 0.5 %, in closed form. Source: Winitzki 2008. */
const inverseNear = (y: number): number => {
  const a = 0.147
  const tail = log1p(-y * y)
  const b = 2 / (Math.PI * a) + tail / 2
  return Math.sqrt(Math.sqrt(b * b - tail / a) - b)
}

const HALLEY_STEPS = 3

/** The inverse of the error function, within 0.66 ulp (0.78 below 1e-307), by Halley's method. */
export const erfInv = (y: number): number => {
  const size = Math.abs(y)
  if (size < LINE) return y === 0 ? y : y - y * BELOW
  if (!(size < 1)) return size === 1 ? y * Infinity : NaN
  let x = inverseNear(size)
  for (let i = 0; i < HALLEY_STEPS; i++) {
    const step = erfLess(size, x) / ((1 + ABOVE) * exp(-x * x))
    x -= step / (1 + x * step)
  }
  return y < 0 ? -x : x
}
