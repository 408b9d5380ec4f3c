/** Named sequences of points, and the checks that keep a broken run from becoming a plausible picture. */

export type Point = readonly [x: number, y: number]

export interface Series {
  readonly name: string
  readonly points: readonly Point[]
  /** Whether points stand by themselves, as data do, with no line through them. Default no. */
  readonly scattered?: boolean
}

const maxSeries = 12

export const isFinitePoint = ([x, y]: Point): boolean => Number.isFinite(x) && Number.isFinite(y)

/** Throws a `RangeError` that names the series and the index of the first point for which `bad` has a complaint. */
export const checkPoints = (series: readonly Series[], bad: (point: Point) => string | undefined): void =>
  series.forEach(({ name, points }) =>
    points.forEach((point, i) => {
      const complaint = isFinitePoint(point) ? bad(point) : "is not finite"
      if (complaint !== undefined)
        throw new RangeError(`series "${name}", point ${i}: [${point.join(", ")}] ${complaint}`)
    })
  )

/** Throws a `RangeError` unless there are 1 to 12 series, with different names and at least one point each. */
export const checkSeries = (series: readonly Series[]): void => {
  if (series.length < 1 || series.length > maxSeries)
    throw new RangeError(`a chart takes 1 to ${maxSeries} series, and was given ${series.length}`)
  series.forEach(({ name, points }, i) => {
    if (points.length === 0) throw new RangeError(`series "${name}" has no points`)
    if (series.findIndex(other => other.name === name) < i) throw new RangeError(`two series are named "${name}"`)
  })
}

/** The means of so many stretches of a noisy run, each at the number of values until its end. */
export const averaged = (values: readonly number[], count: number): readonly Point[] => {
  const size = Math.ceil(values.length / count)
  const stretches = Array.from({ length: Math.floor(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size)
  )
  return stretches.map((stretch, i) => [(i + 1) * size, stretch.reduce((a, b) => a + b, 0) / size])
}
