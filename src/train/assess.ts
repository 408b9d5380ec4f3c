import type { Tensor } from "../dataflow/primitive.js"
import { concat } from "../dataflow/structure.js"
import { compile, evaluate, item } from "../engine/index.js"
import type { Layer } from "../nn/layer.js"
import type { Tree } from "../tree/index.js"
import { batches, exampleCount } from "./dataset.js"
import type { Dataset, Loss } from "./step.js"

export interface AssessOptions {
  /** Examples computed at once. Default 500. */
  readonly batchSize?: number
}

const DEFAULT_BATCH = 500

/** A trained model's outputs for examples, without dropout or other training behaviour, computed in batches. */
export const predict =
  <P extends Tree, S extends Tree>(model: Layer<P, S>, options: AssessOptions = {}) =>
  (trained: { readonly params: P; readonly model: S }, x: Tensor): Tensor => {
    const run = compile(
      (params: P, state: S, input: Tensor) => model.apply(params, state, input, { training: false })[0]
    )
    const parts = [...batches({ batchSize: options.batchSize ?? DEFAULT_BATCH })(x)]
    return evaluate(concat(parts.map(part => run(trained.params, trained.model, part))))
  }

/**
 * Means of metrics over a data set, for a model that is not being trained: each metric is averaged over batches with the
 * number of examples as weight, which is its mean over examples.
 */
export const assess = <P extends Tree, S extends Tree, K extends string>(
  model: Layer<P, S>,
  metrics: { readonly [name in K]: Loss },
  options: AssessOptions = {}
) => {
  const entries = Object.entries<Loss>(metrics)
  const run = compile((params: P, state: S, batch: Dataset): readonly Tensor[] => {
    const [output] = model.apply(params, state, batch.x, { training: false })
    return entries.map(([, metric]) => metric(output, batch.y))
  })
  return (trained: { readonly params: P; readonly model: S }, data: Dataset): { readonly [name in K]: number } => {
    const total = exampleCount("assess", data)
    const sums = entries.map(() => 0)
    for (const batch of batches({ batchSize: options.batchSize ?? DEFAULT_BATCH })(data)) {
      const share = (batch.x.shape[0] ?? 0) / total
      run(trained.params, trained.model, batch).forEach((value, i) => (sums[i] = (sums[i] ?? 0) + share * item(value)))
    }
    return Object.fromEntries(entries.map(([name], i) => [name, sums[i] ?? 0])) as { readonly [name in K]: number }
  }
}
