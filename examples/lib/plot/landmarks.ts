/** The marked places of a picture of paths: where they start, and the minimum. */

import type { Landmarks } from "./figure.js"
import { fontSize, ink, legendRow } from "./style.js"

const star = "M0,-1L0.26,-0.36L0.95,-0.31L0.43,0.14L0.59,0.81L0,0.46L-0.59,0.81L-0.43,0.14L-0.95,-0.31L-0.26,-0.36Z"

const strokeWidth = 1.2

const looks = {
  start: { shape: "circle", size: 52, fill: "#ffffff" },
  minimum: { shape: star, size: 150, fill: "#F0E442" }
}

/** Scales `shape`, `size` and `fill` by the name of the place, and the legend that explains them. */
export const landmarks = (names: readonly (keyof typeof looks)[]): Landmarks => {
  const domain = [...names]
  const largest = Math.sqrt(Math.max(...names.map(name => looks[name].size)))
  // The width that Vega gives to the column of symbols, here and in the legend of lines.
  const column = Math.max(Math.ceil(largest + strokeWidth), fontSize.legend)
  const inset = (legendRow.line + legendRow.stroke - column) / 2
  return {
    names,
    scales: [
      { name: "shape", type: "ordinal", domain, range: names.map(name => looks[name].shape) },
      { name: "size", type: "ordinal", domain, range: names.map(name => looks[name].size) },
      { name: "fill", type: "ordinal", domain, range: names.map(name => looks[name].fill) }
    ],
    legend: {
      shape: "shape",
      size: "size",
      fill: "fill",
      orient: "right",
      symbolStrokeColor: ink.text,
      symbolStrokeWidth: strokeWidth,
      symbolOffset: inset,
      labelOffset: inset + legendRow.gap
    }
  }
}
