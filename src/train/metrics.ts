import { checkFunction, checkRecord } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import type { Tensor } from "../dataflow/primitive.js"
import { item } from "../engine/index.js"
import type { Folding } from "../nn/metric/fold.js"
import type { Tree } from "../tree/index.js"

/**
 * A scalar of a model's output and what was wanted, as a loss is; a `MetricFold` is one that merges over batches. Of another
 * one, means over batches are taken, each of the `weight` that it tells, a scalar (as losses of `thalweg/nn` do), or else of
 * the number of examples.
 */
export interface Metric<O extends object = Tensor, T extends object = Tensor> {
  (output: O, target: T): Tensor
  readonly weight?: (output: O, target: T) => Tensor
}

/** Metrics by the names under which they are told. */
export type Metrics<K extends string, O extends object = Tensor, T extends object = Tensor> = {
  readonly [name in K]: Metric<O, T>
}

/** A number under each of some names. */
export type Means<K extends string> = { readonly [name in K]: number }

/** Does to each field what a function says. */
const mapFields = <K extends string, A, B>(record: { readonly [name in K]: A }, f: (value: A, name: string) => B) =>
  Object.fromEntries(Object.entries<A>(record).map(([name, value]) => [name, f(value, name)])) as {
    readonly [name in K]: B
  }

/** Metrics that nobody can change; what is no function of outputs and targets is a `DataError`. */
export const checkMetrics = <M extends Metrics<string, never, never>>(operation: string, metrics: M): M => {
  for (const [name, metric] of Object.entries(checkRecord(operation, metrics)))
    checkFunction(operation, metric as Metric, `${name} to be a function of outputs and targets`)
  return Object.freeze({ ...metrics })
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

/** What is merged over batches; of other metrics, means are taken. */
const foldingOf = (metric: object): Folding<Tree, never, never> | undefined =>
  "merge" in metric && "of" in metric && "result" in metric ? (metric as Folding<Tree, never, never>) : undefined

/** A mean over a batch, and what it weighs, if that is not the number of its examples. */
type Mean = { readonly value: Tensor; readonly weight?: Tensor }

/** What a metric comes to on a batch, of which its value is asked for only where nothing is merged. */
export const summarizeAs = <O extends object, T extends object>(
  name: string,
  metric: Metric<O, T>,
  output: O,
  target: T,
  value: () => Tensor
): Tree => {
  const folding = foldingOf(metric)
  if (folding !== undefined) return folding.of(output as never, target as never)
  const weight = metric.weight?.(output, target)
  return { value: value(), ...(weight && { weight: checkScalar(`${name}.weight`, weight) }) }
}

/** What metrics come to on a batch. */
export const summarize = <K extends string, O extends object, T extends object>(
  metrics: Metrics<K, O, T>,
  output: O,
  target: T
): { readonly [name in K]: Tree } =>
  mapFields(metrics, (metric: Metric<O, T>, name) =>
    summarizeAs(name, metric, output, target, () => checkScalar(name, metric(output, target)))
  )

/** A number, and how much it counts in a mean. */
export interface Weighed {
  readonly value: number
  readonly weight: number
}

/** The mean by weight, `Σ wᵢ·vᵢ / Σ wᵢ`, and 0 where nothing counts. */
export const meanOf = (parts: readonly Weighed[]): number => {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0)
  return parts.reduce((sum, { value, weight }) => sum + (total === 0 ? 0 : weight / total) * value, 0)
}

/** What metrics came to on a batch, as far as it can be read: means are numbers, and what is merged stays. */
export type Read<K extends string> = { readonly [name in K]: Weighed | Tree }

/** Reads what metrics came to on so many examples. */
export const readSummary = <K extends string>(
  metrics: Metrics<K, never, never>,
  examples: number,
  summary: { readonly [name in K]: Tree }
): Read<K> =>
  mapFields(metrics, (metric: object, name): Weighed | Tree => {
    if (foldingOf(metric) !== undefined) return summary[name as K]
    const { value, weight } = summary[name as K] as Mean
    return { value: item(value), weight: weight === undefined ? examples : item(weight) }
  })

/** Merges halves, so that what grows is copied as often as halves have halves. */
const mergeAll = <A>(merge: (a: A, b: A) => A, parts: readonly A[]): A => {
  const half = Math.ceil(parts.length / 2)
  return parts.length === 1
    ? (parts[0] as A)
    : merge(mergeAll(merge, parts.slice(0, half)), mergeAll(merge, parts.slice(half)))
}

/** What metrics came to on all batches, of at least one: each merged exactly, or the mean by weight. */
export const overBatches = <K extends string>(metrics: Metrics<K, never, never>, parts: readonly Read<K>[]): Means<K> =>
  mapFields(metrics, (metric: object, name) => {
    const [folding, values] = [foldingOf(metric), parts.map(part => part[name as K])]
    return folding === undefined
      ? meanOf(values as readonly Weighed[])
      : item(checkScalar(name, folding.result(mergeAll(folding.merge, values as readonly Tree[]))))
  })
