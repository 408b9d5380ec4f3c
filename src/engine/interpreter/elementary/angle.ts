import { inversePowerOfTwo, productError, sumError, upperWord } from "./doubles.js"
import { ARC_HIGH, ARC_LOW, HALF_PI_HIGH, HALF_PI_LOW } from "./tables.js"

/** To the left, or to the right. */
type Turn = 1 | -1

/** `from·π/2 + turn·(atan(i/64) + atan(t + rest))` for `|t| ≤ 1/128`, where the rest is what rounding took off `t`. */
const angle = (from: number, turn: Turn, i: number, t: number, rest: number): number => {
  const z = t * t
  const third = t * z * (-1 / 3 + z * (1 / 5 - z * (1 / 7 - z * (1 / 9))))
  const first = from * HALF_PI_HIGH + turn * ARC_HIGH[i]!
  const second = turn * t
  const sum = first + second
  return sum + (sumError(first, second, sum) + (from * HALF_PI_LOW + turn * (ARC_LOW[i]! + (rest + third))))
}

/** What `angleOf` gives where `y/x` is tiny, or one of the two is 0 or not finite. */
const specialAngle = (y: number, x: number, from: number, turn: Turn): number => {
  if (!(x >= 0 && y >= 0)) return NaN
  if (x === Infinity) return angle(from, turn, y === Infinity ? 64 : 0, 0, 0)
  const ratio = x === 0 ? 0 : y / x
  return from === 0 ? ratio : angle(from, turn, 0, ratio, 0)
}

/**
 * `from·π/2 + turn·atan(y/x)` for `0 ≤ y ≤ x`: with `c = i/64` next to `y/x`, `atan(y/x)` is `atan c + atan t`,
 * `t = (y - c·x) / (x + c·y)`. The remainder of the division is divided, too.
 */
const angleOf = (y: number, x: number, from: number, turn: Turn): number => {
  if (!(y > 2 ** -30 * x && x < Infinity)) return specialAngle(y, x, from, turn)
  const scale = inversePowerOfTwo((upperWord(x) >> 20) - 1023)
  const v = y * scale
  const u = x * scale
  const i = Math.floor((v / u) * 64 + 0.5) | 0
  const c = i / 64
  const cu = c * u
  const cv = c * v
  const above = v - cu
  const below = u + cv
  const inverse = 1 / below
  const t = above * inverse
  const product = t * below
  const belowRest = sumError(u, cv, below) + productError(c, v, cv)
  const remainder = above - product - productError(t, below, product) - productError(c, u, cu) - t * belowRest
  return angle(from, turn, i, t, remainder * inverse)
}

const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0)

/** The angle of the point `(x, y)`, within 0.51 ulp. */
export const atan2 = (y: number, x: number): number => {
  const left = isNegative(x)
  const v = Math.abs(y)
  const u = Math.abs(x)
  const value = v > u ? angleOf(u, v, 1, left ? 1 : -1) : left ? angleOf(v, u, 2, -1) : angleOf(v, u, 0, 1)
  return isNegative(y) ? -value : value
}

/** The arc tangent, within 0.51 ulp. */
export const atan = (x: number): number => {
  const size = Math.abs(x)
  const value = size > 1 ? angleOf(1, size, 1, -1) : angleOf(size, 1, 0, 1)
  return isNegative(x) ? -value : value
}
