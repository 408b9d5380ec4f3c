import { div, mul, sub } from "../../dataflow/arithmetic.js"
import { eq, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { norm, sum } from "../../dataflow/reduce.js"
import { fail } from "../../dataflow/error.js"
import { showShape } from "../../dataflow/shape.js"
import { checkAlike, lossOf, type LossFunction, type Reducing } from "./loss.js"

/** Vectors of length 1; of length 0, where they are. */
const directions = (x: Tensor): Tensor => {
  const length = norm(x, { axes: -1, keepDims: true })
  return div(x, where(eq(length, 0), 1, length))
}

/**
 * Computes how far vectors point apart: `1 - cos` of the angle between prediction and target, from 0 to 2, averaged over
 * examples; 1 where one of them is 0.
 *
 * Shapes: both `[…, outputs]`, weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ. Options: see
 * `LossFunction`.
 *
 * Lengths do not matter. PyTorch: `CosineEmbeddingLoss` of pairs that belong together; Keras's `CosineSimilarity` is
 * less by 1.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { cosineLoss } from "thalweg/nn"
 *
 * assert.strictEqual(item(cosineLoss(tensor([[2, 0], [0, 3]]), tensor([[1, 0], [1, 0]]))), 0.5) // 0 and 1
 */
export const cosineLoss: LossFunction<Reducing> = /* @__PURE__ */ lossOf(
  "cosineLoss",
  {},
  {
    axes: 1,
    check: (prediction, target) => {
      checkAlike("cosineLoss", prediction, target)
      if (prediction.shape.length === 0) fail("ShapeError", "cosineLoss", "vectors […, outputs]", showShape([]))
    },
    costs: (prediction, target) => ({
      each: sub(1, sum(mul(directions(prediction), directions(target)), { axes: -1 }))
    })
  }
)
