import { valueAndGradWithAux } from "../autodiff/index.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import type { Layer } from "../nn/layer.js"
import type { Optimizer } from "../optimizer/optimizer.js"
import { split } from "../random/index.js"
import type { StateFamily, StateOf } from "../transform/transform.js"
import type { Tree } from "../tree/index.js"

/** Examples and what is wanted of them; the leading axis of both counts examples. */
export type Dataset = { readonly x: Tensor; readonly y: Tensor }

/** A scalar to make small, given a model's output and what was wanted. */
export type Loss = (output: Tensor, target: Tensor) => Tensor

/** What is trained, by what, for what. */
export interface Task<P extends Tree, S extends Tree, F extends StateFamily> {
  readonly model: Layer<P, S>
  readonly loss: Loss
  readonly optimizer: Optimizer<F>
}

/** All that changes while training. It is a tree of tensors: it can be saved, branched and replayed. */
export type TrainState<P extends Tree, S extends Tree, O extends Tree> = {
  readonly params: P
  readonly model: S
  readonly optimizer: O
  readonly key: Tensor
}

/** What a step reports: the loss before it, and the learning rate that it applied. */
export type StepMetrics = { readonly loss: Tensor; readonly rate: Tensor }

/** The state from which training starts: parameters drawn by the key, for examples of a shape (without the batch axis). */
export const initTraining =
  <P extends Tree, S extends Tree, F extends StateFamily>({
    model,
    optimizer
  }: Pick<Task<P, S, F>, "model" | "optimizer">) =>
  (key: Tensor, inputShape: Shape): TrainState<P, S, StateOf<F, P>> => {
    const [own, rest] = split(key)
    const { params, state } = model.init(own, inputShape)
    return { params, model: state, optimizer: optimizer.init(params), key: rest }
  }

/**
 * One step of training as a state transition, `(state, batch) → [state', metrics]`: the gradient of the loss, taken where the
 * optimizer wants it, then the optimizer's step. Fold it over batches with `foldBatches`.
 *
 * Law: pure; the same state and batch give the same bits.
 */
export const trainStep = <P extends Tree, S extends Tree, F extends StateFamily>(task: Task<P, S, F>) => {
  const { model, loss, optimizer } = task
  const objective = valueAndGradWithAux((params: P, state: S, batch: Dataset, key: Tensor) => {
    const [output, after] = model.apply(params, state, batch.x, { training: true, key })
    return [loss(output, batch.y), after] as const
  })
  return (
    state: TrainState<P, S, StateOf<F, P>>,
    batch: Dataset
  ): readonly [state: TrainState<P, S, StateOf<F, P>>, metrics: StepMetrics] => {
    const [own, rest] = split(state.key)
    const point = optimizer.gradientPoint(state.params, state.optimizer)
    const [[value, model], grads] = objective(point, state.model, batch, own)
    const [params, after] = optimizer.step(state.params, state.optimizer, grads)
    return [
      { params, model, optimizer: after, key: rest },
      { loss: value, rate: optimizer.rate(state.optimizer) }
    ]
  }
}
