import { checkFunction, checkRecord } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import type { Tensor } from "../dataflow/primitive.js"
import { item } from "../engine/index.js"
import type { Folding } from "../nn/metric/fold.js"
import type { Tree } from "../tree/index.js"

/** A scalar of a model's output and what was wanted, as a loss is; a `MetricFold` is one that merges over batches. */
export type Metric<O extends object = Tensor, T extends object = Tensor> = (output: O, target: T) => Tensor

/** Metrics by the names under which they are told. */
export type Metrics<K extends string, O extends object = Tensor, T extends object = Tensor> = {
  readonly [name in K]: Metric<O, T>
}

/** A number under each of some names. */
export type Means<K extends string> = { readonly [name in K]: number }

/** What metrics came to on some examples. */
export interface Measured<K extends string> {
  readonly examples: number
  readonly values: Means<K>
}

/** Does to each field what a function says. */
const mapFields = <K extends string, A, B>(record: { readonly [name in K]: A }, f: (value: A, name: string) => B) =>
  Object.fromEntries(Object.entries<A>(record).map(([name, value]) => [name, f(value, name)])) as {
    readonly [name in K]: B
  }

/** The names of metrics, which are functions. */
export const checkMetrics = <K extends string>(operation: string, metrics: Metrics<K, never, never>): readonly K[] => {
  const names = Object.keys(checkRecord(operation, metrics)) as K[]
  for (const name of names) checkFunction(operation, metrics[name], `${name} to be a function of outputs and targets`)
  return names
}

const checkScalar = (name: string, value: Tensor): Tensor =>
  isTensor(value) && value.shape.length === 0
    ? value
    : fail("ShapeError", `the metric ${name}`, "a scalar of outputs and targets", describeValue(value))

/** The metrics of a model's output. */
export const measure = <K extends string, O extends object, T extends object>(
  metrics: Metrics<K, O, T>,
  output: O,
  target: T
): { readonly [name in K]: Tensor } =>
  mapFields(metrics, (metric: Metric<O, T>, name) => checkScalar(name, metric(output, target)))

/** What is merged over batches; of other metrics, means over examples are taken. */
const foldingOf = (metric: object): Folding<Tree, never, never> | undefined =>
  "merge" in metric && "of" in metric && "result" in metric ? (metric as Folding<Tree, never, never>) : undefined

/** What metrics come to on a batch: scalars, or what is merged. */
export const summarize = <K extends string, O extends object, T extends object>(
  metrics: Metrics<K, O, T>,
  output: O,
  target: T
): { readonly [name in K]: Tree } =>
  mapFields(
    metrics,
    (metric: Metric<O, T>, name) =>
      foldingOf(metric)?.of(output as never, target as never) ?? checkScalar(name, metric(output, target))
  )

/** Merges halves, so that what grows is copied as often as halves have halves. */
const mergeAll = <A>(merge: (a: A, b: A) => A, parts: readonly A[]): A => {
  const half = Math.ceil(parts.length / 2)
  return parts.length === 1
    ? (parts[0] as A)
    : merge(mergeAll(merge, parts.slice(0, half)), mergeAll(merge, parts.slice(half)))
}

/** What metrics came to on all batches, of at least one: each merged exactly, or the mean over examples. */
export const overBatches = <K extends string>(
  metrics: Metrics<K, never, never>,
  parts: readonly { readonly examples: number; readonly values: { readonly [name in K]: Tree } }[]
): Means<K> =>
  mapFields(metrics, (metric: object, name) => {
    const [folding, values] = [foldingOf(metric), parts.map(part => part.values[name as K])]
    if (folding !== undefined) return item(checkScalar(name, folding.result(mergeAll(folding.merge, values))))
    const means = parts.map(({ examples }, i) => measured(examples, { [name]: values[i] as Tensor }))
    return meansOverExamples([name], means)[name] ?? NaN
  })

/** What scalars came to on so many examples. */
export const measured = <K extends string>(
  examples: number,
  values: { readonly [name in K]: Tensor }
): Measured<K> => ({ examples, values: mapFields(values, value => item(value)) })

/** The means over all examples, `Σ nᵢ·metricᵢ / Σ nᵢ`: a short batch counts for what it holds. */
export const meansOverExamples = <K extends string>(names: readonly K[], parts: readonly Measured<K>[]): Means<K> => {
  const total = parts.reduce((sum, { examples }) => sum + examples, 0)
  const meanOf = (name: K): number =>
    parts.reduce((sum, { examples, values }) => sum + (examples / total) * values[name], 0)
  return Object.fromEntries(names.map(name => [name, meanOf(name)])) as Means<K>
}
