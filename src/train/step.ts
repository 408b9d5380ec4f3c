import { valueAndGradWithAux } from "../autodiff/index.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import type { Layer } from "../nn/layer.js"
import { given, type Optimizer, type OptimizerState } from "../optimizer/optimizer.js"
import { split } from "../random/index.js"
import type { StateFamily } from "../transform/transform.js"
import type { TreeLike } from "../tree/index.js"
import type { Metric } from "./metrics.js"

/** Examples and what is wanted of them; the leading axis of both counts examples. */
export type Dataset = { readonly x: Tensor; readonly y: Tensor }

/** A scalar to make small, given a model's output and what was wanted. */
export type Loss = Metric

/** What is trained, by what, for what. */
export interface Task<P extends object, S extends object, F extends StateFamily> {
  readonly model: Layer<P, S>
  readonly loss: Loss
  readonly optimizer: Optimizer<F>
}

/** All that changes while training. It is a tree of tensors: it can be saved, branched and replayed. */
export type TrainState<P extends object, S extends object, O extends object> = {
  readonly params: P
  readonly model: S
  readonly optimizer: O
  readonly key: Tensor
}

/** What a step reports: the loss before it, and the learning rate that it applied. */
export type StepMetrics = { readonly loss: Tensor; readonly rate: Tensor }

/**
 * Makes the state from which training starts: parameters drawn by the key, for examples of a shape (without the batch
 * axis), and the optimizer's state for them.
 *
 * Throws what the model's and the optimizer's `init` throw.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree } from "thalweg"
 * import { dense } from "thalweg/nn"
 * import { sgd } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 * import { initTraining } from "thalweg/train"
 *
 * const state = initTraining({ model: dense(2), optimizer: sgd({ learningRate: 0.1 }) })(key(0), [3])
 * assert.deepStrictEqual(Tree.paths(state), ["key", "optimizer/count", "params/bias", "params/kernel"])
 * assert.deepStrictEqual(state.params.kernel.shape, [3, 2])
 */
export const initTraining =
  <P extends TreeLike<P>, S extends TreeLike<S>, F extends StateFamily>({
    model,
    optimizer
  }: Pick<Task<P, S, F>, "model" | "optimizer">) =>
  (key: Tensor, inputShape: Shape): TrainState<P, S, OptimizerState<F, P>> => {
    const [own, rest] = split(key)
    const { params, state } = model.init(own, inputShape)
    return { params, model: state, optimizer: optimizer.init(params), key: rest }
  }

/**
 * Makes one step of training as a state transition, `(state, batch) → [state', metrics]`: the gradient of the loss,
 * taken where the optimizer wants it, then the optimizer's step. What the optimizer needs besides gradients it gets: the
 * loss, or the loss as a function of the parameters, on the same batch, model state and key. Fold it over batches with
 * `foldBatches`.
 *
 * Shapes: batches `{ x: [examples, …], y: [examples, …] }`; the state keeps its structure, shapes and dtypes; loss and
 * rate are scalars. Each step splits the state's key for what the model draws.
 * Throws what model, loss and optimizer throw, and a `GradientError` for a loss that is no scalar.
 *
 * Laws: pure, the same state and batch give the same bits; compiled, the same.
 *
 * @example
 * import assert from "node:assert"
 * import { foldBatches, item, tensor, toArray } from "thalweg"
 * import { dense, halfSquaredError, zerosInitializer } from "thalweg/nn"
 * import { sgd } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 * import { initTraining, trainStep } from "thalweg/train"
 *
 * const model = dense(1, { kernel: zerosInitializer })
 * const task = { model, loss: halfSquaredError, optimizer: sgd({ learningRate: 0.5 }) }
 * const batch = { x: tensor([[1]]), y: tensor([[1]]) }
 * const [state, metrics] = foldBatches(trainStep(task))(initTraining(task)(key(0), [1]), [batch, batch])
 * assert.deepStrictEqual(metrics.map(({ loss }) => item(loss)), [0.5, 0])
 * assert.deepStrictEqual(toArray(state.params.kernel), [[0.5]]) // and the bias 0.5: ½ + ½ = 1
 */
export const trainStep = <P extends TreeLike<P>, S extends TreeLike<S>, F extends StateFamily>({
  model,
  loss: lossOf,
  optimizer
}: Task<P, S, F>) => {
  const lossAt = (params: P, state: S, batch: Dataset, key: Tensor): readonly [loss: Tensor, state: S] => {
    const [output, after] = model.apply(params, state, batch.x, { training: true, key })
    return [lossOf(output, batch.y), after]
  }
  const gradientAt = valueAndGradWithAux(lossAt)
  return (
    state: TrainState<P, S, OptimizerState<F, P>>,
    batch: Dataset
  ): readonly [state: TrainState<P, S, OptimizerState<F, P>>, metrics: StepMetrics] => {
    const [own, rest] = split(state.key)
    const point = optimizer.gradientPoint(state.params, state.optimizer)
    const [[loss, after], grads] = gradientAt(point, state.model, batch, own)
    const objective = (params: P): Tensor => lossAt(params, state.model, batch, own)[0]
    const needed = given(optimizer, { loss, objective })
    const [params, next] = optimizer.step(state.params, state.optimizer, grads, ...needed)
    return [
      { params, model: after, optimizer: next, key: rest },
      { loss, rate: optimizer.rate(state.optimizer, { loss }) }
    ]
  }
}
