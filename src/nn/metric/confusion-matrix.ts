import { add, mul } from "../../dataflow/arithmetic.js"
import { checkTensor } from "../../dataflow/check.js"
import { ones, zeros } from "../../dataflow/create.js"
import { scatterAdd } from "../../dataflow/indexing.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sameShape } from "../../dataflow/shape.js"
import { flatten, reshape } from "../../dataflow/structure.js"
import { checkNumber, whole } from "../../options/range.js"
import { classesOf } from "../labels.js"
import { mismatch } from "../loss/loss.js"

/** Of so many classes there are as many counts as an i32 numbers. */
const countable = /* @__PURE__ */ whole(1, 46340)

/**
 * Counts how often each label (row) was predicted as each class (column): `counts[label, predicted]`.
 *
 * Predictions come first, as in all losses and metrics here; scikit-learn's `confusion_matrix(labels, predicted)` and Keras's have the
 * labels first. The counts are laid out as theirs; with the arguments the other way round they are transposed.
 *
 * Shapes: predictions and labels of one shape, `i32` or `u32`; result `i32` of shape `[classes, classes]`.
 * `classes`: a whole number from 1 to 46340, else a `HyperparameterError`. Throws a `ShapeError` when the shapes differ, a
 * `DTypeError` for what is no integer, and an `IndexError` for a label or prediction outside the classes: at this call
 * when they are known, else when the counts are computed.
 *
 * The time is that of the examples and of the counts, not of their product.
 *
 * The counts add up to the number of examples, those on the diagonal to the ones that were right.
 *
 * @example
 * import assert from "node:assert"
 * import { argMax, tensor, toArray } from "thalweg"
 * import { confusionMatrix } from "thalweg/nn"
 *
 * const labels = tensor([0, 0, 0, 1], { dtype: "i32" })
 * const logits = tensor([[2, 1], [3, 0], [0, 1], [-1, 4]])
 * assert.deepStrictEqual(toArray(confusionMatrix(argMax(logits, -1), labels, 2)), [[2, 1], [0, 1]])
 */
export const confusionMatrix = (predicted: Tensor, labels: Tensor, classes: number): Tensor => {
  for (const t of [predicted, labels]) checkTensor("confusionMatrix", t)
  checkNumber("confusionMatrix", "classes", countable, classes)
  if (!sameShape(predicted.shape, labels.shape))
    mismatch("confusionMatrix", "as many predictions as labels", predicted, labels)
  const classOf = (given: Tensor): Tensor => flatten(classesOf("confusionMatrix", given, classes))
  const places = add(mul(classOf(labels), classes), classOf(predicted))
  const counts = scatterAdd(zeros([classes * classes], "i32"), places, ones(places.shape, "i32"))
  return reshape(counts, [classes, classes])
}
