import { add, maximum, mul } from "../../dataflow/arithmetic.js"
import { checkTensor } from "../../dataflow/check.js"
import { matmul } from "../../dataflow/contract.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { oneHot, takeFor } from "../../dataflow/indexing.js"
import { and, eq, gt, where } from "../../dataflow/logic.js"
import { eye } from "../../dataflow/matrix.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { topK } from "../../dataflow/quantile.js"
import { any, argMax, sum } from "../../dataflow/reduce.js"
import { range, sameShape, showShape, sizeOf } from "../../dataflow/shape.js"
import { expandDims, flatten, transpose } from "../../dataflow/structure.js"
import { choice, fixed, type OptionsOf } from "../../options/fields.js"
import { checkNumber, finite, positiveInteger } from "../../options/range.js"
import { Tree } from "../../tree/index.js"
import { labelsOf, requireClasses, requireIntegers } from "../labels.js"
import {
  adding,
  count,
  metricFold,
  metricOf,
  quotient,
  yes,
  type Folding,
  type MetricFold,
  type MetricFunction
} from "./fold.js"

/** The classes that logits are largest for, where labels fit them. */
const guesses = (title: string, logits: Tensor, labels: Tensor): Tensor => {
  for (const t of [logits, labels]) checkTensor(title, t)
  const predicted = argMax(logits)
  if (!sameShape(predicted.shape, labels.shape))
    fail(
      "ShapeError",
      title,
      "logits […, classes] and labels […]",
      `${showShape(logits.shape)} and ${showShape(labels.shape)}`
    )
  requireIntegers(title, labels)
  return predicted
}

/** How many were right, of how many. */
type Share = { readonly right: Tensor; readonly examples: Tensor }

const share = (of: (logits: Tensor, labels: Tensor) => Tensor): Folding<Share> =>
  adding(
    { right: scalar(0, "i32"), examples: scalar(0, "i32") },
    (logits, labels) => ({ right: count(of(logits, labels)), examples: scalar(sizeOf(labels.shape), "i32") }),
    ({ right, examples }) => quotient(right, examples)
  )

/**
 * Computes the share of examples whose largest logit is that of their label, from 0 to 1; of equal logits, the first
 * counts.
 *
 * Shapes: logits `[…, classes]`, labels `i32` or `u32` of shape `[…]`, result `[]` in `f64`. Throws a `ShapeError` when
 * they do not fit, a `DTypeError` for other labels; a label outside the classes is never right.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { accuracy } from "thalweg/nn"
 *
 * const logits = tensor([[2, 1], [0, 3], [5, 4], [1, 0]])
 * assert.strictEqual(item(accuracy(logits, tensor([0, 1, 1, 0], { dtype: "i32" }))), 0.75)
 */
export const accuracy: MetricFold<Share> = /* @__PURE__ */ metricFold({
  name: "accuracy",
  ...share((logits, labels) => eq(guesses("accuracy", logits, labels), cast(labels, "i32")))
})

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

const averageFields = {
  /**
   * "binary" (default): logits of yes or no; else of classes, of which "macro" averages the scores, and "micro" adds the counts
   * up.
   */
  average: choice(["binary", "macro", "micro"], "binary"),
  /** Above which logit it is a yes. Default 0, a probability of ½. */
  threshold: fixed(finite, 0)
}

/** Of what classes a score is, and what is a yes. */
export interface ScoreOptions extends OptionsOf<typeof averageFields> {}

/** For each class how often it was guessed rightly, guessed, and wanted. */
type Counts = { readonly right: Tensor; readonly guessed: Tensor; readonly wanted: Tensor }

const countsOf = (guessed: Tensor, wanted: Tensor): Counts => {
  const over = (x: Tensor): Tensor => sum(cast(x, "i32"), { axes: range(x.shape.length - 1) })
  return { right: over(and(guessed, wanted)), guessed: over(guessed), wanted: over(wanted) }
}

/** Yes or no, on a single class. */
const binaryCounts = (title: string, threshold: number, logits: Tensor, target: Tensor): Counts => {
  for (const t of [logits, target]) checkTensor(title, t)
  if (!sameShape(logits.shape, target.shape))
    fail(
      "ShapeError",
      title,
      "logits and targets of one shape",
      `${showShape(logits.shape)} and ${showShape(target.shape)}`
    )
  return countsOf(expandDims(flatten(gt(logits, threshold)), -1), expandDims(flatten(yes(target)), -1))
}

const classCounts = (title: string, logits: Tensor, labels: Tensor): Counts => {
  const guessed = guesses(title, logits, labels)
  const classes = logits.shape.at(-1) ?? 0
  const known = requireClasses(title, labels, classes)
  return countsOf(oneHot(guessed, classes, "bool"), oneHot(known, classes, "bool"))
}

