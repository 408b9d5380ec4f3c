import type { NonFinite } from "../engine/index.js"
import type { Trained } from "./assess.js"
import type { Means } from "./metrics.js"
import type { TrainState } from "./step.js"
import type { Dataset, SomeDataset } from "./task.js"

/** The best epoch so far: what was monitored of it, such as the validation loss, and what it would deploy. */
export interface Best<P extends object, S extends object> {
  readonly epoch: number
  readonly value: number
  readonly trained: Trained<P, S>
}

/** Norms and speed, of a step or of an epoch. */
type Figures = {
  /** The Euclidean norm of all gradients together, before clips; of an epoch, the mean over its examples. */
  readonly gradientNorm: number
  /** The Euclidean norm of all parameters together, after the step or the epoch. */
  readonly parameterNorm: number
  /**
   * Examples per second of its steps, where a `clock` is given: without those over which it went back, and left out where it
   * tells of no time, as a coarse one does of a short step.
   */
  readonly examplesPerSecond?: number
}

/** Where training stands after a step. */
export interface Progress extends Figures {
  readonly _tag: "Step"
  /** The epoch, from 1. */
  readonly epoch: number
  /** Steps done, from 1, over all epochs of this call. */
  readonly step: number
  /** Steps there will be, over all epochs of this call. */
  readonly steps: number
  /** The loss of the batch before the step. */
  readonly loss: number
  /** The learning rate that the step applied. */
  readonly rate: number
}

/** The loss and the metrics on a set: `trainLoss`, `trainAccuracy`. */
type OnSet<Name extends string, K extends string> = {
  readonly [metric in K | "loss" as `${Name}${Capitalize<metric>}`]: number
}

/** The same on a validation set, which may be left out, or not be known to be there. */
type OnValidation<K extends string, V extends SomeDataset | undefined> = [V] extends [undefined]
  ? unknown
  : undefined extends V
    ? Partial<OnSet<"validation", K>>
    : OnSet<"validation", K>

/**
 * What one epoch came to, a flat record of numbers: the number of epochs done, from 1 (`epoch`); the loss and each metric
 * over the training set, of every batch before its step (`trainLoss`, `trainAccuracy`), and over the validation set, if there
 * is one, after its last step and without training behaviour (`validationLoss`, `validationAccuracy`), both merged or
 * averaged over batches as by `assess`; norms and speed.
 */
export type Epoch<K extends string = never, V extends SomeDataset | undefined = undefined> = Figures &
  OnSet<"train", K> & { readonly epoch: number } & OnValidation<K, V>

/** What one epoch came to, where training stands after it, and the model to deploy, which was validated. */
export type EpochEnd<
  P extends object,
  S extends object,
  O extends object,
  K extends string = never,
  V extends SomeDataset | undefined = undefined
> = Epoch<K, V> & {
  readonly _tag: "Epoch"
  readonly state: TrainState<P, S, O>
  readonly trained: Trained<P, S>
}

/** How training ended. */
export type Outcome<P extends object, S extends object, O extends object, D extends SomeDataset = Dataset> =
  /** All epochs were made, whatever was said after the last step. */
  | { readonly _tag: "Completed" }
  /** The loss improved no more since this epoch. */
  | { readonly _tag: "StoppedEarly"; readonly epoch: number }
  /** A watcher said `"stop"`. */
  | { readonly _tag: "Stopped" }
  /** By its signal. */
  | { readonly _tag: "Aborted" }
  /**
   * At this step a loss or a parameter was not finite: the state before it, its batch, in which rows of the training set
   * the examples of that stand, and what `locate` finds of `({ state, batch }) => ({ state, metrics })`: the operation or
   * the argument from which the first such value came. `0/batch/x` are the examples, `0/state/optimizer/count` is what
   * schedules see; a rate that is not finite reaches `metrics/rate`.
   */
  | {
      readonly _tag: "Diverged"
      readonly epoch: number
      readonly step: number
      readonly loss: number
      readonly before: TrainState<P, S, O>
      readonly batch: D
      readonly rows: readonly number[]
      readonly cause?: NonFinite
    }

/** A name as it follows that of a set. */
export const capitalized = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

/** The means of the loss and of metrics, named after the set. */
export const onSet = <Name extends string, K extends string>(set: Name, means: Means<K | "loss">): OnSet<Name, K> => {
  const named = (metric: string): string => `${set}${capitalized(metric)}`
  return Object.fromEntries(Object.entries<number>(means).map(([metric, mean]) => [named(metric), mean])) as OnSet<
    Name,
    K
  >
}

/** How and where training ended. */
export interface Ended<P extends object, S extends object, O extends object, D extends SomeDataset = Dataset> {
  readonly outcome: Outcome<P, S, O, D>
  /** From where training could go on; where it diverged, before that step. */
  readonly state: TrainState<P, S, O>
  /** What to predict with: the weights that the optimizer would deploy when it is finished, and the model's state. */
  readonly trained: Trained<P, S>
  /** The best epoch, where early stopping looks for it. */
  readonly best?: Best<P, S>
}
