import { matmul } from "../dataflow/contract.js"
import { cast, eq } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { argMax, mean } from "../dataflow/reduce.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { eye, flatten, take, transpose } from "../dataflow/structure.js"
import { checkNumber, count } from "../schedule/schedule.js"

/** The share of examples whose largest logit is that of their label. Shapes: `[…, classes]` and `[…]`, result `[]` in `f32`. */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => {
  const predicted = argMax(logits)
  if (!sameShape(predicted.shape, labels.shape))
    fail(
      "ShapeError",
      "accuracy",
      "logits […, classes] and labels […]",
      `${showShape(logits.shape)} and ${showShape(labels.shape)}`
    )
  return mean(cast(eq(predicted, cast(labels, "i32")), "f32"))
}

/**
 * How often each label (row) was predicted as each class (column): `i32` of shape `[classes, classes]`. Throws an
 * `IndexError` for a label or prediction outside the classes.
 */
export const confusionMatrix = (predicted: Tensor, labels: Tensor, classes: number): Tensor => {
  checkNumber("confusionMatrix", "classes", count, classes)
  if (!sameShape(predicted.shape, labels.shape))
    fail(
      "ShapeError",
      "confusionMatrix",
      "as many predictions as labels",
      `${showShape(predicted.shape)} and ${showShape(labels.shape)}`
    )
  const rowsOf = (classesOf: Tensor): Tensor => take(eye(classes, classes, "i32"), flatten(classesOf))
  return matmul(transpose(rowsOf(labels)), rowsOf(predicted))
}
