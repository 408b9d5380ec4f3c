import { div } from "../dataflow/arithmetic.js"
import { ones, zeros } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import { scatterAdd, take } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showShape } from "../dataflow/shape.js"
import { checkTensor } from "../dataflow/check.js"
import { evaluate, toTyped } from "../engine/index.js"
import { requireClasses } from "../nn/labels.js"
import { checkNumber, positiveInteger } from "../options/range.js"
import { choice } from "../random/index.js"

/** How often each class occurs, as f64; labels `[examples]` lie within the classes. */
const countsOf = (operation: string, labels: Tensor, classes: number): Tensor => {
  checkNumber(operation, "classes", positiveInteger, classes)
  const known = evaluate(checkTensor(operation, labels))
  if (known.shape.length !== 1 || known.shape[0] === 0)
    fail("ShapeError", operation, "labels [examples], one or more", showShape(known.shape))
  requireClasses(operation, known, classes)
  return scatterAdd(zeros([classes], "f64"), known, ones(known.shape, "f64"))
}

/**
 * Computes weights for classes that make up for how often they occur: `n / (classes · count)`, so that the mean over the
 * examples is 1 where each class occurs; 0 for a class that does not. They are an option of a loss:
 * `crossEntropy.with({ classWeights: classWeights(labels, classes) })`.
 *
 * Labels `[examples]`, `i32` or `u32`, below `classes`, give as many numbers as there are classes. Throws a `ShapeError`, a
 * `DTypeError` or an `IndexError` for others.
 *
 * Source: `class_weight="balanced"` of scikit-learn.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor } from "thalweg"
 * import { classWeights } from "thalweg/train"
 *
 * assert.deepStrictEqual(classWeights(tensor([0, 0, 0, 1], { dtype: "i32" }), 2), [4 / 6, 2])
 */
export const classWeights = (labels: Tensor, classes: number): readonly number[] => {
  const counts = [...toTyped(countsOf("classWeights", labels, classes))]
  return counts.map(count => (count === 0 ? 0 : (labels.shape[0] ?? 0) / (count * classes)))
}

/**
 * Draws examples by a key so that every class that occurs is as likely as any other: the indices of some, with repetition, for
 * `take`. A rare class is seen often, so that it is learned, and its examples with it by heart.
 *
 * Shapes: labels as of `classWeights` → `i32 [count]`, computed. `count`: a whole number from 1.
 *
 * @example
 * import assert from "node:assert"
 * import { sum, take, tensor, toArray } from "thalweg"
 * import { key } from "thalweg/random"
 * import { balancedIndices } from "thalweg/train"
 *
 * const labels = tensor([...Array.from({ length: 99 }, () => 0), 1], { dtype: "i32" })
 * const rare = toArray(sum(take(labels, balancedIndices(key(0), labels, 2, 1000)))) as number
 * assert.ok(rare > 400 && rare < 600)
 */
export const balancedIndices = (key: Tensor, labels: Tensor, classes: number, count: number): Tensor => {
  checkNumber("balancedIndices", "count", positiveInteger, count)
  const counts = countsOf("balancedIndices", labels, classes)
  const p = div(1, take(counts, labels))
  return evaluate(choice(key, labels.shape[0] ?? 0, [count], { p }))
}
