import { add, div, mul } from "../../dataflow/arithmetic.js"
import { cast } from "../../dataflow/elementwise.js"
import { oneHot } from "../../dataflow/indexing.js"
import { and, eq, gt, isNaN, not, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { all, sum } from "../../dataflow/reduce.js"
import { range } from "../../dataflow/shape.js"
import { expandDims, flatten } from "../../dataflow/structure.js"
import { beside, choice, type OptionsOf } from "../../options/fields.js"
import { Tree } from "../../tree/index.js"
import { classesOf } from "../labels.js"
import { guesses } from "./accuracy.js"
import { answersOf, thresholdFields } from "./binary.js"
import { adding, count, metricOf, none, type MetricFunction } from "./fold.js"

const averageFields = {
  /**
   * "binary" (default): logits of yes or no; else of classes, of which "macro" averages the scores, "weighted" does so by how
   * often each is wanted, and "micro" adds the counts up.
   */
  average: choice(["binary", "macro", "micro", "weighted"], "binary"),
  /** Of "binary": above which logit it is a yes. Default 0, a probability of ½. */
  threshold: beside("average", thresholdFields.threshold, "binary")
}

/** Of what classes a score is, and what is a yes. */
export interface ScoreOptions extends OptionsOf<typeof thresholdFields>, OptionsOf<typeof averageFields> {}

/** For each class how often it was guessed rightly, guessed, and wanted. */
type Counts = { readonly right: Tensor; readonly guessed: Tensor; readonly wanted: Tensor }

/** NaN unless all is sound. */
const countsOf = (sound: Tensor, guessed: Tensor, wanted: Tensor): Counts => {
  const isSound = all(sound)
  const over = (x: Tensor): Tensor => where(isSound, count(x, range(x.shape.length - 1)), NaN)
  return { right: over(and(guessed, wanted)), guessed: over(guessed), wanted: over(wanted) }
}

/** Yes or no, on a single class. */
const binaryCounts = (title: string, threshold: number, logits: Tensor, target: Tensor): Counts => {
  const { sound, wanted } = answersOf(title, logits, target)
  const flat = (x: Tensor): Tensor => expandDims(flatten(x), -1)
  return countsOf(sound, flat(gt(logits, threshold)), flat(wanted))
}

const classCounts = (title: string, logits: Tensor, labels: Tensor): Counts => {
  const guessed = guesses(title, logits, labels)
  const classes = logits.shape.at(-1) ?? 0
  const wanted = classesOf(title, labels, classes)
  return countsOf(not(isNaN(logits)), oneHot(guessed, classes, "bool"), oneHot(wanted, classes, "bool"))
}

/** The quotient, 0 of nothing: where the whole is 0, its part is. */
const quotient = (part: Tensor, whole: Tensor): Tensor => div(part, where(eq(whole, 0), 1, whole))

/** Makes a score of a quotient of what classes count. */
const scoring = (title: string, score: (counts: Counts) => readonly [part: Tensor, whole: Tensor]) =>
  metricOf(title, averageFields, ({ average, threshold }) =>
    adding<Counts>(
      { right: none, guessed: none, wanted: none },
      (logits, target) =>
        average === "binary" ? binaryCounts(title, threshold, logits, target) : classCounts(title, logits, target),
      counts => {
        const byClass = average === "macro" || average === "weighted"
        const merged = byClass ? counts : Tree.map((x: Tensor) => sum(x))(counts)
        const { guessed, wanted } = merged
        const shares = average === "weighted" ? wanted : cast(gt(add(guessed, wanted), 0), "f64")
        return quotient(sum(mul(quotient(...score(merged)), shares)), sum(shares))
      }
    )
  )

/**
 * Computes the share of guesses that are right: `right / guessed`, 0 where nothing is guessed.
 *
 * As it is: logits and targets (0 or 1, or `bool`) of one shape, all of which count. `precision.with({ average })`, "macro",
 * "weighted" or "micro": logits `[…, classes]`, labels `i32` or `u32` `[…]`; "macro" averages over the classes that are guessed or
 * wanted, and "weighted" by how often they are wanted, as scikit-learn does. Result `[]` in `f64`. Errors as of `accuracy`, and an
 * `IndexError` for a label outside the classes, which counts for none of them: at this call when labels are known, else when the
 * score is computed. A known target that is neither 0 nor 1 is a `DataError`; where it is not known, or a logit is NaN, so is the
 * score. Of targets with weights: `metricFold`.
 *
 * Law: "micro", each of the three is the accuracy; "weighted", recall is.
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
