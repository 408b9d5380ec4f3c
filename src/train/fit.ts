import type { Tensor } from "../dataflow/primitive.js"
import { foldBatches, item } from "../engine/index.js"
import { foldIn, split } from "../random/index.js"
import { checkNumber, count } from "../schedule/schedule.js"
import type { StateFamily, StateOf } from "../transform/transform.js"
import type { Tree } from "../tree/index.js"
import { assess } from "./assess.js"
import { batches, exampleCount } from "./dataset.js"
import { initTraining, trainStep, type Dataset, type Task, type TrainState } from "./step.js"

/** What one epoch came to. */
export interface Epoch {
  /** The number of epochs done, from 1. */
  readonly epoch: number
  /** The mean of the losses of its batches, each before its step. */
  readonly trainLoss: number
  readonly validationLoss: number
}

/** Where training stands after a step. */
export interface Progress {
  readonly epoch: number
  /** Steps done, from 1, over all epochs. */
  readonly step: number
  readonly steps: number
  readonly loss: number
  readonly rate: number
}

export interface FitOptions {
  readonly train: Dataset
  readonly validation: Dataset
  readonly epochs: number
  readonly batchSize: number
  /** From which parameters, shuffles and dropout are drawn. */
  readonly key: Tensor
  readonly onStep?: (progress: Progress) => void
  readonly onEpoch?: (epoch: Epoch) => void
}

export interface Fitted<P extends Tree, S extends Tree, O extends Tree> {
  readonly state: TrainState<P, S, O>
  readonly history: readonly Epoch[]
}

/**
 * Trains for some epochs: each is a fold of `trainStep` over shuffled batches, then the loss on the validation set, at the
 * weights that the optimizer would deploy.
 *
 * The same key and data give the same result to the last bit. `onStep` and `onEpoch` only watch.
 * Throws a `HyperparameterError` for `epochs` or `batchSize` that are not whole numbers from 1, a `DataError` for empty data.
 */
export const fit =
  <P extends Tree, S extends Tree, F extends StateFamily>(task: Task<P, S, F>) =>
  (options: FitOptions): Fitted<P, S, StateOf<F, P>> => {
    const { train, validation, epochs, batchSize, key } = options
    checkNumber("fit", "epochs", count, epochs)
    checkNumber("fit", "batchSize", count, batchSize)
    const perEpoch = Math.ceil(exampleCount("fit", train) / batchSize)
    exampleCount("fit", validation)
    const [initKey, shuffleKey] = split(key)
    const lossOn = assess(task.model, { loss: task.loss })
    const history: Epoch[] = []
    let step = 0
    const run = foldBatches(trainStep(task), {
      onStep: ({ loss, rate }) => {
        step++
        options.onStep?.({
          epoch: history.length + 1,
          step,
          steps: epochs * perEpoch,
          loss: item(loss),
          rate: item(rate)
        })
      }
    })
    let state = initTraining(task)(initKey, train.x.shape.slice(1))
    while (history.length < epochs) {
      const shuffled = batches({ batchSize, key: foldIn(shuffleKey, history.length) })(train)
      const [next, metrics] = run(state, shuffled)
      state = next
      const deployed = { ...state, params: task.optimizer.evalParams(state.params, state.optimizer) }
      const epoch = {
        epoch: history.length + 1,
        trainLoss: metrics.reduce((sum, { loss }) => sum + item(loss), 0) / metrics.length,
        validationLoss: lossOn(deployed, validation).loss
      }
      history.push(epoch)
      options.onEpoch?.(epoch)
    }
    return { state, history }
  }
