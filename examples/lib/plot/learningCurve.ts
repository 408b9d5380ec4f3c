/** Loss against epoch, for training and validation data. */

import type { Figure } from "./figure.js"
import { lineChart } from "./lineChart.js"
import type { Series } from "./series.js"
import type { ScaleType } from "./ticks.js"

export interface Epoch {
  readonly trainLoss: number
  readonly validationLoss?: number
}

export interface LearningCurve {
  readonly title: string
  readonly epochs: readonly Epoch[]
  readonly scale?: ScaleType
}

/** Draws the losses after each epoch (counted from 1); other fields of an epoch are not read. */
export const learningCurve = ({ title, epochs, scale = "linear" }: LearningCurve): Figure => {
  const curve = (name: string, loss: (epoch: Epoch) => number | undefined): Series => ({
    name,
    points: epochs.flatMap((epoch, i) => {
      const value = loss(epoch)
      return value === undefined ? [] : [[i + 1, value] as const]
    })
  })
  const train = curve("training", epoch => epoch.trainLoss)
  const validation = curve("validation", epoch => epoch.validationLoss)
  return lineChart({
    title,
    x: { title: "epoch" },
    y: { title: "loss", scale },
    series: validation.points.length > 0 ? [train, validation] : [train]
  })
}
