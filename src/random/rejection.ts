import { scalar, zeros } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import { or, where } from "../dataflow/logic.js"
import { loop } from "../dataflow/loop.js"
import type { Tensor } from "../dataflow/primitive.js"
import { iota } from "../dataflow/sequence.js"
import { checkShape, type Shape } from "../dataflow/shape.js"
import { stopGradient } from "../dataflow/elementwise.js"
import { broadcastTo } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { foldIn } from "./key.js"

/**
 * A parameter of what is drawn, for every element: a number that `fits`, or a tensor of the dtype, whose values are not
 * looked at. It is held constant: how a draw that was rejected depends on it is not known.
 */
export const parameter = (
  operation: string,
  expected: string,
  fits: (value: number) => boolean,
  value: number | Tensor,
  shape: Shape,
  dtype: FloatDType
): Tensor => {
  checkShape(operation, shape)
  if (!isTensor(value))
    return typeof value === "number" && fits(value)
      ? broadcastTo(scalar(value, dtype), shape)
      : fail("HyperparameterError", operation, expected, describeValue(value))
  if (value.dtype !== dtype) fail("DTypeError", operation, dtype, value.dtype)
  return stopGradient(broadcastTo(value, shape))
}

/** What is drawn, and where that may stay. */
export interface Proposal {
  readonly value: Tensor
  readonly isAccepted: Tensor
}

/**
 * The first proposal that is accepted, of each element; the last, where none is. A graph knows no loop that ends when
 * all are: so many rounds have to do that none is accepted about as often as a double is off by its last digit.
 */
export const firstAccepted = (
  key: Tensor,
  rounds: number,
  like: Pick<Tensor, "shape" | "dtype">,
  propose: (key: Tensor) => Proposal
): Tensor => {
  const body = ([isDone, kept]: readonly Tensor[], [round]: readonly Tensor[]) => {
    const { value, isAccepted } = propose(foldIn(key, round as Tensor))
    const before = isDone as Tensor
    return [[or(before, isAccepted), where(before, kept as Tensor, value)], []] as const
  }
  const start = [zeros(like.shape, "bool"), zeros(like.shape, like.dtype)]
  return loop(body, start, [iota([rounds], 0, "u32")], rounds, false)[1] as Tensor
}
