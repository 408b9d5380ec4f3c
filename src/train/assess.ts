import { applyLayer, checkLayer } from "../nn/layer.js"
import type { Tensor } from "../dataflow/primitive.js"
import { concat } from "../dataflow/concat.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { showType } from "../dataflow/type.js"
import { compile, evaluate } from "../engine/index.js"
import type { Closed, Layer } from "../nn/layer.js"
import { fixed, flag, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { resolve } from "../options/resolve.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { batches, checkDataset, checkExamples, exampleCount } from "./dataset.js"
import { checkMetrics, overBatches, readSummary, summarize, type Means, type Metrics } from "./metrics.js"
import type { Dataset } from "./task.js"

/** What predictions need: parameters, and the model's state. */
export type Trained<P extends object, S extends object> = { readonly params: P; readonly state: S }

const fields = {
  /** Examples computed at once, a whole number from 1. Default 500. */
  batchSize: fixed(positiveInteger, 500),
  /** Whether products are added before they are rounded, where the host can (`EngineOptions`). Default true. */
  fusedMultiplyAdd: flag(true)
}

/** How a model is run over examples. */
export interface AssessOptions extends OptionsOf<typeof fields> {}

/** Parameters and state, or a `DataError`: what `fit` returned has them as `trained`. */
const checkTrained = <P extends object, S extends object>(operation: string, trained: Trained<P, S>): Trained<P, S> =>
  isRecord(trained) && Object.hasOwn(trained, "params") && Object.hasOwn(trained, "state")
    ? trained
    : fail(
        "DataError",
        operation,
        "{ params, state }, such as trained of what fit returned, before the examples",
        describeValue(trained)
      )

/** The output for a batch, whose every leaf has its examples, or a `ShapeError`. */
const checkOutput = <O>(batch: Tree, output: O): O => {
  const examples = exampleCount("predict", batch)
  const paths = Tree.paths(output as Tree)
  Tree.leaves(output as Tree).forEach((leaf, i) => {
    if (leaf.shape[0] !== examples)
      fail(
        "ShapeError",
        "predict",
        `outputs of as many examples as inputs, ${examples}`,
        showType(leaf),
        paths[i] || undefined
      )
  })
  return output
}

/** Trees of batches as one. */
const joined = <T extends TreeLike<T>>(trees: readonly T[]): T => {
  const flat = trees.map(tree => Tree.flatten(tree))
  const leaves = (flat[0]?.leaves ?? []).map((_, i) => concat(flat.map(({ leaves }) => leaves[i] as Tensor)))
  return Tree.unflatten<T>((flat[0] as (typeof flat)[0]).structure)(leaves)
}

/**
 * Computes a trained model's outputs for examples: `apply(params, state, x, { training: false })`, in batches.
 *
 * Shapes: every leaf `[examples, …]`, of the input as of the output, which are literals.
 * Throws a `HyperparameterError` unless `batchSize` is a whole number from 1, a `DataError` where there is no example, a
 * `ShapeError` where the model does not give as many examples as it takes.
 *
 * Where the model treats every example alike, the batch size does not matter.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { dense } from "thalweg/nn"
 * import { predict } from "thalweg/train"
 *
 * const trained = { params: { kernel: tensor([[2]]), bias: tensor([1]) }, state: [] as const }
 * const line = predict(dense({ units: 1 }), { batchSize: 2 })
 * assert.deepStrictEqual(toArray(line(trained, tensor([[0], [1], [2]]))), [[1], [3], [5]])
 */
export const predict = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  I extends TreeLike<I>,
  O extends TreeLike<O>,
  C extends object = object
>(
  model: Layer<P, S, I, O, C> & Closed<C>,
  options: AssessOptions = {}
) => {
  const own = checkLayer("predict", model) as unknown as Layer<P, S, I, O> // all of the context may be left out
  const { batchSize, ...how } = resolve("predict", fields, options)
  const batched = batches({ batchSize })
  const run = compile(
    (params: P, state: S, input: I) => applyLayer(own, params, state, input, { training: false })[0],
    how
  )
  return (trained: Trained<P, S>, x: I): O => {
    const { params, state } = checkTrained("predict", trained)
    const parts = Array.from(batched(checkExamples("predict", x)), part => checkOutput(part, run(params, state, part)))
    return evaluate(joined(parts))
  }
}

/**
 * Computes metrics over a data set, for a model that is not being trained. A metric that merges over batches (`MetricFold`,
 * as all of `thalweg/nn` are) is exactly that of the whole. Any other is averaged over batches, `Σ wᵢ·metricᵢ / Σ wᵢ`, by the
 * `weight` that it tells, as losses of `thalweg/nn` do where examples, classes or labels do not count alike, or else by the
 * number of examples. So a mean over examples is the mean over all of them, whatever the batch size; a sum is not.
 *
 * `metrics`: functions of outputs and targets to a scalar; the result has a number under each of their names. Where targets hold
 * weights, `{ target, weights }`, losses are `weighted`, and metrics are made to look at the target by `metricFold`.
 * Throws a `HyperparameterError` unless `batchSize` is a whole number from 1, a `DataError` where there is no example
 * or the numbers of examples differ.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, type Tensor } from "thalweg"
 * import { accuracy, crossEntropy, metricFold, sequential, weighted } from "thalweg/nn"
 * import { assess } from "thalweg/train"
 *
 * const data = { x: tensor([[200, 0], [0, 200], [0, 200]]), y: tensor([0, 1, 0], { dtype: "i32" }) }
 * const ofData = assess(sequential(), { loss: crossEntropy, accuracy }, { batchSize: 2 })
 * const found = ofData({ params: [], state: [] }, data)
 * assert.deepStrictEqual([found.loss.toFixed(2), found.accuracy.toFixed(2)], ["66.67", "0.67"])
 *
 * // of targets with weights
 * type Weighed = { readonly target: Tensor; readonly weights: Tensor }
 * const right = metricFold({ ...accuracy, of: (x: Tensor, { target }: Weighed) => accuracy.of(x, target) })
 * const weighed = { x: data.x, y: { target: data.y, weights: tensor([1, 1, 0]) } }
 * const judged = assess(sequential(), { loss: weighted(crossEntropy), right })({ params: [], state: [] }, weighed)
 * assert.deepStrictEqual([judged.loss, judged.right.toFixed(2)], [0, "0.67"])
 */
export const assess = <
  P extends TreeLike<P>,
  S extends TreeLike<S>,
  K extends string,
  I extends TreeLike<I>,
  O extends object,
  T extends TreeLike<T> = Tensor, // what no annotation says
  C extends object = object
>(
  model: Layer<P, S, I, O, C> & Closed<C>,
  metrics: Metrics<K, O, T>,
  options: AssessOptions = {}
) => {
  const own = checkLayer("assess", model) as unknown as Layer<P, S, I, O> // all of the context may be left out
  const told = checkMetrics("assess", metrics)
  const { batchSize, ...how } = resolve("assess", fields, options)
  const batched = batches({ batchSize })
  const run = compile((params: P, state: S, batch: Dataset<I, T>): { readonly [name in K]: Tree } => {
    const [output] = applyLayer(own, params, state, batch.x, { training: false })
    return summarize(told, output, batch.y)
  }, how)
  return (trained: Trained<P, S>, data: Dataset<I, T>): Means<K> => {
    const { params, state } = checkTrained("assess", trained)
    const parts = Array.from(batched(checkDataset("assess", data)), batch =>
      readSummary(told, exampleCount("assess", batch), run(params, state, batch))
    )
    return overBatches(told, parts)
  }
}
