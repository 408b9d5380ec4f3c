/** Optimizer trajectories over the contours of the function that they descend. */

import type { Mark } from "vega"
import { clipPath, inside } from "./clip.js"
import type { Rectangle } from "./clip.js"
import { contours } from "./contours.js"
import { figure } from "./figure.js"
import type { Figure } from "./figure.js"
import { landmarks } from "./landmarks.js"
import type { Surface } from "./raster.js"
import { checkPoints, checkSeries, isFinitePoint } from "./series.js"
import type { Point, Series } from "./series.js"
import { ink } from "./style.js"
import { linearAxis } from "./ticks.js"

export interface PathsOverContours {
  readonly title: string
  readonly f: Surface
  readonly domain: Rectangle
  /** Of the frame, in px: an even number. */
  readonly width?: number
  /** How many contours. */
  readonly levels?: number
  readonly paths: readonly Series[]
  readonly minimum?: Point
  /** Cuts paths where they leave the domain or stop being finite, in place of an error. */
  readonly clip?: boolean
  readonly x?: { readonly title: string }
  readonly y?: { readonly title: string }
}

/** One unit of x is as long as one unit of y where the frame stays between a square and two to one. An even number. */
const frameHeight = (width: number, { x: [x0, x1], y: [y0, y1] }: Rectangle): number =>
  2 * Math.round(Math.min(width, Math.max(width / 2, (width * (y1 - y0)) / (x1 - x0))) / 2)

const at = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } } as const
const color = { scale: "color", field: "path" } as const
const white = { value: "white" } as const

const line = (style: object): Mark => ({
  type: "group",
  from: { facet: { name: "run", data: "runs", groupby: ["path", "run"] } },
  marks: [
    { type: "line", from: { data: "run" }, encode: { enter: { ...at, strokeJoin: { value: "round" }, ...style } } }
  ]
})

const symbols = (data: string, style: object): Mark => ({
  type: "symbol",
  from: { data },
  encode: { enter: { ...at, ...style } }
})

/** From the bottom up: white casings, lines, a dot per step, a larger one at the end, starts and minimum. */
const marks: readonly Mark[] = [
  line({ stroke: white, strokeWidth: { value: 3.6 }, strokeOpacity: { value: 0.75 } }),
  line({ stroke: color, strokeDash: { scale: "dash", field: "path" }, strokeWidth: { value: 1.6 } }),
  symbols("steps", { fill: color, size: { field: "size" } }),
  symbols("ends", { fill: color, stroke: white, strokeWidth: { value: 1 }, size: { value: 50 } }),
  symbols("landmarks", {
    shape: { scale: "shape", field: "name" },
    size: { scale: "size", field: "name" },
    fill: { scale: "fill", field: "name" },
    stroke: { value: ink.text },
    strokeWidth: { value: 1.2 }
  })
]

const rows = (points: readonly Point[], more: object): object[] => points.map(([x, y]) => ({ x, y, ...more }))

/** Long paths have smaller dots. */
const dotSize = (count: number): number => Math.min(14, Math.max(4, 1200 / count))

const checkFrame = ({ domain, levels, minimum }: PathsOverContours): void => {
  ;[domain.x, domain.y].forEach(([low, high]) => {
    if (!(low < high && Number.isFinite(high - low))) throw new RangeError(`a domain from ${low} to ${high}`)
  })
  if (levels !== undefined && !(Number.isInteger(levels) && levels > 0)) throw new RangeError(`${levels} levels`)
  if (minimum && !inside(domain)(minimum))
    throw new RangeError(`the minimum [${minimum.join(", ")}] is outside the domain`)
}

/** Draws 1 to 12 paths over contours of f. Throws a `RangeError` at a point outside the domain, unless told to clip. */
export const pathsOverContours = (chart: PathsOverContours): Figure => {
  const { title, f, domain, width = 460, levels = 16, paths, minimum, clip = false } = chart
  const { x = { title: "x" }, y = { title: "y" } } = chart
  const isInside = inside(domain)
  checkFrame(chart)
  checkSeries(paths)
  if (!clip) checkPoints(paths, point => (isInside(point) ? undefined : "is outside the domain, and clip is not set"))
  const size = { width, height: frameHeight(width, domain) }
  const terrain = contours(f, domain, levels, size.width, size.height)
  const visible = (points: readonly Point[]) => points.filter(p => isFinitePoint(p) && isInside(p))
  const each = (of: (path: Series) => object[]) => paths.flatMap(of)
  const places = each(({ points }) => rows(visible(points.slice(0, 1)), { name: "start" }))
  return figure({
    title,
    size,
    x: linearAxis(x.title, domain.x),
    y: linearAxis(y.title, domain.y),
    names: paths.map(({ name }) => name),
    landmarks: landmarks(minimum ? ["start", "minimum"] : ["start"]),
    data: [
      ...terrain.data,
      {
        name: "runs",
        values: each(({ name, points }) =>
          clipPath(domain, points).flatMap((run, i) => rows(run, { path: name, run: i }))
        )
      },
      {
        name: "steps",
        values: each(({ name, points }) => {
          const seen = visible(points)
          return rows(seen, { path: name, size: dotSize(seen.length) })
        })
      },
      { name: "ends", values: each(({ name, points }) => rows(visible(points.slice(-1)), { path: name })) },
      { name: "landmarks", values: [...rows(minimum ? [minimum] : [], { name: "minimum" }), ...places] }
    ],
    scales: [terrain.scale],
    marks: [...terrain.marks, ...marks],
    grid: false
  })
}
