import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { fixed, flag, type OptionsOf, type Resolved } from "../options/fields.js"
import { nonNegative, positiveInteger } from "../options/range.js"
import type { Best, Epoch } from "./report.js"

export const earlyStoppingFields = {
  /** After how many epochs in a row without an improvement training stops, a whole number from 1. */
  patience: fixed(positiveInteger),
  /** By how much more than this, ≥ 0, what is monitored must fall to have improved. Default 0. */
  minDelta: fixed(nonNegative, 0),
  /** Whether the weights to deploy are those of the best epoch, not of the last. Default no. */
  restoreBest: flag(false)
}

/** When training stops, since what is monitored improves no more. */
export interface EarlyStoppingOptions extends OptionsOf<typeof earlyStoppingFields> {}

type EarlyStopping = Resolved<typeof earlyStoppingFields>

/** From what an epoch came to, to a number that is to become small. */
export type Monitor = (epoch: never) => number

/** The loss by which epochs are judged where nothing else is said. */
const lossOf = ({ trainLoss, validationLoss = trainLoss }: Epoch & { readonly validationLoss?: number }): number =>
  validationLoss

/** The number by which an epoch is judged. */
export const monitored = (operation: string, monitor: Monitor | undefined, epoch: Epoch): number => {
  const value: unknown = monitor === undefined ? lossOf(epoch) : (monitor as (epoch: Epoch) => number)(epoch)
  return typeof value === "number" ? value : fail("DataError", operation, "a number", describeValue(value), "monitor")
}

/** The best so far, after one more epoch. What is NaN is never better, and anything else is better than that. */
export const better = <P extends object, S extends object>(
  { minDelta }: Pick<EarlyStopping, "minDelta">,
  best: Best<P, S> | undefined,
  next: Best<P, S>
): Best<P, S> => {
  if (best === undefined) return next
  const improved = Number.isNaN(best.value) ? !Number.isNaN(next.value) : next.value < best.value - minDelta
  return improved ? next : best
}

/** Whether too many epochs have passed since the best. */
export const isExhausted = ({ patience }: EarlyStopping, best: { readonly epoch: number }, epoch: number): boolean =>
  epoch - best.epoch >= patience
