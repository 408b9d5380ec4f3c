import { checkNoMore, checkTold } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { functionField } from "../options/fields.js"
import type { OptimizerState } from "../optimizer/optimizer.js"
import type { StateFamily } from "../transform/transform.js"
import type { TreeLike } from "../tree/index.js"
import { epochsAs, type AsyncEpochs, type AsyncRunning, type Epochs, type Running } from "./epochs.js"
import { fields, type EpochsOptions, type NowOrLater, type WithFold } from "./options.js"
import type { StepsFold } from "./steps-fold.js"
import type { Told } from "./pass.js"
import type { Ended, Epoch, EpochEnd, Progress } from "./report.js"
import type { Dataset, SomeDataset, Task } from "./task.js"

/** What a watcher said; a promise, for which nobody waits, is told who does. */
const checkSaid = (said: unknown, path: string): Told =>
  said instanceof Promise
    ? fail("DataError", "fit", '"stop" or nothing (`for (const now of epochs(…)(…))` may await)', "a promise", path)
    : checkTold("fit", said, path)

const fitFields = {
  ...fields,
  onStep: functionField<(progress: never) => unknown, "none">("none"),
  onEpoch: functionField<(epoch: never) => unknown, "none">("none")
}

/** What a watcher may return. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a function that returns nothing is a watcher
type Says = Told | void

/** What to train on, how long, and who watches. */
export type FitOptions<
  P extends object,
  S extends object,
  O extends object,
  K extends string = never,
  V extends SomeDataset | undefined = undefined,
  I extends object = Tensor,
  Y extends object = Tensor,
  T extends object = Tensor
> = EpochsOptions<P, S, O, K, V, I, Y, T> & {
  /** Called after every step. If it returns `"stop"`, training ends. It returns nothing else, and no promise. */
  readonly onStep?: ((progress: Progress) => Says) | undefined
  /**
   * Called after every epoch, with the state and the model to deploy, otherwise as `onStep`. Until `fit` is done nothing else
   * runs, so that a file that is begun here is written at the end: to save each epoch, iterate `epochs`, and await `writeTree(…)()`.
   */
  readonly onEpoch?: ((epoch: EpochEnd<P, S, O, K, V>) => Says) | undefined
}

/** How and where training ended, and what each epoch came to. */
export interface Fitted<
  P extends object,
  S extends object,
  O extends object,
  K extends string = never,
  V extends SomeDataset | undefined = undefined,
  D extends SomeDataset = Dataset
> extends Ended<P, S, O, D> {
  /** What epochs came to, those before it included, where training went on. */
  readonly history: readonly Epoch<K, V>[]
}

