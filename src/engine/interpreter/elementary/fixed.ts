/**
 * Series in integers: numbers with 128 bits after the point. What is rounded from them is right to its last bit, on
 * every engine.
 */

const BITS = 128

export const ONE = 1n << BigInt(BITS)

export const times = (a: bigint, b: bigint): bigint => (a * b) / ONE

/** `p/q + sign·(p/q)³/3 + (p/q)⁵/5 + …`: the inverse tangent of `p/q` for -1, the hyperbolic one for 1. */
const inverseTangent = (sign: 1n | -1n, p: bigint, q: bigint, one: bigint): bigint => {
  const [factor, divisor] = [sign * p * p, q * q]
  let sum = 0n
  for (let n = 1n, power = (one * p) / q; power !== 0n; n += 2n, power = (power * factor) / divisor) sum += power / n
  return sum
}

export const arcTangent = (p: bigint, q: bigint, one = ONE): bigint => inverseTangent(-1n, p, q, one)

export const logOfRatio = (a: bigint, b: bigint): bigint => 2n * inverseTangent(1n, a - b, a + b, ONE)

/** `π/2` with so many bits after the point. Source: Machin 1706. */
export const halfPi = (bits: number): bigint => {
  const one = 1n << BigInt(bits)
  return 8n * arcTangent(1n, 5n, one) - 2n * arcTangent(1n, 239n, one)
}

/** `1, x, x²/2!, x³/3!, …` */
const terms = (x: bigint): readonly bigint[] => {
  const found = [ONE]
  for (let n = 2n, term = x; term !== 0n; term = times(term, x) / n, n += 1n) found.push(term)
  return found
}

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => a + b, 0n)

export const exponential = (x: bigint): bigint => sum(terms(x))

/** By Newton's method, of numbers from 1/2 to 2. */
export const squareRoot = (x: bigint): bigint => {
  let root = ONE
  for (let i = 0; i < 8; i++) root = (root + (x * ONE) / root) / 2n
  return root
}

/** A point of the unit circle. */
export type Point = readonly [cos: bigint, sin: bigint]

export const pointAt = (angle: bigint): Point => {
  const all = terms(angle)
  return [sum(all.map((x, n) => [x, 0n, -x, 0n][n % 4]!)), sum(all.map((x, n) => [0n, x, 0n, -x][n % 4]!))]
}

/** The point at the sum of the angles of two. */
export const turned = ([a, b]: Point, [c, d]: Point): Point => [times(a, c) - times(b, d), times(a, d) + times(b, c)]

/** A first element, and from each the next, so many in all. */
export const iterate = <A>(count: number, first: A, next: (before: A, n: bigint) => A): readonly A[] => {
  const found = [first]
  for (let n = 1; n < count; n++) found.push(next(found[n - 1]!, BigInt(n)))
  return found
}

/** The multiple of `2⁻ᵇⁱᵗˢ` next to a number. */
export const onGrid = (x: bigint, bits: number): bigint => {
  const rest = BigInt(BITS - bits)
  return ((x + (1n << (rest - 1n))) >> rest) << rest
}

export const toDouble = (x: bigint): number => Number(x) / 2 ** BITS
