import { checkTold } from "../dataflow/check.js"
import { scalar } from "../dataflow/create.js"
import { underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { evaluate, locate, stepBatches } from "../engine/index.js"
import type { OptimizerState } from "../optimizer/optimizer.js"
import { requireLike } from "../tree/require-like.js"
import { key as keyOf } from "../random/index.js"
import type { StateFamily } from "../transform/transform.js"
import type { Tree, TreeLike } from "../tree/index.js"
import { assess, type Trained } from "./assess.js"
import { augmentedStep } from "./augmented-step.js"
import { firstExamples } from "./dataset.js"
import { better, isExhausted, monitored } from "./early-stopping.js"
import { foldedBy, type StepsFold } from "./steps-fold.js"
import { meanOf, overBatches, summarize, summarizeAs, type Metrics } from "./metrics.js"
import {
  checkOptions,
  fields,
  type CheckedOptions,
  type EpochsOptions,
  type NowOrLater,
  type WithFold
} from "./options.js"
import { passing, speedOf, type Passed, type Told, type Waiting } from "./pass.js"
import { type Best, onSet, type Ended, type EpochEnd, type Outcome, type Progress } from "./report.js"
import { initTraining, stepTelling, type TrainState } from "./step.js"
import { checkTask, type Dataset, type SomeDataset, type Task } from "./task.js"

/** Steps and epochs as they are made; told `"stop"`, it makes no more and returns how and where training ended. */
export type Running<
  P extends object,
  S extends object,
  O extends object,
  K extends string,
  V extends SomeDataset | undefined,
  D extends SomeDataset = Dataset
> = Generator<Progress | EpochEnd<P, S, O, K, V>, Ended<P, S, O, D>, Told>

/** The same where a `fold` makes the steps: one waits for each. */
export type AsyncRunning<
  P extends object,
  S extends object,
  O extends object,
  K extends string,
  V extends SomeDataset | undefined,
  D extends SomeDataset = Dataset
> = AsyncGenerator<Progress | EpochEnd<P, S, O, K, V>, Ended<P, S, O, D>, Told>

/** Steps and epochs that are made while one iterates; every iteration makes the same, to the last bit. */
export interface Epochs<
  P extends object,
  S extends object,
  O extends object,
  K extends string = never,
  V extends SomeDataset | undefined = undefined,
  D extends SomeDataset = Dataset
> {
  [Symbol.iterator](): Running<P, S, O, K, V, D>
}

/** The same where a `fold` makes the steps. */
export interface AsyncEpochs<
  P extends object,
  S extends object,
  O extends object,
  K extends string = never,
  V extends SomeDataset | undefined = undefined,
  D extends SomeDataset = Dataset
> {
  [Symbol.asyncIterator](): AsyncRunning<P, S, O, K, V, D>
}

/** Who iterates waits for what has to be waited for. */
async function* waiting<A extends { readonly _tag: string }, R>(
  running: Generator<A | Waiting, R, Told>
): AsyncGenerator<A, R, Told> {
  const isWaiting = (now: A | Waiting): now is Waiting => now._tag === "Waiting"
  const answered = async (promise: Promise<unknown>): Promise<IteratorResult<A | Waiting, R>> => {
    let value: unknown
    try {
      value = await promise
    } catch (error) {
      return running.throw(error)
    }
    return running.next(value as Told) // what answers is asked for as what it is
  }
  try {
    let turn = running.next()
    while (turn.done !== true)
      turn = isWaiting(turn.value) ? await answered(turn.value.promise) : running.next(yield turn.value)
    return turn.value
  } finally {
    running.return(undefined as R) // where who iterates goes away, the steps end
  }
}

type StateOfTask<P extends object, S extends object, F extends StateFamily> = TrainState<P, S, OptimizerState<F, P>>

/** From where training begins: a state that is drawn, or the one that was given, if it is like that. */
const startOf = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  F extends StateFamily,
  I extends object,
  O extends object,
  T extends object
>(
  operation: string,
  task: Task<P, S, F, I, O, T>,
  { key, from, train, batchSize }: CheckedOptions<P, S, OptimizerState<F, P>, never, SomeDataset | undefined>
): StateOfTask<P, S, F> => {
  const batch = firstExamples((train as Dataset<I & Tree, T>).x, batchSize)
  const drawn = initTraining(task)(key ?? keyOf(0), batch)
  if (from === undefined) return drawn
  requireLike(operation, "from.state", drawn, from.state)
  if (from.best !== undefined)
    requireLike(operation, "from.best.trained", { params: drawn.params, state: drawn.state }, from.best.trained)
  return from.state
}

/** What would be deployed: nothing is held back, and the model's state. */
const deploying =
  <P extends TreeLike<P>, S extends TreeLike<S>, F extends StateFamily>({
    optimizer
  }: Pick<Task<P, S, F>, "optimizer">) =>
  (reached: StateOfTask<P, S, F>): Trained<P, S> => {
    const [params, finished] = optimizer.finish(reached.params, reached.optimizer)
    return evaluate({ params: optimizer.evalParams(params, finished), state: reached.state })
  }

/** The losses and metrics of a model that is deployed, on a validation set if there is one. */
const validating = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  F extends StateFamily,
  I extends TreeLike<I>,
  O extends object,
  T extends TreeLike<T>,
  K extends string
>(
  { model, loss }: Task<P, S, F, I, O, T>,
  { metrics, validation, fusedMultiplyAdd }: CheckedOptions<P, S, OptimizerState<F, P>, K, SomeDataset | undefined>
) => {
  const found = assess<P, S, K | "loss", I, O, T>(model, { ...metrics, loss }, { fusedMultiplyAdd })
  return (trained: Trained<P, S>) =>
    validation === undefined
      ? {}
      : onSet(
          "validation",
          underPath("validation", () => found(trained, validation as Dataset<I, T>))
        )
}

/** A step whose argument and result have names, for what is found in them. */
const named =
  <S, B, M>(step: (state: S, batch: B) => readonly [state: S, metrics: M]) =>
  ({ state: before, batch }: { readonly state: S; readonly batch: B }) => {
    const [state, metrics] = step(before, batch)
    return { state, metrics }
  }

/** The state after an epoch, which an optimizer that looks at epochs is told of. */
const afterEpoch = <P extends TreeLike<P>, S extends object, F extends StateFamily>(
  { optimizer }: Pick<Task<P, S, F>, "optimizer">,
  state: StateOfTask<P, S, F>,
  value: number
): StateOfTask<P, S, F> =>
  optimizer.motion.endEpoch === undefined
    ? state
    : { ...state, optimizer: evaluate(optimizer.endEpoch(state.optimizer, scalar(value, "f64"))) }

/** What a whole pass came to, and the number by which it is judged. */
const reporting = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  F extends StateFamily,
  I extends TreeLike<I>,
  O extends object,
  T extends TreeLike<T>,
  K extends string,
  V extends SomeDataset | undefined
>(
  task: Task<P, S, F, I, O, T>,
  deploy: (reached: StateOfTask<P, S, F>) => Trained<P, S>,
  metrics: Metrics<K | "loss", O, T>,
  options: CheckedOptions<P, S, OptimizerState<F, P>, K, V>,
  operation: string
) => {
  const validate = validating(task, options)
  return (
    { state, made }: Passed<P, S, OptimizerState<F, P>, K>,
    epoch: number
  ): { readonly reached: EpochEnd<P, S, OptimizerState<F, P>, K, V>; readonly value: number } => {
    const trained = deploy(state)
    const figures = {
      epoch,
      ...onSet(
        "train",
        overBatches(
          metrics,
          made.map(step => step.metrics)
        )
      ),
      ...validate(trained),
      gradientNorm: meanOf(made.map(({ gradientNorm, examples }) => ({ value: gradientNorm, weight: examples }))),
      parameterNorm: made.at(-1)?.parameterNorm ?? NaN,
      ...speedOf(made)
    }
    Object.freeze(figures) // which a user sees before they become history
    const value = monitored(operation, options.monitor, figures)
    const told = { _tag: "Epoch", ...figures, state: afterEpoch(task, state, value), trained }
    return { reached: told as unknown as EpochEnd<P, S, OptimizerState<F, P>, K, V>, value } // names and validation are as K and V say
  }
}

/** `epochs`, whose errors name another function, which may have more options. */
export const epochsAs =
  (operation: string, known: typeof fields) =>
  <
    P extends TreeLike<P>,
    S extends TreeLike<S>,
    F extends StateFamily,
    I extends TreeLike<I>,
    Y extends object,
    T extends TreeLike<T> = Tensor, // what no annotation says
    C extends object = object
  >(
    task: Task<P, S, F, I, Y, T, C>
  ) => {
    type O = OptimizerState<F, P>
    type D = Dataset<I, T>
    const own = checkTask(operation, task as Task<P, S, F, I, Y, T>) // the types of a task let no context be needed
    return <K extends string = never, V extends D | undefined = undefined, H extends StepsFold | undefined = undefined>(
      options: EpochsOptions<P, S, O, K, V, I, Y, T> & WithFold<H>
    ): NowOrLater<H, Epochs<P, S, O, K, V, D>, AsyncEpochs<P, S, O, K, V, D>> => {
      type Made = NowOrLater<H, Epochs<P, S, O, K, V, D>, AsyncEpochs<P, S, O, K, V, D>>
      const checked = checkOptions(operation, known, options)
      const { epochs, from, earlyStopping, signal, fusedMultiplyAdd, fold } = checked
      const start = startOf(operation, own, checked)
      const metrics: Metrics<K | "loss", Y, T> = { ...checked.metrics, loss: own.loss }
      const plain = stepTelling(own, (output: Y, target: T, loss) => ({
        ...summarize(checked.metrics as Metrics<K, Y, T>, output, target),
        loss: summarizeAs("loss", own.loss, output, target, () => loss)
      }))
      const step = checked.augment === undefined ? plain : augmentedStep(plain, checked.augment)
      const pass = passing(operation, checked, {
        metrics,
        steps: fold === undefined ? stepBatches(step, { fusedMultiplyAdd }) : foldedBy(operation, fold, step),
        locating: locate(named(step))
      })
      const deploy = deploying<P, S, F>(own)
      const report = reporting(own, deploy, metrics, checked, operation)
      const end = (outcome: Outcome<P, S, O, D>, state: TrainState<P, S, O>, best?: Best<P, S>): Ended<P, S, O, D> => ({
        outcome,
        state,
        trained: earlyStopping?.restoreBest === true && best !== undefined ? best.trained : deploy(state),
        ...(best && { best })
      })
      const run = function* (): Generator<Progress | EpochEnd<P, S, O, K, V> | Waiting, Ended<P, S, O, D>, Told> {
        let [state, best] = [start, from?.best]
        const before = from?.history?.at(-1)?.epoch ?? 0
        const last = before + epochs
        for (let epoch = before + 1; epoch <= last; epoch++) {
          if (signal?.aborted === true) return end({ _tag: "Aborted" }, state, best)
          const passed = yield* pass(state, epoch, epoch - before)
          state = passed.state
          if (passed.ended !== undefined && !passed.whole) return end(passed.ended, state, best)
          const { reached, value } = report(passed, epoch)
          state = reached.state
          if (earlyStopping) best = better(earlyStopping, best, { epoch, value, trained: reached.trained })
          const told = checkTold(operation, yield reached)
          if (epoch === last) break // all steps are made, so that nothing ended them
          if (passed.ended !== undefined) return end(passed.ended, state, best)
          if (told === "stop") return end({ _tag: "Stopped" }, state, best)
          if (earlyStopping && best && isExhausted(earlyStopping, best, epoch))
            return end({ _tag: "StoppedEarly", epoch: best.epoch }, state, best)
        }
        return end({ _tag: "Completed" }, state, best)
      }
      // what is made here is not waited for
      const made = fold === undefined ? { [Symbol.iterator]: run } : { [Symbol.asyncIterator]: () => waiting(run()) }
      return made as unknown as Made
    }
  }

/**
 * Trains for some epochs, step by step as one iterates: each step is told (`Progress`, `_tag: "Step"`), and after the
 * last of an epoch what it came to (`EpochEnd`, `_tag: "Epoch"`), with the state and the model to deploy. Between two of
 * them whoever iterates may draw, wait, or go away; `fit` is the fold of it.
 *
 * Every iteration begins anew and makes the same bits. An iterator that is told `next("stop")` after a step ends training: it
 * returns how and where (`Ended`), as it does at the end. An epoch is a fold of `trainStep` over batches, shuffled by the
 * third part of the key that the state has when it begins, so that training goes on `from` a state as if it had not
 * been interrupted; after a stop within an epoch, a new epoch begins.
 * With a `fold`, such as `step => stepsOnXla(step)` of `thalweg/node`, steps are made elsewhere, and one iterates by `for await`.
 *
 * Options: see `EpochsOptions`; others are a `HyperparameterError`, as is a task that is none. Throws a `DataError` for
 * empty data, a `TreeError`, `ShapeError` or `DTypeError` for a state of another task, and what model, loss and
 * optimizer throw.
 *
 * @example
 * import assert from "node:assert"
 * import { linspace, mul, reshape } from "thalweg"
 * import { dense, halfSquaredError } from "thalweg/nn"
 * import { sgd } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 * import { epochs } from "thalweg/train"
 *
 * const x = reshape(linspace(-1, 1, 12), [12, 1])
 * const task = { model: dense({ units: 1 }), loss: halfSquaredError, optimizer: sgd({ learningRate: 0.5 }) }
 * const told: string[] = []
 * for (const now of epochs(task)({ train: { x, y: mul(x, 2) }, epochs: 100, batchSize: 8, key: key(0) })) {
 *   told.push(now._tag === "Step" ? `${now.step} of ${now.steps}` : `epoch ${now.epoch}`)
 *   if (now._tag === "Epoch" && now.epoch === 2) break
 * }
 * assert.deepStrictEqual(told, ["1 of 200", "2 of 200", "epoch 1", "3 of 200", "4 of 200", "epoch 2"])
 */
export const epochs = /* @__PURE__ */ epochsAs("epochs", fields)
