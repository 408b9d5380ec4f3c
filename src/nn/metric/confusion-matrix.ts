import { checkTensor } from "../../dataflow/check.js"
import { matmul } from "../../dataflow/contract.js"
import { takeFor } from "../../dataflow/indexing.js"
import { eye } from "../../dataflow/matrix.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sameShape } from "../../dataflow/shape.js"
import { flatten, transpose } from "../../dataflow/structure.js"
import { checkNumber, positiveInteger } from "../../options/range.js"
import { labelsOf, requireClasses } from "../labels.js"
import { mismatch } from "../loss/loss.js"

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
    mismatch("confusionMatrix", "as many predictions as labels", predicted, labels)
  const rowsOf = (classesOf: Tensor): Tensor =>
    takeFor(
      labelsOf("confusionMatrix"),
      eye(classes, classes, "i32"),
      flatten(requireClasses("confusionMatrix", classesOf, classes))
    )
  return matmul(transpose(rowsOf(labels)), rowsOf(predicted))
}
