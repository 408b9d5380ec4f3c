import { valueAndGradWithAux } from "../autodiff/index.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { showType } from "../dataflow/type.js"
import { applyLayer, initLayer } from "../nn/layer.js"
import { given, type Offered, type OptimizerState } from "../optimizer/optimizer.js"
import { requireLike } from "../tree/require-like.js"
import { split } from "../random/index.js"
import { globalNorm } from "../transform/norm.js"
import type { StateFamily } from "../transform/transform.js"
import type { TreeLike } from "../tree/index.js"
import { checkPairs } from "./dataset.js"
import { eachExample } from "./each-example.js"
import { checkMetrics, measure, type Metrics } from "./metrics.js"
import { checkTask, checkUntrained, type Dataset, type Loss, type Task } from "./task.js"

/** All that changes while training. It is a tree of tensors: it can be saved, branched and replayed. */
export type TrainState<P extends object, S extends object, O extends object> = {
  readonly params: P
  readonly state: S
  readonly optimizer: O
  readonly key: Tensor
}

/** What a step reports, all scalars. */
export type StepMetrics<K extends string = never> = {
  /** The loss before the step. */
  readonly loss: Tensor
  /** The learning rate that it applied, in f64. */
  readonly rate: Tensor
  /**
   * The Euclidean norm of all gradients together, as the optimizer gets them, in f64; where it needs the gradient of each
   * example, the norm of their mean, before any is clipped.
   */
  readonly gradientNorm: Tensor
  /** The Euclidean norm of all parameters together after the step, in f64: finite only where all of them are. */
  readonly parameterNorm: Tensor
  /** The metrics of the outputs before the step. */
  readonly metrics: { readonly [name in K]: Tensor }
}

/** The same, with what else is told of the outputs in place of metrics. */
export type StepReport<M> = Omit<StepMetrics, "metrics"> & { readonly metrics: M }

/**
 * Makes the state from which training starts: parameters drawn by the key, for inputs like some batch, of which shapes and
 * dtypes alone matter, and the optimizer's state for them.
 *
 * Throws a `HyperparameterError` for a task that is none, and what the model's and the optimizer's `init` throw.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 * import { dense } from "thalweg/nn"
 * import { sgd } from "thalweg/optimizer"
 * import { key } from "thalweg/random"
 * import { initTraining } from "thalweg/train"
 *
 * const state = initTraining({ model: dense({ units: 2 }), optimizer: sgd({ learningRate: 0.1 }) })(key(0), zeros([1, 3]))
 * assert.deepStrictEqual(Tree.paths(state), ["key", "optimizer/count", "params/bias", "params/kernel"])
 * assert.deepStrictEqual(state.params.kernel.shape, [3, 2])
 */
export const initTraining = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  F extends StateFamily,
  I extends object,
  O extends object,
  C extends object
>(
  task: Pick<Task<P, S, F, I, O, Tensor, C>, "model" | "optimizer">
): ((key: Tensor, input: I) => TrainState<P, S, OptimizerState<F, P>>) => {
  type Own = Pick<Task<P, S, F, I, O>, "model" | "optimizer">
  const { model, optimizer } = checkUntrained("initTraining", task as Own) // the types of a task let no context be needed
  return (key, input) => {
    const [own, rest] = split(key)
    const { params, state } = initLayer(model, own, input)
    return { params, state, optimizer: optimizer.init(params), key: rest }
  }
}

/** What a loss came to, if that is a number to make small, or a `GradientError` that names the loss. */
const checkLoss = (lossOf: Loss<never, never>, loss: Tensor): Tensor =>
  isTensor(loss) && loss.shape.length === 0 && isFloat(loss.dtype)
    ? loss
    : fail(
        "GradientError",
        lossOf.name === "" ? "loss" : lossOf.name,
        "a loss that gives a scalar of f32 or f64, such as a mean over examples",
        isTensor(loss) ? showType(loss) : describeValue(loss)
      )

/** Takes the gradient at a point, on a batch, with what the optimizer needs besides and what is told. */
type Pass<P, S, I extends object, T extends object, M> = (
  point: P,
  state: S,
  batch: Dataset<I, T>,
  key: Tensor
) => { readonly after: S; readonly told: M; readonly grads: P; readonly needed: Offered<P> }

/** Steps that tell of outputs, targets and the loss what a function says of them. */
export const stepTelling = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  F extends StateFamily,
  I extends object,
  O extends object,
  T extends object,
  M extends TreeLike<M>
