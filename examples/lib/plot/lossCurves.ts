/** The losses of several runs, to compare them. */

import type { Figure } from "./figure.js"
import { lineChart } from "./lineChart.js"
import type { ScaleType } from "./ticks.js"

export interface LossCurves {
  readonly title: string
  /** What the losses are counted by. */
  readonly x: "step" | "epoch"
  readonly scale?: ScaleType
  /** By the name of the run; the first loss is that before anything was learnt. */
  readonly runs: { readonly [name: string]: { readonly losses: readonly number[] } }
}

/** Draws a line for each run. */
export const lossCurves = ({ title, x, scale = "linear", runs }: LossCurves): Figure =>
  lineChart({
    title,
    x: { title: x },
    y: { title: "loss", scale },
    series: Object.entries(runs).map(([name, { losses }]) => ({ name, points: losses.map((loss, i) => [i, loss]) }))
  })
