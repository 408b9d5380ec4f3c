import { add, div, maximum, mul } from "../../dataflow/arithmetic.js"
import { checkTensor } from "../../dataflow/check.js"
import { oneHot } from "../../dataflow/indexing.js"
import { and, eq, gt, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sum } from "../../dataflow/reduce.js"
import { range, sameShape } from "../../dataflow/shape.js"
import { expandDims, flatten } from "../../dataflow/structure.js"
import { choice, fixed, type OptionsOf } from "../../options/fields.js"
import { finite } from "../../options/range.js"
import { Tree } from "../../tree/index.js"
import { requireClasses } from "../labels.js"
import { mismatch } from "../loss/loss.js"
import { guesses } from "./accuracy.js"
import { adding, count, metricOf, none, yes, type MetricFunction } from "./fold.js"

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
  const over = (x: Tensor): Tensor => count(x, range(x.shape.length - 1))
  return { right: over(and(guessed, wanted)), guessed: over(guessed), wanted: over(wanted) }
}

/** Yes or no, on a single class. */
const binaryCounts = (title: string, threshold: number, logits: Tensor, target: Tensor): Counts => {
  for (const t of [logits, target]) checkTensor(title, t)
  if (!sameShape(logits.shape, target.shape)) mismatch(title, "logits and targets of one shape", logits, target)
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
      { right: none, guessed: none, wanted: none },
      (logits, target) =>
        average === "binary" ? binaryCounts(title, threshold, logits, target) : classCounts(title, logits, target),
      counts => {
        const merged = average === "macro" ? counts : Tree.map((x: Tensor) => sum(x))(counts)
        const [part, whole] = score(merged)
        const scores = where(eq(whole, 0), 0, div(part, where(eq(whole, 0), 1, whole)))
        const occurs = gt(add(merged.guessed, merged.wanted), 0)
        return div(sum(scores), maximum(count(occurs), 1))
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