/** The quotient of what classes count, 0 of nothing. */
const scoring = (title: string, score: (counts: Counts) => readonly [part: Tensor, whole: Tensor]) =>
  metricOf(title, averageFields, ({ average, threshold }) =>
    adding<Counts>(
      { right: scalar(0, "i32"), guessed: scalar(0, "i32"), wanted: scalar(0, "i32") },
      (logits, target) =>
        average === "binary" ? binaryCounts(title, threshold, logits, target) : classCounts(title, logits, target),
      counts => {
        const merged = average === "macro" ? counts : Tree.map((x: Tensor) => sum(x))(counts)
        const [part, whole] = score(merged)
        const scores = where(eq(whole, 0), 0, quotient(part, where(eq(whole, 0), 1, whole)))
        const occurs = gt(add(merged.guessed, merged.wanted), 0)
        return quotient(sum(scores), maximum(count(occurs), 1))
      }
    )
  )

/**
 * Computes the share of guesses that are right: `right / guessed`, 0 where nothing is guessed.
 *
 * As it is: logits and targets (0 or 1, or `bool`) of one shape, all of which count. `precision.with({ average })`, "macro" or
 * "micro": logits `[…, classes]`, labels `i32` or `u32` `[…]`; "macro" averages over the classes that are guessed or wanted,
 * as scikit-learn does. Result `[]` in `f64`. Errors as of `accuracy`, and an `IndexError` for a known label outside the classes.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { precision } from "thalweg/nn"
 *
 * assert.strictEqual(item(precision(tensor([[1], [2], [-1]]), tensor([[1], [0], [1]]))), 0.5)
 */
export const precision: MetricFunction<Counts, ScoreOptions> = /* @__PURE__ */ scoring(
  "precision",
  ({ right, guessed }) => [right, guessed]
)

/**
 * Computes the share of what is wanted that is guessed: `right / wanted`, 0 where nothing is wanted. Shapes, options and errors
 * as of `precision`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { recall } from "thalweg/nn"
 *
 * assert.strictEqual(item(recall(tensor([[1], [2], [-1]]), tensor([[1], [1], [1]]))), 2 / 3)
 */
export const recall: MetricFunction<Counts, ScoreOptions> = /* @__PURE__ */ scoring("recall", ({ right, wanted }) => [
  right,
  wanted
])

/**
 * Computes the harmonic mean of precision and recall: `2·right / (guessed + wanted)`, 0 where nothing is guessed or wanted.
 * Shapes, options and errors as of `precision`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { f1 } from "thalweg/nn"
 *
 * const [logits, labels] = [tensor([[2, 1], [0, 3], [5, 4], [1, 0]]), tensor([0, 1, 1, 0], { dtype: "i32" })]
 * assert.strictEqual(item(f1.with({ average: "micro" })(logits, labels)), 0.75)
 */
export const f1: MetricFunction<Counts, ScoreOptions> = /* @__PURE__ */ scoring("f1", ({ right, guessed, wanted }) => [
  mul(right, 2),
  add(guessed, wanted)
])

/**
 * Counts how often each label (row) was predicted as each class (column): `counts[label, predicted]`.
 *
 * Shapes: predictions and labels of one shape, `i32` or `u32`; result `i32` of shape `[classes, classes]`.
 * `classes`: a whole number from 1, else a `HyperparameterError`. Throws a `ShapeError` when the shapes differ, a
 * `DTypeError` for what is no integer, and an `IndexError` for a label or prediction outside the classes: at this call
 * when they are known, else when the counts are computed.
 *
 * Laws: the counts add up to the number of examples, those on the diagonal to the ones that were right.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { confusionMatrix } from "thalweg/nn"
 *
 * const labels = tensor([0, 0, 0, 1], { dtype: "i32" })
 * const predicted = tensor([0, 0, 1, 1], { dtype: "i32" })
 * assert.deepStrictEqual(toArray(confusionMatrix(predicted, labels, 2)), [[2, 1], [0, 1]])
 */
export const confusionMatrix = (predicted: Tensor, labels: Tensor, classes: number): Tensor => {
  for (const t of [predicted, labels]) checkTensor("confusionMatrix", t)
  checkNumber("confusionMatrix", "classes", positiveInteger, classes)
  if (!sameShape(predicted.shape, labels.shape))
    fail(
      "ShapeError",
      "confusionMatrix",
      "as many predictions as labels",
      `${showShape(predicted.shape)} and ${showShape(labels.shape)}`
    )
  const rowsOf = (classesOf: Tensor): Tensor =>
    takeFor(
      labelsOf("confusionMatrix"),
      eye(classes, classes, "i32"),
      flatten(requireClasses("confusionMatrix", classesOf, classes))
    )
  return matmul(transpose(rowsOf(labels)), rowsOf(predicted))
}
