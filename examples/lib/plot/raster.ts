/** A function of two variables as a raster, and the levels at which to draw its contours. */

import { tensor, toArray, type Tensor } from "thalweg"
import type { Rectangle } from "./clip.js"

/** A function of a point of the plane, `[2]`, and of many at once, `[2, n]`. */
export type Surface = (p: Tensor) => Tensor

export interface Raster {
  readonly width: number
  readonly height: number
  readonly values: readonly number[]
}

const raster = (width: number, height: number, at: (column: number, row: number) => number): Raster => ({
  width,
  height,
  values: Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)))
})

/** Samples f at the centres of the cells, row by row from the top. Throws a `RangeError` where f is not finite. */
export const sample = (f: Surface, { x: [x0, x1], y: [y0, y1] }: Rectangle, width: number, height: number): Raster => {
  const x = raster(width, height, column => x0 + ((column + 0.5) / width) * (x1 - x0)).values
  const y = raster(width, height, (_, row) => y1 - ((row + 0.5) / height) * (y1 - y0)).values
  const values = toArray(f(tensor([x, y], { dtype: "f64" }))) as number[]
  const bad = values.findIndex(z => !Number.isFinite(z))
  if (bad >= 0) throw new RangeError(`f(${x[bad]}, ${y[bad]}) = ${values[bad]}: contours need a function finite here`)
  return { width, height, values }
}

/**
 * The root of the height above the lowest sample: its contours are the same curves, and the straight lines between
 * samples, along which contours are traced, fit a valley of quadratic profile better.
 */
export const rooted = ({ values, ...size }: Raster): Raster => {
  const lowest = values.reduce((a, b) => Math.min(a, b))
  return { ...size, values: values.map(z => Math.sqrt(z - lowest)) }
}

/** Continues the raster by one cell on each side, in straight lines, so that contours end beyond the edge and not along it. */
export const padded = ({ width, height, values }: Raster): Raster => {
  const z = (column: number, row: number) => values[row * width + column] ?? 0
  const edge = (i: number, count: number) => Math.min(count - 1, Math.max(0, i))
  return raster(width + 2, height + 2, (column, row) => {
    const [x, y] = [edge(column - 1, width), edge(row - 1, height)]
    return 2 * z(x, y) - z(2 * x - (column - 1), 2 * y - (row - 1))
  })
}

/** Whether the raster resolves the region below a level: at least half of its cells have all neighbours in it. */
const isResolved = ({ width, values }: Raster, level: number): boolean => {
  const below = (i: number) => (values[i] ?? -Infinity) < level
  const cells = values.flatMap((z, i) => (z < level ? [i] : []))
  const inner = cells.filter(i => [i - 1, i + 1, i - width, i + width].every(below))
  return inner.length * 2 >= cells.length
}

/**
 * Levels by enclosed area: the k-th of n encloses about the share (k / (n + 1))² of the domain. For a quadratic bowl,
 * however ill-conditioned, the rings are evenly spaced; and f may be replaced by any increasing function of it.
 * Levels too fine for the raster, as in the bed of a narrow valley, are left out.
 */
export const thresholds = (surface: Raster, count: number): readonly number[] => {
  const sorted = Float64Array.from(surface.values).sort()
  const quantile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0
  const levels = Array.from({ length: count }, (_, k) => quantile(((k + 1) / (count + 1)) ** 2))
  return [...new Set(levels)].filter(level => level > quantile(0) && isResolved(surface, level))
}