>(
  { model, loss: lossOf, optimizer }: Task<P, S, F, I, O, T>,
  tell: (output: O, target: T, loss: Tensor) => M
) => {
  const outputAt = (params: P, state: S, batch: Dataset<I, T>, key: Tensor) => {
    const [output, after] = applyLayer(model, params, state, batch.x, { training: true, key })
    return [checkLoss(lossOf, lossOf(output, batch.y)), { after, output }] as const
  }
  const lossAt = (params: P, state: S, batch: Dataset<I, T>, key: Tensor) => {
    const [loss, { after, output }] = outputAt(params, state, batch, key)
    return [loss, { after, told: tell(output, batch.y, loss) }] as const
  }
  const gradientAt = valueAndGradWithAux(lossAt)
  /** The gradient of the loss of a batch, and what the optimizer needs besides. */
  const wholeBatch: Pass<P, S, I, T, M> = (point, state, batch, key) => {
    const [[loss, { after, told }], grads] = gradientAt(point, state, batch, key)
    return { after, told, grads, needed: { loss, objective: at => lossAt(at, state, batch, key)[0] } }
  }
  const exampleByExample = eachExample<P, S>(model.name, outputAt as never) // examples and outputs are trees, whatever their types
  const ofExamples: Pass<P, S, I, T, M> = (point, state, batch, key) => {
    const { grads, output, ...needed } = exampleByExample(point, state, batch as Dataset<never, never>, key)
    return { after: state, told: tell(output as object as O, batch.y, needed.loss), grads, needed }
  }
  const gradientsOf = optimizer.needs.includes("exampleGradients") ? ofExamples : wholeBatch
  return (
    before: TrainState<P, S, OptimizerState<F, P>>,
    batch: Dataset<I, T>
  ): readonly [after: TrainState<P, S, OptimizerState<F, P>>, report: StepReport<M>] => {
    checkPairs("trainStep", batch)
    const [own, rest] = split(before.key)
    const point = optimizer.gradientPoint(before.params, before.optimizer)
    const { after, told, grads, needed } = gradientsOf(point, before.state, batch, own)
    const { loss } = needed
    const [params, next] = optimizer.step(before.params, before.optimizer, grads, ...given(optimizer, needed))
    const kept = { state: before.state, optimizer: before.optimizer }
    requireLike("trainStep", "a next state", kept, { state: after, optimizer: next })
    return [
      { params, state: after, optimizer: next, key: rest },
      {
        loss,
        rate: optimizer.rate(before.optimizer, { loss }),
        gradientNorm: globalNorm(grads),
        parameterNorm: globalNorm(params),
        metrics: told
      }
    ]
  }
}

/**
 * Makes one step of training as a state transition, `(state, batch) → [state', metrics]`: the gradient of the loss,
 * taken where the optimizer wants it, then the optimizer's step. What the optimizer needs besides gradients it gets: the
 * loss, or the loss as a function of the parameters, on the same batch, model state and key. Fold it over batches with
 * `foldBatches`.
 *
 * An optimizer that needs the gradient of each example (`dpSgd`) gets them in one pass: model and loss see every example as
 * a batch of one, with a key of its own, by `vmap`. The loss is the mean of their losses then, the gradient that of their
 * gradients, and metrics are of their outputs, put together along the leading axis. A model whose state changes (`batchNorm`
 * does, but within `inference`) is a `HyperparameterError` then: by its state an example would act on others.
 *
 * `metrics`: functions of outputs and targets to a scalar, of the outputs from which the loss is.
 * Shapes: batches `{ x: [examples, …], y: [examples, …] }`, tensors or trees of such; the state keeps its structure, shapes and
 * dtypes; what is reported (`StepMetrics`) are scalars. Each step splits the state's key for what the model draws. Throws a
 * `HyperparameterError` for a task that is none, what model, loss and optimizer throw, a `GradientError` for a loss that is no
 * scalar, and a `TreeError`, `ShapeError` or `DTypeError` for a model or an optimizer whose state does not keep.
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
 * const model = dense({ units: 1, kernel: zerosInitializer })
 * const task = { model, loss: halfSquaredError, optimizer: sgd({ learningRate: 0.5 }) }
 * const batch = { x: tensor([[1]]), y: tensor([[1]]) }
 * const [state, metrics] = foldBatches(trainStep(task))(initTraining(task)(key(0), batch.x), [batch, batch])
 * assert.deepStrictEqual(metrics.map(({ loss }) => item(loss)), [0.5, 0])
 * assert.deepStrictEqual(toArray(state.params.kernel), [[0.5]]) // and the bias 0.5: ½ + ½ = 1
 */
export const trainStep = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  F extends StateFamily,
  I extends object,
  O extends object,
  T extends object = Tensor, // what no annotation says
  C extends object = object,
  K extends string = never
>(
  task: Task<P, S, F, I, O, T, C>,
  metrics: Metrics<K, O, T> = {} as Metrics<K, O, T>
): ((
  state: TrainState<P, S, OptimizerState<F, P>>,
  batch: Dataset<I, T>
) => readonly [state: TrainState<P, S, OptimizerState<F, P>>, metrics: StepMetrics<K>]) => {
  const told = checkMetrics("trainStep", metrics)
  const own = checkTask("trainStep", task as Task<P, S, F, I, O, T>) // the types of a task let no context be needed
  return stepTelling(own, (output, target) => measure(told, output, target))
}
