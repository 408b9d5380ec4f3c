import fc from "fast-check"
import type { Shape } from "thalweg"

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

export const sizeOf = (shape: Shape): number => shape.reduce((n, size) => n * size, 1)

/**
 * Numbers of either sign up to about 3, and 0: they round in every operation, and their squares stay far from
 * overflow.
 */
export const moderate: fc.Arbitrary<number> = fc.integer({ min: -300, max: 300 }).map(n => n / 97)

/** As `moderate`, but at least 0.01 from 0. */
export const nonZero: fc.Arbitrary<number> = moderate.filter(x => x !== 0)

const extremes = [NaN, Infinity, -Infinity, -0, 5e-324, 1e-310, 1e-40, 1.2e-38, 3.4e38, -1e300, 2 ** 31, 2 ** 53]

/** Floats as they come: mostly moderate, sometimes infinite, NaN, subnormal or at the end of a range. */
export const anyFloat: fc.Arbitrary<number> = fc.oneof(
  { weight: 12, arbitrary: moderate },
  { weight: 2, arbitrary: fc.constantFrom(...extremes) },
  { weight: 1, arbitrary: fc.double() }
)

/** Numbers from which tensors are filled. Few numbers fill any shape, so shape and values shrink apart. */
export const pool = (numbers: fc.Arbitrary<number>): fc.Arbitrary<readonly number[]> =>
  fc.array(numbers, { minLength: 1, maxLength: 16 })

/** `size` numbers from a pool, over and over, from a place that depends on the salt. */
export const cycle = (numbers: readonly number[], size: number, salt = 0): readonly number[] =>
  range(size).map(i => numbers[(i + salt) % numbers.length] ?? 0)

/** Which shapes are made. */
export interface ShapeOptions {
  /** The smallest size of an axis. Default 0, which is rare. */
  readonly smallest?: 0 | 1
  /** The largest number of axes. Default 3. */
  readonly maxRank?: number
  /** The sizes of axes to choose from. Default 1, 2 and 3, now and then 0. */
  readonly sizes?: readonly number[]
  /** With more elements, leading axes are left out. Default: there is no such bound. */
  readonly mostElements?: number
}

const bounded =
  (most: number) =>
  (shape: Shape): Shape =>
    sizeOf(shape) > most ? bounded(most)(shape.slice(1)) : shape

/**
 * Makes shapes: up to three axes of sizes 1 to 3, now and then of size 0. Shrinks to a scalar.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { arbShape } from "thalweg/laws"
 *
 * fc.assert(fc.property(arbShape({ smallest: 1 }), shape => shape.length <= 3 && shape.every(n => n >= 1)))
 */
export const arbShape = (options: ShapeOptions = {}): fc.Arbitrary<Shape> => {
  const { smallest = 0, maxRank = 3, sizes, mostElements = Infinity } = options
  const some = fc.integer({ min: 1, max: 3 })
  const small =
    smallest === 1 ? some : fc.oneof({ weight: 15, arbitrary: some }, { weight: 1, arbitrary: fc.constant(0) })
  const axis = sizes === undefined ? small : fc.constantFrom(...sizes)
  return fc.array(axis, { maxLength: maxRank }).map(bounded(mostElements))
}
