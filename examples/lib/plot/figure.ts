/** The frame that all charts share: title, axes, legends, and margins computed from the texts that go in them. */

import type { Axis as VegaAxis, Data, Legend, Mark, Scale, Spec } from "vega"
import { colors, config, dashes, fontSize, ink, legendRow, textWidth } from "./style.js"
import { labelWidth } from "./ticks.js"
import type { Axis } from "./ticks.js"

/** A Vega specification whose outer size is known, so that `grid` can place it. */
export type Figure = Spec & {
  readonly width: number
  readonly height: number
  readonly padding: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
}

/** Marked places with a legend of their own, below that of the series. */
export interface Landmarks {
  readonly names: readonly string[]
  readonly scales: readonly Scale[]
  readonly legend: Legend
}

export interface Content {
  readonly title: string
  readonly size: { readonly width: number; readonly height: number }
  readonly x: Axis
  readonly y: Axis
  /** Names of the series, in the order of the legend: scales `color` and `dash` are theirs. */
  readonly names: readonly string[]
  readonly landmarks?: Landmarks
  readonly data: readonly Data[]
  readonly scales?: readonly Scale[]
  readonly marks: readonly Mark[]
  readonly grid: boolean
}

type Position = "x" | "y"

const positionScale = (name: Position, axis: Axis, range: [number, number]): Scale => ({
  name,
  type: axis.scale,
  domain: [...axis.domain],
  range,
  zero: false,
  nice: false
})

/** An expression that finds the label of a tick by its place in the list of ticks. */
const labelOf = ({ ticks }: Axis): string =>
  `${JSON.stringify(ticks.map(t => t.label))}[indexof(${JSON.stringify(ticks.map(t => t.value))}, datum.value)]`

/** Grid lines run along the other scale: by default they would run across the whole page of a grid of figures. */
const other = (scale: Position): Position => (scale === "x" ? "y" : "x")

const minorGrid = (scale: Position, orient: "bottom" | "left", axis: Axis): VegaAxis[] =>
  axis.minor.length === 0
    ? []
    : [
        {
          scale,
          orient,
          values: [...axis.minor],
          grid: true,
          gridScale: other(scale),
          gridColor: ink.gridMinor,
          ticks: false,
          labels: false,
          domain: false
        }
      ]

const mainAxis = (scale: Position, orient: "bottom" | "left", axis: Axis, grid: boolean): VegaAxis => ({
  scale,
  orient,
  title: axis.title,
  values: axis.ticks.map(tick => tick.value),
  grid,
  domain: grid,
  zindex: grid ? 0 : 1,
  gridScale: other(scale),
  encode: { labels: { update: { text: { signal: labelOf(axis) } } } },
  ...(orient === "left" ? { titleX: -(labelWidth(axis) + 20) } : { titleY: 28 })
})

/** Draws the content in its frame. */
export const figure = (content: Content): Figure => {
  const { title, size, x, y, names, landmarks, grid } = content
  const labels = [...names, ...(landmarks?.names ?? [])]
  const legendIndent = legendRow.offset + legendRow.line + legendRow.stroke + legendRow.gap
  const legendWidth = legendIndent + Math.max(...labels.map(label => textWidth(label, fontSize.legend)))
  const legendOverhang = legendRow.height * labels.length - size.height
  const titleOverhang = textWidth(title, fontSize.title) - size.width
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    description: title,
    background: "white",
    autosize: "none",
    config,
    ...size,
    padding: {
      left: Math.ceil(labelWidth(y) + 20 + 18),
      right: Math.ceil(Math.max(legendWidth, titleOverhang) + 10),
      top: 38,
      bottom: Math.max(50, legendOverhang + 16)
    },
    title,
    data: [...content.data],
    scales: [
      positionScale("x", x, [0, size.width]),
      positionScale("y", y, [size.height, 0]),
      { name: "color", type: "ordinal", domain: [...names], range: [...colors] },
      { name: "dash", type: "ordinal", domain: [...names], range: [...dashes] },
      ...(content.scales ?? []),
      ...(landmarks?.scales ?? [])
    ],
    axes: [
      ...(grid ? [...minorGrid("x", "bottom", x), ...minorGrid("y", "left", y)] : []),
      mainAxis("x", "bottom", x, grid),
      mainAxis("y", "left", y, grid)
    ],
    legends: [
      { stroke: "color", strokeDash: "dash", symbolType: "stroke", orient: "right" },
      ...(landmarks ? [landmarks.legend] : [])
    ],
    marks: [...content.marks]
  }
}
