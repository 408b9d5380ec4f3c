import { type Best, capitalized, type Epoch } from "./report.js"
import type { Tensor } from "../dataflow/primitive.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail, underPath } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import {
  choice,
  codeField,
  fixed,
  flag,
  functionField,
  type CodeField,
  type OptionsOf,
  type Resolved
} from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { recordField, resolve } from "../options/resolve.js"
import type { BatchAugmentation } from "./augmented-step.js"
import { batches, checkDataset } from "./dataset.js"
import { earlyStoppingFields, type EarlyStoppingOptions, type Monitor } from "./early-stopping.js"
import { checkMetrics, type Metrics } from "./metrics.js"
import type { TrainState } from "./step.js"
import type { StepsFold } from "./steps-fold.js"
import type { Dataset, SomeDataset } from "./task.js"

/** How steps are made over batches, if otherwise than here, by a fold of type `H`. */
export interface WithFold<H extends StepsFold | undefined> {
  /**
   * Makes the steps over batches of a step, in place of `stepBatches`, elsewhere: `step => stepsOnXla(step, { mesh: { data: 8 } })`.
   * What comes of it is waited for: `fit` gives a promise, and over `epochs` one iterates by `for await`. Who states the types `K` and
   * `V` states `StepsFold` after them: nothing is inferred beside types that are stated.
   */
  readonly fold?: H | StepsFold
}

/** What is there at once, or, where a fold makes the steps, will be. */
export type NowOrLater<H extends StepsFold | undefined, Now, Later> = H extends undefined ? Now : Later

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** A data set, of which each part is looked at by itself. */
const datasetField = <D extends "none" | undefined = undefined>(value?: D): CodeField<SomeDataset, D> => {
  const whole = codeField(
    "a record of tensors x and y",
    (given): given is SomeDataset => isObject(given) && "x" in given && "y" in given,
    value
  )
  const check = (operation: string, name: string, given: unknown): SomeDataset => {
    const data = whole.check(operation, name, given) as Dataset
    return underPath(name, () => checkDataset<SomeDataset>(operation, data))
  }
  return { ...whole, check }
}

/** What epochs came to, as `fit` returns it or a file has it. */
type History = readonly Readonly<Record<string, number>>[]

/** Numbers of epochs, rising, that leave room for more. */
const areEpochs = (numbers: readonly unknown[]): boolean =>
  numbers.every((n, i) => Number.isInteger(n) && (n as number) > Number(numbers[i - 1] ?? 0) && (n as number) < 2 ** 31)

const isHistory = (value: unknown): value is History =>
  Array.isArray(value) && areEpochs(Array.from(value, epoch => (isRecord(epoch) ? epoch["epoch"] : undefined)))

const isBest = (value: unknown): value is object =>
  isRecord(value) &&
  Number.isInteger(value["epoch"]) &&
  typeof value["value"] === "number" &&
  isRecord(value["trained"])

const fromFields = {
  state: codeField("a state of training", isRecord),
  history: codeField<History, "none">("a list of epochs whose numbers rise", isHistory, "none"),
  best: codeField("the best epoch, as fit returns it", isBest, "none"),
  trained: codeField("a record", isObject, "none"),
  outcome: codeField("a record", isObject, "none")
}

const record = recordField(fromFields)

/** What `fit` returned, or a record with its state: other records, such as that state by itself, which has parameters, are told so. */
const fromField: typeof record = {
  ...record,
  check: (operation, name, value) =>
    isRecord(value) && (!Object.hasOwn(value, "state") || Object.hasOwn(value, "params"))
      ? fail(
          "HyperparameterError",
          operation,
          `${name} to be what fit returned, or { state } of it`,
          describeValue(value)
        )
      : record.check(operation, name, value)
}

const keyField = codeField<Tensor, "none">("a key, such as key(0) of thalweg/random", isTensor, "none")

export const fields = {
  /** What is trained on. */
  train: datasetField(),
  /** Watched, never trained on. */
  validation: datasetField("none"),
  /** How often all of `train` is seen, a whole number from 1; where training goes on, how often yet. */
  epochs: fixed(positiveInteger),
  /** Examples per step, a whole number from 1. */
  batchSize: fixed(positiveInteger),
  /** What happens to the examples of an epoch that do not fill its last batch: other ones each time. Default `"keep"`. */
  remainder: batches.fields.remainder,
  /** Changes each batch of `train` by a key before its step, as `mixup()` does. */
  augment: functionField<BatchAugmentation<never>, "none">("none"),
  /** From which parameters, shuffles and dropout are drawn. */
  key: keyField,
  /** Where training goes on: what `fit` returned, or a state alone. */
  from: fromField,
  /** What is told of each epoch besides the loss, by name: functions of outputs and targets to a scalar. */
  metrics: codeField<Metrics<string, never, never>, "none">(
    "a record of functions, none of them named loss, which is told anyway, nor alike but for the case of a first letter",
    (value): value is Metrics<string, never, never> =>
      isRecord(value) &&
      Object.keys(value).every(name => name.toLowerCase() !== "loss") &&
      new Set(Object.keys(value).map(capitalized)).size === Object.keys(value).length,
    "none"
  ),
  /** From what an epoch came to, to a number that is to become small. Default: the validation loss, or else the training loss. */
  monitor: functionField<Monitor, "none">("none"),
  /** Stops when what is monitored improves no more. */
  earlyStopping: recordField(earlyStoppingFields),
  /**
   * What a loss or a parameter that is not finite does: `"stop"` (the default) ends training with the state before that
   * step; `"ignore"` goes on, as for an optimizer that skips such steps (`ifFinite`).
   */
  divergence: choice(["stop", "ignore"], "stop"),
  /**
   * Ends training before the next step, if there is one, once it is aborted: an `AbortSignal`. Without a `fold`, `fit` lets no timer
   * and no button run meanwhile, so that only a watcher can abort it; between steps of `epochs` one may wait for them.
   */
  signal: codeField<{ readonly aborted: boolean }, "none">(
    "an AbortSignal",
    (value): value is { readonly aborted: boolean } =>
      isObject(value) && typeof (value as { readonly aborted?: unknown }).aborted === "boolean",
    "none"
  ),
  /** Whether products are added before they are rounded, where the host can (`EngineOptions`). Default true. */
  fusedMultiplyAdd: flag(true),
  /**
   * Tells the time in milliseconds, as `() => performance.now()` does, for `examplesPerSecond`. It should not go back, as that of
   * `Date.now` may.
   */
  clock: functionField<() => number, "none">("none"),
  fold: functionField<StepsFold, "none">("none")
}

