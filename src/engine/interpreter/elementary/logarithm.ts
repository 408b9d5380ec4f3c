import { anySumError, inversePowerOfTwo, sumError, upperWord, type Sum } from "./doubles.js"
import { LN2_HIGH, LN2_LOW, LOG_HIGH, LOG_LOW, RECIPROCAL } from "./tables.js"

/** The upper word of 0.6875. */
const LEAST = 0x3fe60000

/** `log(1 + r) - r + r²/2` for `|r| ≤ 1/100`. */
const thirdOrder = (r: number): number => {
  const z = r * r
  return r * z * (1 / 3 - r * (1 / 4) + z * (1 / 5 - r * (1 / 6) + z * (1 / 7 - r * (1 / 8) + z * (1 / 9))))
}

/**
 * `log(x + rest)` for `0 < x < ∞`, where the rest is about what rounding took off `x`, to `2⁻⁶⁵` of it.
 *
 * With `x + rest = 2ᵏ·m`, `0.6875 ≤ m < 1.375`, and `c` of 7 bits next to `1/m`, it is
 * `k·log 2 - log c + log(1 + a + b)`, `a + b = c·m - 1`. `a` has so few bits that its square, and its sum with the high
 * parts, are exact; `b` is below `2⁻²⁴`.
 */
export const logOfSum = (x: number, rest: number): Sum => {
  const isSubnormal = x < 2 ** -1022
  const normal = isSubnormal ? x * 2 ** 54 : x
  const word = upperWord(normal)
  const exponent = (word - LEAST) >> 20
  const k = isSubnormal ? exponent - 54 : exponent
  const i = (word >> 13) & 127
  const c = RECIPROCAL[i]!
  const scale = inversePowerOfTwo(exponent)
  const m = normal * scale
  const near = Math.fround(m)
  const a = near * c - 1
  const b = (m - near + rest * scale) * c
  const first = k * LN2_HIGH + LOG_HIGH[i]! + a
  const second = -0.5 * a * a
  const sum = first + second
  const high = sum + b
  const errors = sumError(first, second, sum) + sumError(sum, b, high)
  return { high, low: errors + (k * LN2_LOW + LOG_LOW[i]! + (thirdOrder(a + b) - b * (a + 0.5 * b))) }
}

const roundedLog = (x: number, rest: number): number => {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x > 0 ? x : NaN
  const { high, low } = logOfSum(x, rest)
  return high + low
}

/** The natural logarithm, within 0.501 ulp. */
export const log = (x: number): number => roundedLog(x, 0)

/** `log(1 + x)`, within 0.501 ulp. */
export const log1p = (x: number): number => {
  const sum = 1 + x
  return x === 0 ? x : roundedLog(sum, anySumError(1, x, sum))
}
