/** The looks shared by every figure: ink, fonts, and series styles that survive colour-blindness and photocopiers. */

import type { Config } from "vega"

/** Okabe and Ito's colour-blind safe palette, without its yellow (too pale on white). */
const hues = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"] as const

/** Colour and dash of the i-th series: six hues solid, then the same six dashed. */
export const colors: readonly string[] = [...hues, ...hues]
export const dashes: readonly number[][] = colors.map((_, i) => (i < hues.length ? [1, 0] : [5, 2.5]))

export const ink = { text: "#1f2328", muted: "#57606a", axis: "#8c959f", grid: "#e6e9ed", gridMinor: "#f3f4f6" }

export const fontSize = { title: 14, axisTitle: 12, label: 11, legend: 11.5 }

/** Lengths in px in a row of a legend: its height, the space before it, the line, its width, and the gap before the text. */
export const legendRow = { height: 18, offset: 14, line: 20, stroke: 2, gap: 6 }

/** Generous width of a text in px: an estimate, so that the layout is the same on machines with and without a canvas. */
export const textWidth = (text: string, size: number): number => 0.58 * size * text.length

const font = "Helvetica, Arial, 'Liberation Sans', sans-serif"

export const config: Config = {
  title: {
    font,
    fontSize: fontSize.title,
    fontWeight: 600,
    color: ink.text,
    anchor: "start",
    frame: "group",
    offset: 12
  },
  axis: {
    labelFont: font,
    labelFontSize: fontSize.label,
    labelColor: ink.muted,
    labelPadding: 5,
    labelOverlap: false,
    titleFont: font,
    titleFontSize: fontSize.axisTitle,
    titleFontWeight: 400,
    titleColor: ink.text,
    domainColor: ink.axis,
    tickColor: ink.axis,
    tickSize: 4,
    gridColor: ink.grid
  },
  legend: {
    labelFont: font,
    labelFontSize: fontSize.legend,
    labelColor: ink.text,
    labelLimit: 0,
    labelOffset: legendRow.gap,
    symbolSize: legendRow.line ** 2,
    symbolStrokeWidth: legendRow.stroke,
    rowPadding: 1,
    offset: legendRow.offset,
    padding: 0
  }
}
