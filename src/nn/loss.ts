import { checkNoMore, checkTensor } from "../dataflow/check.js"
import { mul, neg, square, sub } from "../dataflow/arithmetic.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { logSoftmax } from "../dataflow/statistics.js"
import { mean, sum } from "../dataflow/reduce.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { expandDims, squeeze } from "../dataflow/structure.js"
import { takeAlongFor } from "../dataflow/indexing.js"
import { labelsOf, requireClasses } from "./labels.js"

/**
 * Computes the mean cross-entropy of integer labels under softmax probabilities: `-mean log softmax(logits)[label]`, in
 * nats, without overflow.
 *
 * Shapes: logits `[…, classes]`, labels `i32` or `u32` of shape `[…]`, result `[]`, in the dtype of the logits. Throws
 * a `ShapeError` when they do not fit, a `DTypeError` for other labels, and an `IndexError` for a label outside the
 * classes: at this call when labels are known, else when the loss is computed.
 *
 * Laws: not negative; adding a number to all logits changes nothing; the gradient by the logits is
 * `(softmax(logits) - oneHot(label)) / examples`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor, zeros } from "thalweg"
 * import { crossEntropy } from "thalweg/nn"
 *
 * const labels = tensor([0, 3], { dtype: "i32" })
 * assert.ok(Math.abs(item(crossEntropy(zeros([2, 4]), labels)) - Math.log(4)) < 1e-6) // four equal chances
 * assert.ok(item(crossEntropy(tensor([[200, 0, 0, 0], [0, 0, 0, 200]]), labels)) === 0)
 */
export const crossEntropy = (logits: Tensor, labels: Tensor, ...rest: readonly never[]): Tensor => {
  checkNoMore("crossEntropy", "logits and labels", rest)
  for (const t of [logits, labels]) checkTensor("crossEntropy", t)
  if (!sameShape(logits.shape.slice(0, -1), labels.shape) || logits.shape.length === 0)
    fail(
      "ShapeError",
      "crossEntropy",
      "logits […, classes] and labels […]",
      `${showShape(logits.shape)} and ${showShape(labels.shape)}`
    )
  requireClasses("crossEntropy", labels, logits.shape.at(-1) ?? 0)
  const chosen = takeAlongFor(labelsOf("crossEntropy"), logSoftmax(logits), expandDims(labels, -1), -1)
  return neg(mean(squeeze(chosen, -1)))
}

/**
 * Computes half the squared error: `½ Σ (prediction - target)²` over the last axis, averaged over the rest. For one
 * example its derivative by the prediction is the plain difference.
 *
 * Shapes: both `[…, outputs]` (or `[]`), result `[]`; a `ShapeError` or `DTypeError` when they differ.
 *
 * PyTorch's `MSELoss` and Keras's differ: they have no half, and average over the outputs too.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, tensor, toArray } from "thalweg"
 * import { halfSquaredError } from "thalweg/nn"
 *
 * const [prediction, target] = [tensor([[4, 6]]), tensor([[1, 2]])]
 * assert.strictEqual(item(halfSquaredError(prediction, target)), 12.5) // ½ (3² + 4²)
 * assert.deepStrictEqual(toArray(grad(halfSquaredError)(prediction, target)), [[3, 4]])
 */
export const halfSquaredError = (prediction: Tensor, target: Tensor, ...rest: readonly never[]): Tensor => {
  checkNoMore("halfSquaredError", "prediction and target", rest)
  for (const t of [prediction, target]) checkTensor("halfSquaredError", t)
  if (!sameShape(prediction.shape, target.shape))
    fail(
      "ShapeError",
      "halfSquaredError",
      "prediction and target of one shape",
      `${showShape(prediction.shape)} and ${showShape(target.shape)}`
    )
  const squares = mul(square(sub(prediction, target)), 0.5)
  return squares.shape.length === 0 ? squares : mean(sum(squares, { axes: -1 }))
}
