import { checkNoMore, checkTensor } from "../dataflow/check.js"
import { matmul } from "../dataflow/contract.js"
import { cast } from "../dataflow/elementwise.js"
import { eq } from "../dataflow/logic.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { mean, argMax } from "../dataflow/reduce.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { eye } from "../dataflow/matrix.js"
import { flatten, transpose } from "../dataflow/structure.js"
import { takeFor } from "../dataflow/indexing.js"
import { checkNumber, positiveInteger } from "../options/range.js"
import { labelsOf, requireClasses, requireIntegers } from "./labels.js"

/**
 * Computes the share of examples whose largest logit is that of their label, from 0 to 1; of equal logits, the first
 * counts.
 *
 * Shapes: logits `[…, classes]`, labels `i32` or `u32` of shape `[…]`, result `[]` in `f32`. Throws a `ShapeError` when
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
export const accuracy = (logits: Tensor, labels: Tensor, ...rest: readonly never[]): Tensor => {
  checkNoMore("accuracy", "logits and labels", rest)
  for (const t of [logits, labels]) checkTensor("accuracy", t)
  const predicted = argMax(logits)
  if (!sameShape(predicted.shape, labels.shape))
    fail(
      "ShapeError",
      "accuracy",
      "logits […, classes] and labels […]",
      `${showShape(logits.shape)} and ${showShape(labels.shape)}`
    )
  return mean(cast(eq(predicted, cast(requireIntegers("accuracy", labels), "i32")), "f32"))
}

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
