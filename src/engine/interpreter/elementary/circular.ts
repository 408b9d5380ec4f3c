import { anySumError, sumError } from "./doubles.js"
import { halfPi } from "./fixed.js"
import { ANGLE_HIGH, ANGLE_LOW, ANGLE_MIDDLE, SIN_HIGH, SIN_LOW } from "./tables.js"

/** `sin(i·π/128 + t + rest)` for `|t| ≤ π/256`, where the rest is about what rounding took off `t`. */
const sinNear = (i: number, t: number, rest: number): number => {
  const sinHigh = SIN_HIGH[i]!
  const sinLow = SIN_LOW[i]!
  const cosHigh = SIN_HIGH[i + 64]!
  const cosLow = SIN_LOW[i + 64]!
  const z = t * t
  const second = z * (-1 / 2 + z * (1 / 24 - z * (1 / 720)))
  const third = t * z * (-1 / 6 + z * (1 / 120 - z * (1 / 5040)))
  const near = Math.fround(t)
  const product = cosHigh * near
  const sum = sinHigh + product
  const bySine = sinLow + (sinHigh + sinLow) * second
  const byCosine = cosHigh * (t - near) + cosLow * t + (cosHigh + cosLow) * (third + rest)
  return sum + (sumError(sinHigh, product, sum) + (bySine + byCosine))
}

/** So many bits after the point of `π` leave so many right ones in the remainder of the largest double. */
const BITS = 1280
const KEPT = 256
const ANGLE = halfPi(BITS) / 64n

/** `sin(x + i·π/128)` where `x` is large, or near a multiple of π: its remainder by `π/128` is taken in integers. */
const sinByIntegers = (x: number, i: number): number => {
  const whole = Math.abs(x) < 2 ** 53 ? BigInt(x * 2 ** 128) << BigInt(BITS - 128) : BigInt(x) << BigInt(BITS)
  const steps = (2n * whole + (x < 0 ? -ANGLE : ANGLE)) / (2n * ANGLE)
  const remainder = (whole - steps * ANGLE) >> BigInt(BITS - KEPT)
  const t = Number(remainder) / 2 ** KEPT
  const rest = Number(remainder - BigInt(t * 2 ** KEPT)) / 2 ** KEPT
  return sinNear((Number(steps & 255n) + i) & 255, t, rest)
}

/** `sin(x + i·π/128)`. */
const sinFrom = (i: number, x: number): number => {
  if (!(Math.abs(x) < 2 ** 20)) return Math.abs(x) < Infinity ? sinByIntegers(x, i) : NaN
  const steps = Math.floor(x * (128 / Math.PI) + 0.5) | 0
  const a = x - steps * ANGLE_HIGH
  const b = -(steps * ANGLE_MIDDLE)
  const sum = a + b
  const low = anySumError(a, b, sum) - steps * ANGLE_LOW
  const t = sum + low
  const place = (steps + i) & 255
  const isNearZero = (place & 127) === 0 && Math.abs(t) < 2 ** -20 && steps !== 0
  return isNearZero ? sinByIntegers(x, i) : sinNear(place, t, sumError(sum, low, t))
}

/** The sine, within 0.501 ulp. */
export const sin = (x: number): number => (Math.abs(x) < 2 ** -27 ? x : sinFrom(0, x))

/** The cosine, within 0.501 ulp. */
export const cos = (x: number): number => sinFrom(64, x)
