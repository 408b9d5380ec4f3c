import { anySumError, powerOfTwo, quotientOfSums, scaled, sumError, type Sum } from "./doubles.js"
import { ROOT_HIGH, ROOT_LOW, STEP_HIGH, STEP_LOW, STEPS_PER_UNIT } from "./tables.js"

/** `eʳ - 1` for `|r| ≤ log 2 / 256`. */
const growth = (r: number): number => {
  const z = r * r
  return r + z * (1 / 2 + r * (1 / 6) + z * (1 / 24 + r * (1 / 120)))
}

/**
 * `e^(x + rest)`, where the rest is about what rounding took off `x`. With `x + rest = k·log 2 / 128 + r`, it is
 * `2^(k/128)·eʳ`.
 */
export const expOfSum = (x: number, rest: number): number => {
  if (!(x > -746)) return x <= -746 ? 0 : NaN
  if (x > 710) return Infinity
  const k = Math.floor(x * STEPS_PER_UNIT + 0.5) | 0
  const e = growth(x - k * STEP_HIGH + (rest - k * STEP_LOW))
  const high = ROOT_HIGH[k & 127]!
  const low = ROOT_LOW[k & 127]!
  return scaled(high + (low + (high + low) * e), k >> 7)
}

/** `eˣ`, within 0.51 ulp (0.76 of subnormal results). */
export const exp = (x: number): number => expOfSum(x, 0)

/** `eˣ - 1 - x` for `|x| ≤ 1/16`. */
const secondOrder = (x: number): number => {
  const z = x * x
  const first = 1 / 2 + x * (1 / 6) + z * (1 / 24 + x * (1 / 120))
  const last = 1 / 720 + x * (1 / 5040) + z * (1 / 40320 + x * (1 / 362880))
  return z * (first + z * z * last)
}

/** `eˣ - 1` for `-30 < x < 45`. Near 0, where 1 would cancel, it is the series. */
const excess = (x: number): Sum => {
  if (Math.abs(x) < 1 / 16) {
    const second = secondOrder(x)
    const high = x + second
    return { high, low: sumError(x, second, high) }
  }
  const k = Math.floor(x * STEPS_PER_UNIT + 0.5) | 0
  const e = growth(x - k * STEP_HIGH - k * STEP_LOW)
  const rootHigh = ROOT_HIGH[k & 127]!
  const rootLow = ROOT_LOW[k & 127]!
  const scale = powerOfTwo(k >> 7)
  const power = rootHigh * scale
  const high = power - 1
  return { high, low: anySumError(power, -1, high) + (rootLow + (rootHigh + rootLow) * e) * scale }
}

/** `eˣ - 1`, within 0.63 ulp. */
export const expm1 = (x: number): number => {
  if (!(x > -30 && x < 45)) return exp(x) - 1
  if (x === 0) return x
  const { high, low } = excess(x)
  return high + low
}

/** `E / (E + 2)` with `E = e²ˣ - 1`, for `0 < x < 22`. */
const tanhOfPositive = (x: number): number => {
  const sum = excess(2 * x)
  const above = sum.high + sum.low
  const aboveRest = sumError(sum.high, sum.low, above)
  const below = above + 2
  return quotientOfSums(above, aboveRest, below, anySumError(above, 2, below) + aboveRest)
}

/** The hyperbolic tangent, within 0.63 ulp. */
export const tanh = (x: number): number => {
  const size = Math.abs(x)
  if (!(size < 22)) return size >= 22 ? Math.sign(x) : NaN
  if (size < 2 ** -28) return x
  const value = tanhOfPositive(size)
  return x < 0 ? -value : value
}

/** The logistic function, within 1.5 ulp; the exponential never overflows. */
export const sigmoid = (x: number): number => {
  const e = exp(-Math.abs(x))
  const below = 1 + e
  return quotientOfSums(x >= 0 ? 1 : e, 0, below, sumError(1, e, below))
}
