/** Several figures on one page. */

import type { Mark } from "vega"
import type { Figure } from "./figure.js"

/** Of a figure but its left margin. */
const restWidth = ({ width, padding }: Figure): number => width + padding.right
const outerHeight = ({ height, padding }: Figure): number => padding.top + height + padding.bottom
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)

/** A figure as a group of another, with its own data, scales and legends: its frame has its corner at (x, y). */
const panel = (figure: Figure, x: number, y: number): Mark => {
  const { data, scales, axes, legends, title, marks } = figure
  const { width, height } = figure
  return {
    type: "group",
    encode: {
      enter: {
        x: { value: x },
        y: { value: y },
        width: { value: width },
        height: { value: height }
      }
    },
    ...(data && { data }),
    ...(scales && { scales }),
    ...(axes && { axes }),
    ...(legends && { legends }),
    ...(title && { title }),
    ...(marks && { marks })
  }
}

/** Lays out figures side by side, row by row: the frames of a column begin at one x. */
export const grid = (figures: readonly Figure[], columns: number): Figure => {
  const [first] = figures
  if (first === undefined) throw new RangeError("a grid needs at least one figure")
  if (!Number.isInteger(columns) || columns < 1) throw new RangeError(`a grid of ${columns} columns`)
  const rows = Math.ceil(figures.length / columns)
  const track = (count: number, of: (i: number) => number, size: (figure: Figure) => number): readonly number[] =>
    Array.from({ length: count }, (_, k) => Math.max(0, ...figures.filter((_, i) => of(i) === k).map(size)))
  const column = (i: number) => i % columns
  const margins = track(columns, column, ({ padding }) => padding.left)
  const widths = track(columns, column, restWidth).map((width, k) => width + (margins[k] ?? 0))
  const heights = track(rows, i => Math.floor(i / columns), outerHeight)
  const { $schema, background, autosize, config } = first
  return {
    ...($schema && { $schema }),
    ...(background && { background }),
    ...(autosize && { autosize }),
    ...(config && { config }),
    width: sum(widths),
    height: sum(heights),
    padding: { left: 0, right: 0, top: 0, bottom: 0 },
    marks: figures.map((figure, i) =>
      panel(
        figure,
        sum(widths.slice(0, column(i))) + (margins[column(i)] ?? 0),
        sum(heights.slice(0, Math.floor(i / columns))) + figure.padding.top
      )
    )
  }
}
