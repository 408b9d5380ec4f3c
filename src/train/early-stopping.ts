import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { fixed, flag, functionField, type OptionsOf, type Resolved } from "../options/fields.js"
import { nonNegative, positiveInteger } from "../options/range.js"
import type { Trained } from "./assess.js"
import type { Best, Epoch } from "./report.js"
import type { SomeDataset } from "./task.js"

/** What of an epoch is to become small. */
type Monitor = (epoch: never) => number

export const earlyStoppingFields = {
  /** After how many epochs in a row without an improvement training stops, a whole number from 1. */
  patience: fixed(positiveInteger),
  /** By how much more than this, ≥ 0, what is monitored must fall to have improved. Default 0. */
  minDelta: fixed(nonNegative, 0),
  /** Whether the weights to deploy are those of the best epoch, not of the last. Default no. */
  restoreBest: flag(false),
  /** From what an epoch came to, to a number that is to become small. Default: the validation loss, or else the training loss. */
  monitor: functionField<Monitor, "none">("none")
}

/** When training stops, since the validation loss (or without validation, the training loss) improves no more. */
export interface EarlyStoppingOptions<
  K extends string = never,
  V extends SomeDataset | undefined = undefined
> extends Omit<OptionsOf<typeof earlyStoppingFields>, "monitor"> {
  /**
   * By what epochs are compared, if not by that loss: from what an epoch came to, to a number that is to become small. What is
   * to become large has a minus: `monitor: epoch => -epoch.validationAccuracy` (Keras: `monitor="val_accuracy", mode="max"`).
   */
  readonly monitor?: ((epoch: Epoch<K, V>) => number) | undefined
}

type EarlyStopping = Resolved<typeof earlyStoppingFields>

/** The loss by which epochs are compared where nothing else is said. */
const lossOf = ({ trainLoss, validationLoss = trainLoss }: Epoch & { readonly validationLoss?: number }): number =>
  validationLoss

/** The number by which epochs are compared. */
const monitored = (operation: string, { monitor }: EarlyStopping, epoch: Epoch): number => {
  const value: unknown = monitor === undefined ? lossOf(epoch) : (monitor as (epoch: Epoch) => number)(epoch)
  return typeof value === "number"
    ? value
    : fail("DataError", operation, "a number", describeValue(value), "earlyStopping.monitor")
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

/** The best so far, after one more epoch and what that would deploy. */
export const bestAfter = <P extends object, S extends object>(
  operation: string,
  stopping: EarlyStopping,
  best: Best<P, S> | undefined,
  reached: Epoch & { readonly trained: Trained<P, S> }
): Best<P, S> => {
  const { epoch, trained } = reached
  return better(stopping, best, { epoch, value: monitored(operation, stopping, reached), trained })
}

/** Whether too many epochs have passed since the best. */
export const isExhausted = ({ patience }: EarlyStopping, best: { readonly epoch: number }, epoch: number): boolean =>
  epoch - best.epoch >= patience
