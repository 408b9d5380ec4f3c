import { isTensor } from "../dataflow/tensor.js"
import { evaluate, foldBatches, item } from "../engine/index.js"
import { codeField, fixed, functionField, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { resolve } from "../options/resolve.js"
import type { OptimizerState } from "../optimizer/optimizer.js"
import { foldIn, split } from "../random/index.js"
import type { StateFamily } from "../transform/transform.js"
import type { TreeLike } from "../tree/index.js"
import { assess, type Trained } from "./assess.js"
import { batches, exampleCount } from "./dataset.js"
import { meansOverExamples, measured } from "./metrics.js"
import { initTraining, trainStep, type Dataset, type StepMetrics, type Task, type TrainState } from "./step.js"

/** What one epoch came to. */
export type Epoch = {
  /** The number of epochs done, from 1. */
  readonly epoch: number
  /** The mean of the losses of its batches, each before its step and with its number of examples as weight. */
  readonly trainLoss: number
  /** The mean loss over the validation set after its last step, without training behaviour. */
  readonly validationLoss: number
}

/** Where training stands after a step. */
export interface Progress {
  readonly epoch: number
  /** Steps done, from 1, over all epochs. */
  readonly step: number
  /** Steps there will be, over all epochs. */
  readonly steps: number
  /** The loss of the batch before the step. */
  readonly loss: number
  /** The learning rate that the step applied. */
  readonly rate: number
}

const datasetField = codeField("a record of tensors x and y", (value): value is Dataset => {
  const { x, y } = (value ?? {}) as Partial<Dataset>
  return isTensor(x) && isTensor(y)
})

const fields = {
  /** What is trained on. */
  train: datasetField,
  /** Watched, never trained on. */
  validation: datasetField,
  /** How often all of `train` is seen, a whole number from 1. */
  epochs: fixed(positiveInteger),
  /** Examples per step, a whole number from 1. */
  batchSize: fixed(positiveInteger),
  /** From which parameters, shuffles and dropout are drawn. */
  key: codeField("a tensor", isTensor),
  /** Called after every step. */
  onStep: functionField<(progress: Progress) => void, "none">("none"),
  /** Called after every epoch. */
  onEpoch: functionField<(epoch: Epoch) => void, "none">("none")
}

/** What to train on, and how long. */
export interface FitOptions extends OptionsOf<typeof fields> {}

/** The state after the last step, the model to deploy, and what each epoch came to. */
export interface Fitted<P extends object, S extends object, O extends object> {
  /** From where training could go on. */
  readonly state: TrainState<P, S, O>
  /** What to predict with: the weights that the optimizer would deploy, and the model's state. */
  readonly trained: Trained<P, S>
  readonly history: readonly Epoch[]
}

/**
 * Trains for some epochs: each is a fold of `trainStep` over shuffled batches, then the loss on the validation set, at
 * the weights that the optimizer would deploy.
 *
 * `onStep` and `onEpoch` only watch. The state has the parameters where training stands, `trained` the ones to deploy
 * (`evalParams`), which were validated.
 * Options: see `FitOptions`; others are a `HyperparameterError`. Throws a `DataError` for empty data, and what model,
 * loss and optimizer throw.
 *
 * Law: the same task, key and data give the same result, to the last bit.
 *
 * @example
 * import assert from "node:assert"
 * import { add, linspace, mul, reshape, round, toArray } from "thalweg"
 * import { dense, halfSquaredError } from "thalweg/nn"
 * import { sgd } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 * import { fit, splitDataset } from "thalweg/train"
 *
 * const x = reshape(linspace(-1, 1, 32), [32, 1])
 * const { train, validation } = splitDataset(key(0), { train: 0.75, validation: 0.25 })({ x, y: add(mul(x, 2), 1) })
 *
 * const task = { model: dense(1), loss: halfSquaredError, optimizer: sgd({ learningRate: 0.5 }) }
 * const { trained, history } = fit(task)({ train, validation, epochs: 10, batchSize: 8, key: key(1) })
 * assert.deepStrictEqual(toArray(round(trained.params.kernel)), [[2]])
 * assert.ok(history.length === 10 && (history.at(-1)?.validationLoss ?? NaN) < 1e-4)
 */
export const fit =
  <P extends TreeLike<P>, S extends TreeLike<S>, F extends StateFamily>(task: Task<P, S, F>) =>
  (options: FitOptions): Fitted<P, S, OptimizerState<F, P>> => {
    const { train, validation, epochs, batchSize, key, onStep, onEpoch } = resolve("fit", fields, options)
    const examples = exampleCount("fit", train)
    const perEpoch = Math.ceil(examples / batchSize)
    exampleCount("fit", validation)
    const [initKey, shuffleKey] = split(key)
    const lossOn = assess(task.model, { loss: task.loss })
    const history: Epoch[] = []
    let step = 0
    const run = foldBatches(trainStep(task), {
      onStep: ({ loss, rate }) => {
        step++
        onStep?.({
          epoch: history.length + 1,
          step,
          steps: epochs * perEpoch,
          loss: item(loss),
          rate: item(rate)
        })
      }
    })
    const sizeAt = (i: number): number => Math.min(batchSize, examples - i * batchSize)
    const measuredAt = ({ loss }: StepMetrics, i: number) => measured(sizeAt(i), { loss })
    const deploy = ({ params, model, optimizer }: TrainState<P, S, OptimizerState<F, P>>): Trained<P, S> =>
      evaluate({ params: task.optimizer.evalParams(params, optimizer), model })
    let state = initTraining(task)(initKey, train.x.shape.slice(1))
    while (history.length < epochs) {
      const shuffled = batches({ batchSize, key: foldIn(shuffleKey, history.length) })(train)
      const [next, metrics] = run(state, shuffled)
      state = next
      const epoch = {
        epoch: history.length + 1,
        trainLoss: meansOverExamples(["loss"], metrics.map(measuredAt)).loss,
        validationLoss: lossOn(deploy(state), validation).loss
      }
      history.push(epoch)
      onEpoch?.(epoch)
    }
    return { state, trained: deploy(state), history }
  }
