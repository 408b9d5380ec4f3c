import { add, div, mul, sub } from "../../dataflow/arithmetic.js"
import { concat } from "../../dataflow/concat.js"
import { ones, zeros } from "../../dataflow/create.js"
import { cumMax, cumMin } from "../../dataflow/cumulative.js"
import { cast, requireFloat } from "../../dataflow/elementwise.js"
import { take } from "../../dataflow/indexing.js"
import { isNaN, ne, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { any, argSort, sum } from "../../dataflow/reduce.js"
import { arange } from "../../dataflow/sequence.js"
import { sliceAxis } from "../../dataflow/slice.js"
import { flatten } from "../../dataflow/structure.js"
import { answersOf } from "./binary.js"
import { metricFold, type MetricFold } from "./fold.js"

/** All scores so far, and which of them should be high. */
type Scores = { readonly scores: Tensor; readonly wanted: Tensor }

/** The place of each among the sorted, from 1; equals have the mean of theirs. */
const ranks = (sorted: Tensor): Tensor => {
  const size = sorted.shape[0] ?? 0
  const place = arange(size, { dtype: "i32" })
  const edge = ones([Math.min(1, size)], "bool")
  const differs = ne(sliceAxis(sorted, 0, Math.min(1, size), size), sliceAxis(sorted, 0, 0, Math.max(0, size - 1)))
  const first = cumMax(where(concat([edge, differs]), place, 0))
  const last = cumMin(where(concat([differs, edge]), place, size), { reverse: true })
  return add(div(cast(add(first, last), "f64"), 2), 1)
}

/**
 * Computes the area under the receiver operating characteristic: the share of pairs of a yes and a no of which the yes has the
 * higher logit; a pair of equals counts half. From 0 to 1, ½ by chance; NaN where all are yes, or no, or a logit is NaN.
 *
 * Shapes: logits and targets (0 or 1, or `bool`) of one shape, all of which count, else a `ShapeError`; result `[]` in `f64`.
 * Throws a `DataError` for a target of another value, where it is known; where it is not, the result is NaN.
 * Exact, over batches too, since all scores are kept until the end: 9 bytes for each. Of targets with weights: `metricFold`.
 *
 * What grows with the logits has the same area. Source: Hanley & McNeil 1982.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { auc } from "thalweg/nn"
 *
 * assert.strictEqual(item(auc(tensor([[0.1], [0.4], [0.35], [0.8]]), tensor([[0], [0], [1], [1]]))), 0.75)
 */
export const auc: MetricFold<Scores> = /* @__PURE__ */ metricFold<Scores>({
  name: "auc",
  empty: { scores: zeros([0], "f64"), wanted: zeros([0], "bool") },
  of: (logits, target) => {
    const { sound, wanted } = answersOf("auc", requireFloat("auc", logits), target)
    return { scores: flatten(where(sound, cast(logits, "f64"), NaN)), wanted: flatten(wanted) }
  },
  merge: (a, b) => ({ scores: concat([a.scores, b.scores]), wanted: concat([a.wanted, b.wanted]) }),
  result: ({ scores, wanted }) => {
    const order = argSort(scores)
    const isYes = cast(take(wanted, order), "f64")
    const positives = sum(isYes)
    const negatives = sum(sub(1, isYes))
    const above = sub(sum(mul(isYes, ranks(take(scores, order)))), div(mul(positives, add(positives, 1)), 2))
    return where(any(isNaN(scores)), NaN, div(above, mul(positives, negatives)))
  }
})
