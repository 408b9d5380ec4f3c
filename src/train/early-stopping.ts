import { fixed, flag, type OptionsOf, type Resolved } from "../options/fields.js"
import { nonNegative, positiveInteger } from "../options/range.js"
import type { Trained } from "./assess.js"

export const earlyStoppingFields = {
  /** After how many epochs in a row without an improvement training stops, a whole number from 1. */
  patience: fixed(positiveInteger),
  /** By how much more than this, ≥ 0, the loss must fall to have improved. Default 0. */
  minDelta: fixed(nonNegative, 0),
  /** Whether the weights to deploy are those of the best epoch, not of the last. Default no. */
  restoreBest: flag(false)
}

/** When training stops, since the validation loss (or without validation, the training loss) improves no more. */
export interface EarlyStoppingOptions extends OptionsOf<typeof earlyStoppingFields> {}

/** The epoch of the best loss so far, and what it would deploy. */
export interface Best<P extends object, S extends object> {
  readonly epoch: number
  readonly loss: number
  readonly trained: Trained<P, S>
}

type EarlyStopping = Resolved<typeof earlyStoppingFields>

/** The best so far, after one more epoch. A loss that is NaN is never better, and any other is better than that. */
export const better = <P extends object, S extends object>(
  { minDelta }: EarlyStopping,
  best: Best<P, S> | undefined,
  next: Best<P, S>
): Best<P, S> => {
  if (best === undefined) return next
  const improved = Number.isNaN(best.loss) ? !Number.isNaN(next.loss) : next.loss < best.loss - minDelta
  return improved ? next : best
}

/** Whether too many epochs have passed since the best. */
export const isExhausted = ({ patience }: EarlyStopping, best: { readonly epoch: number }, epoch: number): boolean =>
  epoch - best.epoch >= patience
