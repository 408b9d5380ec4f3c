import { div } from "../../dataflow/arithmetic.js"
import { checkTensor } from "../../dataflow/check.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { and, eq, isNaN, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { topK } from "../../dataflow/quantile.js"
import { any, argMax } from "../../dataflow/reduce.js"
import { sameShape, sizeOf } from "../../dataflow/shape.js"
import { expandDims } from "../../dataflow/structure.js"
import { fixed, type OptionsOf } from "../../options/fields.js"
import { integer, positiveInteger } from "../../options/range.js"
import { differing, requireIntegers } from "../labels.js"
import { mismatch } from "../loss/loss.js"
import { adding, count, metricOf, none, type Folding, type MetricFunction } from "./fold.js"

/** The classes that logits are largest for, where labels fit them. */
export const guesses = (title: string, logits: Tensor, labels: Tensor): Tensor => {
  for (const t of [logits, labels]) checkTensor(title, t)
  const predicted = argMax(logits)
  if (!sameShape(predicted.shape, labels.shape)) mismatch(title, "logits […, classes] and labels […]", logits, labels)
  requireIntegers(title, labels)
  return predicted
}

/** How many were right, of how many; NaN where a logit is. */
type Share = { readonly right: Tensor; readonly examples: Tensor }

/** `counting`: which labels count; all, if it says nothing. */
const share = (
  of: (logits: Tensor, labels: Tensor) => Tensor,
  counting: (labels: Tensor) => Tensor | undefined = () => undefined
): Folding<Share> =>
  adding(
    { right: none, examples: none },
    (logits, labels) => {
      const [right, counts] = [of(logits, labels), counting(labels)]
      const wrong = isNaN(logits)
      const isLost = any(counts === undefined ? wrong : and(wrong, expandDims(counts, -1)))
      return {
        right: where(isLost, NaN, count(counts === undefined ? right : and(right, counts))),
        examples: counts === undefined ? scalar(sizeOf(labels.shape), "f64") : count(counts)
      }
    },
    ({ right, examples }) => div(right, examples)
  )

const fields = {
  /** The label of places that do not count, such as padding. Default: there is none. */
  ignored: fixed(integer, "none")
}

/** Which places do not count. */
export interface AccuracyOptions extends OptionsOf<typeof fields> {}

/**
 * Computes the share of examples whose largest logit is that of their label, from 0 to 1; of equal logits, the first
 * counts. NaN where a logit is, as every metric and loss.
 *
 * Shapes: logits `[…, classes]`, labels `i32` or `u32` of shape `[…]`, result `[]` in `f64`. Throws a `ShapeError` when
 * they do not fit, a `DTypeError` for other labels. A label outside the classes is never right: unlike losses and what counts by
 * class, this needs no place for it. `accuracy.with({ ignored })`: the label of places that do not count; NaN where none does.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { accuracy } from "thalweg/nn"
 *
 * const logits = tensor([[2, 1], [0, 3], [5, 4], [1, 0]])
 * assert.strictEqual(item(accuracy(logits, tensor([0, 1, 1, 0], { dtype: "i32" }))), 0.75)
 */
export const accuracy: MetricFunction<Share, AccuracyOptions> = /* @__PURE__ */ metricOf(
  "accuracy",
  fields,
  ({ ignored }) =>
    share(
      (logits, labels) => eq(guesses("accuracy", logits, labels), cast(labels, "i32")),
      labels => (ignored === undefined ? undefined : differing("accuracy", labels, ignored))
    )
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
 * Shapes and errors as of `accuracy`, and a `HyperparameterError` where `k` is more than the classes.
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
