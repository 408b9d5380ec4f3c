import {
  arcTangent,
  exponential,
  halfPi,
  iterate,
  logOfRatio,
  ONE,
  onGrid,
  pointAt,
  times,
  toDouble,
  turned,
  type Point
} from "./fixed.js"

/**
 * What the elementary functions look up, computed when the module is loaded. A number is the sum of a high part, a
 * multiple of `2⁻⁴²`, of which sums and products with small integers are exact, and a low part, the rest.
 */

const GRID = 42

const parts = (x: bigint): readonly [high: number, low: number] => {
  const high = onGrid(x, GRID)
  return [toDouble(high), toDouble(x - high)]
}

/** Their parts, the high ones multiples of `2⁻ᵍʳⁱᵈ`. */
export const table = (numbers: readonly bigint[], grid = GRID): readonly [high: Float64Array, low: Float64Array] => {
  const highs = numbers.map(x => onGrid(x, grid))
  return [Float64Array.from(highs, toDouble), Float64Array.from(numbers, (x, i) => toDouble(x - highs[i]!))]
}

/** `2ⁱ⁻¹⁰⁷⁴`: every power of two that is a double. */
export const POWERS = new Float64Array(2098)
POWERS[1074] = 1
for (let i = 1075; i < POWERS.length; i++) POWERS[i] = POWERS[i - 1]! * 2
for (let i = 1073; i >= 0; i--) POWERS[i] = POWERS[i + 1]! / 2

const LN2 = logOfRatio(2n, 1n)
export const [LN2_HIGH, LN2_LOW] = parts(LN2)

/** The exponential has so many steps in an octave, the logarithm so many intervals. */
const STEPS = 128

const STEP = LN2 / BigInt(STEPS)
export const [STEP_HIGH, STEP_LOW] = parts(STEP)
export const STEPS_PER_UNIT = 1 / toDouble(STEP)

const root = exponential(STEP)
/** `2^(i/128)`. */
export const [ROOT_HIGH, ROOT_LOW] = table(iterate(STEPS, ONE, power => times(power, root)))

/** `n` with `n/128` next to the reciprocal of the middle of the `i`-th interval; from 1.375 on, of half of it. */
const numerators = Array.from({ length: STEPS }, (_, i) => {
  const middle = 1 + (i + 0.5) / STEPS
  return Math.round(STEPS / (middle < 1.375 ? middle : middle / 2))
})
export const RECIPROCAL = Float64Array.from(numerators, n => n / STEPS)

/** `log(n/64)`, from 64 on. */
const logs = iterate(STEPS + 1, 0n, (log, n) => log + logOfRatio(64n + n, 63n + n))
/** `-log(n/128)`. */
export const [LOG_HIGH, LOG_LOW] = table(numerators.map(n => logs[64]! - logs[n - 64]!))

/** A step of the sine, 256 of which are a turn. 26 bits times the first two of its three parts are exact. */
const ANGLE = halfPi(128) / 64n
const [first, second] = [onGrid(ANGLE, 32), onGrid(ANGLE, 60)]
export const [ANGLE_HIGH, ANGLE_MIDDLE, ANGLE_LOW] = [
  toDouble(first),
  toDouble(second - first),
  toDouble(ANGLE - second)
] as const

const step = pointAt(ANGLE)
const quarter = [...iterate<Point>(64, [ONE, 0n], point => turned(point, step)).map(([, sin]) => sin), ONE]
/** `sin(i·π/128)`, for a turn and a quarter; 24 bits times the high parts are exact. */
export const [SIN_HIGH, SIN_LOW] = table(
  Array.from({ length: 320 }, (_, i) => {
    const place = i % 128
    const sin = quarter[place > 64 ? 128 - place : place]!
    return i % 256 < 128 ? sin : -sin
  }),
  24
)

/** `atan(i/64)`. */
export const [ARC_HIGH, ARC_LOW] = table(iterate(65, 0n, (arc, n) => arc + arcTangent(64n, 4096n + n * (n - 1n))))
export const [HALF_PI_HIGH, HALF_PI_LOW] = parts(halfPi(128))
