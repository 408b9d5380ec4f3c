import { checkFunction, checkRecord } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { isTensor } from "../dataflow/tensor.js"
import type { Tensor } from "../dataflow/primitive.js"
import { item } from "../engine/index.js"

/** A scalar of a model's output and what was wanted, as a loss is. */
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
