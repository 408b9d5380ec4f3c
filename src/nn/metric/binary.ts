import { checkTensor } from "../../dataflow/check.js"
import { cast } from "../../dataflow/elementwise.js"
import { and, eq, isNaN, not, or } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sameShape } from "../../dataflow/shape.js"
import { fixed } from "../../options/fields.js"
import { finiteF32 } from "../../options/range.js"
import { checkValues } from "../labels.js"
import { mismatch } from "../loss/loss.js"
import { checkTarget } from "./fold.js"

export const thresholdFields = {
  /** Above which logit it is a yes. Default 0, a probability of ½. */
  threshold: fixed(finiteF32, 0)
}

/** Yes or no: which logits and targets can be counted, and which targets are a yes. */
export interface Answers {
  readonly sound: Tensor
  readonly wanted: Tensor
}

/** Logits and targets of one shape; a known target that is neither 0 nor 1 is a `DataError`, another one is not sound. */
export const answersOf = (title: string, logits: Tensor, target: Tensor): Answers => {
  checkTensor(title, logits)
  checkTarget(title, target)
  if (!sameShape(logits.shape, target.shape)) mismatch(title, "logits and targets of one shape", logits, target)
  const given = cast(
    checkValues(title, "targets of 0 or 1", value => value === 0 || value === 1, target),
    "f64"
  )
  const wanted = eq(given, 1)
  return { sound: and(not(isNaN(logits)), or(eq(given, 0), wanted)), wanted }
}
