import { add } from "../../dataflow/arithmetic.js"
import { checkMethods, checkTensor } from "../../dataflow/check.js"
import { scalar } from "../../dataflow/create.js"
import { describeKeys, describeValue, isRecord } from "../../dataflow/describe.js"
import { cast } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { range, sizeOf } from "../../dataflow/shape.js"
import { isTensor } from "../../dataflow/tensor.js"
import type { AnyFields, OptionsOf, Resolved } from "../../options/fields.js"
import { resolve } from "../../options/resolve.js"
import { withName } from "../../options/with-name.js"
import { Tree, type TreeLike } from "../../tree/index.js"

/**
 * How a metric is computed in parts: what examples come to (`of`), what two such come to together (`merge`), and the scalar
 * that is asked for (`result`).
 *
 * Laws: `merge` is associative, with `empty` as its unit; `of` all examples is the merge over their batches, so that the result
 * does not depend on how examples are cut into batches.
 */
export interface Folding<A extends object, O extends object = Tensor, T extends object = Tensor> {
  /** What it is called in errors. */
  readonly name?: string
  readonly empty: A
  readonly of: (output: O, target: T) => A
  readonly merge: (a: A, b: A) => A
  readonly result: (summary: A) => Tensor
}

/**
 * A metric that merges exactly over batches; called, it is that of one batch. How it is made to look at a part of a target, as of
 * `{ target, weights }`, `metricFold` says.
 */
export interface MetricFold<A extends object, O extends object = Tensor, T extends object = Tensor> extends Folding<
  A,
  O,
  T
> {
  (output: O, target: T): Tensor
}

/** A metric with options. */
export interface MetricFunction<A extends object, P extends object> extends MetricFold<A> {
  readonly with: (options: P) => MetricFold<A>
}

/** What examples came to, as far as can be seen: at least the keys that nothing comes to. */
const checkSummary = <A extends object>(name: string, empty: A, summary: A): A => {
  const keys = isRecord(empty) && !isTensor(empty) ? Object.keys(empty) : []
  const isOne = typeof summary === "object" && summary !== null // eslint-disable-line @typescript-eslint/no-unnecessary-condition
  return isOne && keys.every(key => Object.hasOwn(summary, key))
    ? summary
    : fail(
        "DataError",
        name,
        `what of or merge gave${keys.length === 0 ? "" : `, with keys ${describeKeys(keys)}`}`,
        describeValue(summary)
      )
}

/**
 * Makes a metric that merges exactly over batches, which a mean over batches does not where it is no mean over examples:
 * a root, a quotient of counts, a rank. It is a function of outputs and targets as other metrics are; `assess` and `epochs`
 * merge what it comes to on their batches.
 *
 * **Targets that hold weights**, `{ target, weights }` as for a `weighted` loss, are not what metrics take, which count all
 * examples alike. Make another metric, of the target alone: `metricFold({ ...f1, of: (output, { target }) => f1.of(output, target) })`.
 * (A plain function around it, `(output, { target }) => f1(output, target)`, does not merge any more, and is averaged over
 * batches.)
 *
 * Throws a `DataError` for what has not the methods of a `Folding`, and its `merge` and `result` one for what is no summary.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, max, maximum, scalar, sub, tensor, type Tensor } from "thalweg"
 * import { metricFold, sequential } from "thalweg/nn"
 * import { assess } from "thalweg/train"
 *
 * const worst = metricFold({
 *   empty: scalar(-Infinity),
 *   of: (output: Tensor, target: Tensor) => max(abs(sub(output, target))),
 *   merge: maximum,
 *   result: most => most
 * })
 * const data = { x: tensor([[1], [5], [2]]), y: tensor([[1], [1], [1]]) }
 * assert.deepStrictEqual(assess(sequential(), { worst }, { batchSize: 2 })({ params: [], state: [] }, data), { worst: 4 })
 */
export const metricFold = <A extends object, O extends object = Tensor, T extends object = Tensor>(
  folding: Folding<A, O, T>
): MetricFold<A, O, T> => {
  const expected = "{ empty, of, merge, result }"
  const { name = "metric", ...rest } = checkMethods("metricFold", expected, folding, ["of", "merge", "result"])
  const own = (summary: A): A => checkSummary(name, rest.empty, summary)
  const result = (summary: A): Tensor => rest.result(own(summary))
  const merge = (a: A, b: A): A => rest.merge(own(a), own(b))
  return withName(name, (output: O, target: T) => result(rest.of(output, target)), { ...rest, merge, result })
}

/** Makes a metric of its options. */
export const metricOf = <Fs extends AnyFields, A extends object>(
  title: string,
  fields: Fs,
  make: (options: Resolved<Fs>) => Folding<A>
): MetricFunction<A, OptionsOf<Fs>> => {
  const configured = (options: OptionsOf<Fs>): MetricFold<A> =>
    metricFold({ ...make(resolve(title, fields, options)), name: title })
  const { of, merge, result, empty } = configured({} as OptionsOf<Fs>)
  const metric = (output: Tensor, target: Tensor): Tensor => result(of(output, target))
  return withName(title, metric, { empty, of, merge, result, with: configured })
}

/** A folding of sums that add up, leaf by leaf. */
export const adding = <A extends TreeLike<A>>(
  empty: A,
  of: (output: Tensor, target: Tensor) => A,
  result: (summary: A) => Tensor
): Folding<A> => ({ empty, of, merge: Tree.zipWith((a: Tensor, b: Tensor) => add(a, b)), result })

/** How many, of what is true; over batches, there may be more than an i32 counts. */
export const count = (x: Tensor, axes = range(x.shape.length)): Tensor => cast(sum(cast(x, "i32"), { axes }), "f64")

/** How many elements a tensor has, or how many of them are marked. */
export const countIn = (x: Tensor, marked?: Tensor): Tensor =>
  marked === undefined ? scalar(sizeOf(x.shape), "f64") : count(marked)

/** A target that is a tensor, or a `DataError` that says how one is taken out of a record. */
export const checkTarget = (title: string, target: Tensor): Tensor =>
  checkTensor(title, target, "a target that is a tensor (metricFold takes it out of { target, weights })")

/** Nothing yet, as a sum in f64. */
export const none = /* @__PURE__ */ scalar(0, "f64")