/** Where training goes on: what `fit` returned, or a state alone. */
export interface From<P extends object, S extends object, O extends object> {
  readonly state: TrainState<P, S, O>
  /** What epochs came to before. Default none. */
  readonly history?: History | undefined
  /** The best of them, for early stopping. */
  readonly best?: Best<P, S> | undefined
}

type Shared = Omit<
  OptionsOf<typeof fields>,
  "train" | "validation" | "augment" | "key" | "from" | "metrics" | "monitor" | "earlyStopping" | "fold"
>

/** What to train on and how long: where training begins, from a `key`, or where it goes on, `from` a state. */
export type EpochsOptions<
  P extends object,
  S extends object,
  O extends object,
  K extends string = never,
  V extends SomeDataset | undefined = undefined,
  I extends object = Tensor,
  Y extends object = Tensor,
  T extends object = Tensor
> = Shared & {
  /** What is trained on. */
  readonly train: Dataset<I, T>
  /** Watched, never trained on. */
  readonly validation?: V
  /** Not looked at while one trains: `const { test, ...parts } = splitDataset(…)(data)`, of which `parts` are options. */
  readonly test?: never
  /**
   * Changes each batch of `train` by a key before its step (`augmentedStep`), examples and what is wanted of them together:
   * `mixup()`, or `(key, { x, y }) => ({ x: randomFlip()(key, x), y })`. The validation set stays as it is; the loss and the
   * metrics of `train` are those of what batches became. Keys are those of the state, so that training goes on to the same bits.
   */
  readonly augment?: BatchAugmentation<Dataset<I, T>> | undefined
  /**
   * What is told of each epoch besides the loss, by name: functions of outputs and targets to a scalar. Where targets are
   * `{ target, weights }`, for a `weighted` loss, `metricFold` makes a metric look at the target (`assess` has an example).
   */
  readonly metrics?: Metrics<K, Y, T> | undefined
  /**
   * By what epochs are judged, for early stopping and for an optimizer that looks at epochs (`reduceOnPlateau({ per: "epoch" })`):
   * from what an epoch came to, to a number that is to become small. Default: the validation loss, or else the training
   * loss. What is to become large has a minus: `monitor: epoch => -epoch.validationAccuracy` (Keras: `monitor="val_accuracy",
   * mode="max"`).
   */
  readonly monitor?: ((epoch: Epoch<K, V>) => number) | undefined
  /** Stops when what is monitored improves no more. */
  readonly earlyStopping?: EarlyStoppingOptions | undefined
} & (
    | { readonly key?: Tensor | undefined; readonly from: From<P, S, O> }
    // the last, which compilers tell of where there is neither
    | {
        /** From which parameters, shuffles and dropout are drawn; where training goes on, it is not looked at. */
        readonly key: Tensor
        /**
         * Where training goes on: what `fit` returned, or a state alone. What stopped early stops again after one epoch
         * that is no better, unless `patience` is larger or `best` is left out.
         */
        readonly from?: From<P, S, O> | undefined
      }
  )

/** The same, checked and complete. */
export interface CheckedOptions<
  P extends object,
  S extends object,
  O extends object,
  K extends string,
  V extends SomeDataset | undefined
> extends Omit<Resolved<typeof fields>, "validation" | "from" | "metrics" | "augment"> {
  readonly validation: V
  readonly from: From<P, S, O> | undefined
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- of batches that the task knows
  readonly augment: BatchAugmentation<any> | undefined
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- of outputs and targets that the task knows
  readonly metrics: Metrics<K, any, any>
}

/** Checks options, of which fields cannot say the types that depend on the task. */
export const checkOptions = <
  P extends object,
  S extends object,
  O extends object,
  K extends string,
  V extends SomeDataset | undefined,
  I extends object,
  Y extends object,
  T extends object
>(
  operation: string,
  known: typeof fields,
  options: EpochsOptions<P, S, O, K, V, I, Y, T>
): CheckedOptions<P, S, O, K, V> => {
  const { metrics = {}, ...checked } = resolve(operation, known, options as OptionsOf<typeof fields>)
  if (checked.from === undefined && checked.key === undefined) keyField.check(operation, "key", undefined)
  return { ...checked, metrics: checkMetrics(operation, metrics) } as unknown as CheckedOptions<P, S, O, K, V>
}
