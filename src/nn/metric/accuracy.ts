import { div } from "../../dataflow/arithmetic.js"
import { checkTensor } from "../../dataflow/check.js"
import { cast } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { and, eq, gt, isNaN, or, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { topK } from "../../dataflow/quantile.js"
import { all, any, argMax } from "../../dataflow/reduce.js"
import { sameShape } from "../../dataflow/shape.js"
import { isTensor } from "../../dataflow/tensor.js"
import { expandDims } from "../../dataflow/structure.js"
import { fixed, type OptionsOf } from "../../options/fields.js"
import { positiveInteger } from "../../options/range.js"
import { countingOf, ignoringFields, isSoft, requireIntegers } from "../labels.js"
import { mismatch } from "../loss/loss.js"
import { answersOf, thresholdFields } from "./binary.js"
import { adding, checkTarget, count, countIn, metricOf, none, type Folding, type MetricFunction } from "./fold.js"

/** The classes that logits are largest for, where labels fit them. */
export const guesses = (title: string, logits: Tensor, labels: Tensor): Tensor => {
  checkTensor(title, logits)
  checkTarget(title, labels)
  const predicted = argMax(logits)
  if (!sameShape(predicted.shape, labels.shape)) mismatch(title, "logits […, classes] and labels […]", logits, labels)
  requireIntegers(title, labels)
  return predicted
}

/** How many were right, of how many; NaN where a logit is. */
type Share = { readonly right: Tensor; readonly examples: Tensor }

const shareOf = (of: (logits: Tensor, target: Tensor) => Share): Folding<Share> =>
  adding({ right: none, examples: none }, of, ({ right, examples }) => div(right, examples))

/** `counting`: which labels count; all, if it says nothing. */
const share = (
  of: (logits: Tensor, labels: Tensor) => Tensor,
  counting: (labels: Tensor) => Tensor | undefined = () => undefined
): Folding<Share> =>
  shareOf((logits, target) => {
    const soft = isTensor(logits) && isTensor(target) && isSoft(logits, target)
    const labels = soft ? argMax(target) : target
    const [right, counts] = [of(logits, labels), counting(labels)]
    const wrong = soft ? or(isNaN(logits), isNaN(target)) : isNaN(logits)
    const isLost = any(counts === undefined ? wrong : and(wrong, expandDims(counts, -1)))
    return {
      right: where(isLost, NaN, count(counts === undefined ? right : and(right, counts))),
      examples: countIn(labels, counts)
    }
  })

/** Which places do not count. */
export interface AccuracyOptions extends OptionsOf<typeof ignoringFields> {}

/**
 * Computes the share of examples whose largest logit is that of their label, from 0 to 1; of equal logits, the first
 * counts. NaN where a logit is, as every metric and loss.
 *
 * Shapes: logits `[…, classes]`, labels `i32` or `u32` of shape `[…]`, result `[]` in `f64`. Labels as `crossEntropy` takes
 * them may also be rows of f32 or f64 like the logits, such as one-hot ones or those of `mixup`: of these the largest is
 * the label, of equal ones the first. Throws a `ShapeError` when
 * they do not fit, a `DTypeError` for other labels. A label outside the classes is never right: unlike losses and what counts by
 * class, this needs no place for it. `accuracy.with({ ignored })`: the label of places that do not count; NaN where none does.
 * Of targets with weights: `metricFold`, as for every metric.
 *
 * @example
 * import assert from "node:assert"
 * import { item, oneHot, tensor } from "thalweg"
 * import { accuracy } from "thalweg/nn"
 *
 * const logits = tensor([[2, 1], [0, 3], [5, 4], [1, 0]])
 * const labels = tensor([0, 1, 1, 0], { dtype: "i32" })
 * assert.deepStrictEqual([labels, oneHot(labels, 2)].map(y => item(accuracy(logits, y))), [0.75, 0.75])
 */
export const accuracy: MetricFunction<Share, AccuracyOptions> = /* @__PURE__ */ metricOf(
  "accuracy",
  ignoringFields,
  ({ ignored }) =>
    share(
      (logits, labels) => eq(guesses("accuracy", logits, labels), cast(labels, "i32")),
      labels => countingOf("accuracy", labels, ignored)
    )
)

/** What is a yes. */
export interface BinaryAccuracyOptions extends OptionsOf<typeof thresholdFields> {}

/**
 * Computes the share of answers, yes or no, that are right: of logits above the threshold where the target is 1, and others where
 * it is 0. From 0 to 1. Another threshold than 0, a probability of ½: `binaryAccuracy.with({ threshold })`.
 *
 * Shapes: logits and targets (0 or 1, or `bool`) of one shape, all of which count alike; result `[]` in `f64`. Errors as of
 * `precision`: a known target that is neither 0 nor 1 is a `DataError`; where it is not known, or a logit is NaN, so is the result.
 * Of targets with weights: `metricFold`.
 *
 * Law: as it is, the `accuracy` of two classes, of which "no" has the logit 0.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { binaryAccuracy } from "thalweg/nn"
 *
 * const [logits, target] = [tensor([[1], [2], [-1], [-2]]), tensor([[1], [0], [0], [0]])]
 * assert.strictEqual(item(binaryAccuracy(logits, target)), 0.75)
 * assert.strictEqual(item(binaryAccuracy.with({ threshold: 1.5 })(logits, target)), 0.5)
 */
export const binaryAccuracy: MetricFunction<Share, BinaryAccuracyOptions> = /* @__PURE__ */ metricOf(
  "binaryAccuracy",
  thresholdFields,
  ({ threshold }) =>
    shareOf((logits, target) => {
      const { sound, wanted } = answersOf("binaryAccuracy", logits, target)
      return {
        right: where(all(sound), count(eq(gt(logits, threshold), wanted)), NaN),
        examples: countIn(logits)
      }
    })
)

const topFields = {
  /** How many guesses each example has, a whole number from 1. Default 5. */
  k: fixed(positiveInteger, 5)
}

/** How many guesses each example has. */
export interface TopKAccuracyOptions extends OptionsOf<typeof topFields> {}

/**
 * Computes the share of examples whose label is among those of the `k` largest logits, from 0 to 1; of equal logits, the first
 * count. Another `k` than 5: `topKAccuracy.with({ k: 3 })`.
 *
 * Shapes and errors as of `accuracy`, and a `HyperparameterError` where `k` is more than the classes. Of targets with weights:
 * `metricFold`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { topKAccuracy } from "thalweg/nn"
 *
 * const logits = tensor([[3, 2, 1], [3, 2, 1]])
 * assert.strictEqual(item(topKAccuracy.with({ k: 2 })(logits, tensor([1, 2], { dtype: "i32" }))), 0.5)
 */
export const topKAccuracy: MetricFunction<Share, TopKAccuracyOptions> = /* @__PURE__ */ metricOf(
  "topKAccuracy",
  topFields,
  ({ k }) =>
    share((logits, labels) => {
      guesses("topKAccuracy", logits, labels)
      const classes = logits.shape.at(-1) ?? 0
      if (k > classes) fail("HyperparameterError", "topKAccuracy", `k to be at most the classes, ${classes}`, `${k}`)
      return any(eq(topK(logits, k)[1], expandDims(cast(labels, "i32"), -1)), { axes: -1 })
    })
)
