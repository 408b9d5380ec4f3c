import { mul, neg, square, sub } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { logSoftmax, mean, sum } from "../dataflow/reduce.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { expandDims, squeeze, takeAlongAxis } from "../dataflow/structure.js"

/**
 * The mean cross-entropy of integer labels under softmax probabilities: `-mean log softmax(logits)[label]`.
 *
 * Shapes: logits `[…, classes]`, labels `i32` or `u32` of shape `[…]`, result `[]`. Throws a `ShapeError` when they do not
 * fit and an `IndexError` for a label outside the classes: at this call when labels are known, else when the loss is computed.
 */
export const crossEntropy = (logits: Tensor, labels: Tensor): Tensor => {
  if (!sameShape(logits.shape.slice(0, -1), labels.shape) || logits.shape.length === 0)
    fail(
      "ShapeError",
      "crossEntropy",
      "logits […, classes] and labels […]",
      `${showShape(logits.shape)} and ${showShape(labels.shape)}`
    )
  const chosen = takeAlongAxis(logSoftmax(logits), expandDims(labels, -1), -1)
  return neg(mean(squeeze(chosen, -1)))
}

/**
 * Half the squared error, `½ Σ (prediction - target)²` over the last axis, averaged over the rest; its derivative by the
 * prediction is the plain difference. Shapes: both `[…, outputs]` (or `[]`), result `[]`.
 */
export const halfSquaredError = (prediction: Tensor, target: Tensor): Tensor => {
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