/**
 * Trains for some epochs on a data set that is in memory: each is a fold of `trainStep` over shuffled batches, then the loss and
 * metrics on the validation set, if there is one, at the weights that the optimizer would deploy.
 *
 * Epochs are judged by the validation loss (without validation, the training loss), or what `monitor` makes of them: by early
 * stopping, and by an optimizer that looks at epochs, such as `pipe(adam(), reduceOnPlateau({ per: "epoch" }))`. Batches that come
 * from elsewhere, a stream or files, are folded by `foldBatches(trainStep(task))`, or one at a time by `stepBatches` or a compiled
 * `trainStep(task)`. `onStep` and `onEpoch` watch, and may stop it. The state has the parameters where training stands, `trained`
 * the ones to deploy (`evalParams` after `finish`), which were validated. `outcome` says how it ended: it is `Completed`,
 * `StoppedEarly` (`earlyStopping`), `Stopped` by a watcher, `Aborted` by its `signal`, or `Diverged`, where a loss or a parameter
 * was not finite: the state is the last good one, before that step; where all epochs were made, it is `Completed`, whatever was
 * said after the last step. What was returned can be given as `from`: training goes on as one long training, its best epoch
 * included. So what ended as `StoppedEarly` ends so again after one epoch that is no better, unless `patience` is larger or `best`
 * is left out. Options: see `FitOptions`; others are a `HyperparameterError`, as is a task that is none. Throws a `DataError` for
 * empty data or a watcher that returns anything but `"stop"` or nothing (an `async` one returns a promise; a loop over `epochs` may
 * await), a `TreeError`, `ShapeError` or `DTypeError` for a state of another task, and what model, loss and optimizer throw.
 *
 * With a `fold`, `step => stepsOnXla(step, { mesh: { data: 8 } })` of `thalweg/node`, steps are made elsewhere, on several devices say:
 * `fit` gives a promise of the same, to rounding, which rejects where it would throw, and with what the fold throws.
 *
 * Laws: the same task, key and data give the same result, to the last bit (but for the times of a `clock`); training
 * that goes on from what was fitted is one long training, to the last bit.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, add, linspace, lt, mean, mul, reshape, round, square, sub, toArray, where, type Tensor } from "thalweg"
 * import { dense, halfSquaredError, r2 } from "thalweg/nn"
 * import { sgd } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 * import { fit, splitDataset } from "thalweg/train"
 *
 * const x = reshape(linspace(-1, 1, 32), [32, 1])
 * const { train, validation } = splitDataset(key(0), { train: 0.75, validation: 0.25 })({ x, y: add(mul(x, 2), 1) })
 *
 * const task = { model: dense({ units: 1 }), loss: halfSquaredError, optimizer: sgd({ learningRate: 0.5 }) }
 * const options = { train, validation, epochs: 10, batchSize: 8, key: key(1) }
 * const fitted = fit(task)(options)
 * assert.deepStrictEqual(toArray(round(fitted.trained.params.kernel)), [[2]])
 * assert.ok(fitted.history.length === 10 && (fitted.history.at(-1)?.validationLoss ?? NaN) < 1e-4)
 *
 * const longer = fit(task)({ ...options, from: fitted, epochs: 90, earlyStopping: { patience: 3 } })
 * assert.ok(longer.outcome._tag === "StoppedEarly" && longer.history.length < 100)
 *
 * const explained = fit(task)({
 *   ...options,
 *   metrics: { r2 },
 *   monitor: epoch => -epoch.validationR2, // the largest is the best
 *   earlyStopping: { patience: 3 }
 * })
 * assert.ok((explained.best?.value ?? 0) < -0.99)
 *
 * const huber = (error: Tensor) => mean(where(lt(abs(error), 1), mul(0.5, square(error)), sub(abs(error), 0.5)))
 * const own = fit({ ...task, loss: (output, target) => huber(sub(output, target)) })(options) // a loss of one's own
 * assert.ok((own.history.at(-1)?.trainLoss ?? 1) < 0.01)
 */
export const fit = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  F extends StateFamily,
  I extends TreeLike<I>,
  Y extends object,
  T extends TreeLike<T> = Tensor, // what no annotation says, such as of `(output, target) => …`
  C extends object = object
>(
  task: Task<P, S, F, I, Y, T, C>,
  ...rest: readonly never[]
) => {
  checkNoMore("fit", "a task (then, in a second call, options)", rest)
  type O = OptimizerState<F, P>
  const epochs = epochsAs("fit", fitFields)(task)
  type D = Dataset<I, T>
  return <K extends string = never, V extends D | undefined = undefined, H extends StepsFold | undefined = undefined>(
    options: FitOptions<P, S, O, K, V, I, Y, T> & WithFold<H>
  ): NowOrLater<H, Fitted<P, S, O, K, V, D>, Promise<Fitted<P, S, O, K, V, D>>> => {
    type End = Fitted<P, S, O, K, V, D>
    const made = epochs<K, V, H>(options) as Epochs<P, S, O, K, V, D> | AsyncEpochs<P, S, O, K, V, D>
    const { onStep, onEpoch } = options
    const history: Epoch<K, V>[] = [...((options.from?.history ?? []) as readonly Epoch<K, V>[])]
    const tell = (now: Progress | EpochEnd<P, S, O, K, V>): Told => {
      if (now._tag === "Step") return checkSaid(onStep?.(now), "onStep")
      const { _tag: _, state: __, trained: ___, ...figures } = now
      history.push(figures as unknown as Epoch<K, V>)
      return checkSaid(onEpoch?.(now), "onEpoch")
    }
    const here = (running: Running<P, S, O, K, V, D>): End => {
      let turn = running.next()
      while (turn.done !== true) turn = running.next(tell(turn.value))
      return { ...turn.value, history }
    }
    const elsewhere = async (running: AsyncRunning<P, S, O, K, V, D>): Promise<End> => {
      try {
        let turn = await running.next()
        while (turn.done !== true) turn = await running.next(tell(turn.value))
        return { ...turn.value, history }
      } finally {
        await running.return(undefined as never) // where a watcher throws, the steps end
      }
    }
    const fitted = Symbol.iterator in made ? here(made[Symbol.iterator]()) : elsewhere(made[Symbol.asyncIterator]())
    return fitted as NowOrLater<H, End, Promise<End>>
  }
}
