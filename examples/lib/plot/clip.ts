/** Paths cut to a rectangle, so that a diverging run shows where it leaves and does not squash the picture. */

import { isFinitePoint } from "./series.js"
import type { Point } from "./series.js"
import type { Interval } from "./ticks.js"

export interface Rectangle {
  readonly x: Interval
  readonly y: Interval
}

export const inside =
  ({ x: [x0, x1], y: [y0, y1] }: Rectangle) =>
  ([x, y]: Point): boolean =>
    x >= x0 && x <= x1 && y >= y0 && y <= y1

/** The parameters in [0, 1] at which a + t (b − a) lies in the interval: empty when the first exceeds the second. */
const within = ([low, high]: Interval, a: number, b: number): Interval => {
  if (a === b) return a >= low && a <= high ? [0, 1] : [1, 0]
  const t = [(low - a) / (b - a), (high - a) / (b - a)] as const
  return [Math.max(0, Math.min(...t)), Math.min(1, Math.max(...t))]
}

/** The part of a segment inside the rectangle (Liang and Barsky 1984), if any. */
const clipSegment = (rectangle: Rectangle, a: Point, b: Point): readonly [Point, Point] | undefined => {
  const [x, y] = [within(rectangle.x, a[0], b[0]), within(rectangle.y, a[1], b[1])]
  const [from, to] = [Math.max(x[0], y[0]), Math.min(x[1], y[1])]
  const along = (t: number): Point => (t === 0 ? a : t === 1 ? b : [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])])
  return from <= to ? [along(from), along(to)] : undefined
}

type Run = readonly Point[]

/** Joins a segment to the run that ends where it begins, else starts a new run. */
const extend = (runs: readonly Run[], [from, to]: readonly [Point, Point]): readonly Run[] => {
  const last = runs.at(-1)
  return last?.at(-1) === from ? [...runs.slice(0, -1), [...last, to]] : [...runs, [from, to]]
}

/**
 * Cuts a path to the rectangle, into runs that are drawn apart. It ends at the first point that is not finite, or where
 * it leaves for good: what diverges may cross the picture for ever.
 */
export const clipPath = (rectangle: Rectangle, points: readonly Point[]): readonly Run[] => {
  const end = points.findIndex(p => !isFinitePoint(p))
  const finite = end < 0 ? points : points.slice(0, end)
  const stay = finite.map(inside(rectangle))
  if (stay.every(Boolean)) return [finite]
  return finite
    .slice(1, stay.lastIndexOf(true) + 2)
    .map((b, i) => clipSegment(rectangle, finite[i] ?? b, b))
    .reduce((runs: readonly Run[], segment) => (segment ? extend(runs, segment) : runs), [])
}
