/** Lines against a linear or logarithmic axis: losses, learning rates, sweeps. */

import type { Mark } from "vega"
import { figure } from "./figure.js"
import type { Figure } from "./figure.js"
import { checkPoints, checkSeries } from "./series.js"
import type { Series } from "./series.js"
import { linearAxis, logAxis, niceLinearAxis } from "./ticks.js"
import type { Axis, Interval, ScaleType } from "./ticks.js"

export interface AxisOptions {
  readonly title: string
  readonly scale?: ScaleType
  /** What the axis shows; by default what the points span. */
  readonly domain?: Interval
}

export interface LineChart {
  readonly title: string
  readonly x: AxisOptions
  readonly y: AxisOptions
  readonly series: readonly Series[]
  /** Of the frame, in px. */
  readonly size?: { readonly width: number; readonly height: number }
}

/** Series this short show each of their points. */
const fewPoints = 25

const extent = (values: readonly number[]): Interval => [
  values.reduce((a, b) => Math.min(a, b)),
  values.reduce((a, b) => Math.max(a, b))
]

/** A constant has no extent: give it one, so that its line runs through the middle of the chart. */
const widen = ([low, high]: Interval): Interval => {
  if (!Number.isFinite(high - low)) throw new RangeError(`from ${low} to ${high} is too far for an axis`)
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (high - low > 1e-9 * size) return [low, high]
  return size === 0 ? [-1, 1] : [low - size / 2, high + size / 2]
}

/** Widens an interval of positive numbers by a share of its logarithmic length on both sides. */
const padLog = ([low, high]: Interval, share: number): Interval => {
  const factor = (high / low) ** share
  return factor > 1 + 1e-9 ? [low / factor, high * factor] : [low / 2, high * 2]
}

const over = (title: string, scale: ScaleType, domain: Interval): Axis =>
  scale === "log" ? logAxis(title, domain) : linearAxis(title, domain)

const xAxis = ({ title, scale = "linear", domain }: AxisOptions, values: readonly number[]): Axis => {
  if (domain) return over(title, scale, domain)
  return scale === "log"
    ? logAxis(title, padLog(extent(values), 0.01))
    : linearAxis(title, widen(extent(values)), values.every(Number.isInteger))
}

const yAxis = ({ title, scale = "linear", domain }: AxisOptions, values: readonly number[]): Axis => {
  if (domain) return over(title, scale, domain)
  return scale === "log" ? logAxis(title, padLog(extent(values), 0.04)) : niceLinearAxis(title, widen(extent(values)))
}

const at = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } } as const

const lines: Mark = {
  type: "group",
  from: { facet: { name: "line", data: "points", groupby: "series" } },
  marks: [
    {
      type: "line",
      from: { data: "line" },
      encode: {
        enter: {
          ...at,
          stroke: { scale: "color", field: "series" },
          strokeDash: { scale: "dash", field: "series" },
          strokeWidth: { value: 1.8 },
          strokeJoin: { value: "round" }
        }
      }
    }
  ]
}

const dots: Mark = {
  type: "symbol",
  from: { data: "dots" },
  encode: {
    enter: {
      ...at,
      fill: { scale: "color", field: "series" },
      stroke: { value: "white" },
      strokeWidth: { value: 0.8 },
      size: { value: 28 }
    }
  }
}

/** Draws 1 to 12 series as lines, or as points. Throws a `RangeError` at a point that is not finite, or not positive on a log axis. */
export const lineChart = ({ title, x, y, series, size = { width: 480, height: 300 } }: LineChart): Figure => {
  checkSeries(series)
  checkPoints(series, ([px, py]) =>
    (x.scale === "log" && px <= 0) || (y.scale === "log" && py <= 0) ? "is not positive, on a log axis" : undefined
  )
  const rows = (some: readonly Series[]) =>
    some.flatMap(({ name, points }) => points.map(([px, py]) => ({ series: name, x: px, y: py })))
  const points = rows(series)
  return figure({
    title,
    size,
    x: xAxis(
      x,
      points.map(p => p.x)
    ),
    y: yAxis(
      y,
      points.map(p => p.y)
    ),
    names: series.map(({ name }) => name),
    data: [
      { name: "points", values: rows(series.filter(s => !s.scattered)) },
      { name: "dots", values: rows(series.filter(s => s.scattered || s.points.length <= fewPoints)) }
    ],
    marks: [lines, dots],
    grid: true
  })
}
