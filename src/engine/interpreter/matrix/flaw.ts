import { fail } from "../../../dataflow/error.js"
import type { Failing } from "../../../dataflow/primitive.js"
import { showShape, stridesOf, type Shape } from "../../../dataflow/shape.js"

/** What is wrong with a matrix. */
export interface Flaw {
  readonly expected: string
  readonly received: string
}

const placeIn = (batch: Shape, index: number): string => {
  const strides = stridesOf(batch)
  return showShape(batch.map((n, axis) => Math.floor(index / strides[axis]!) % n))
}

/** Throws what is wrong with a matrix of a batch, unless its result is to be NaN. */
export const refuse = (
  { operation, onFailure }: Failing,
  { expected, received }: Flaw,
  batch: Shape,
  index: number
) => {
  if (onFailure === "nan") return
  const which = batch.length === 0 ? "" : ` in matrix ${placeIn(batch, index)} of the batch`
  fail("MatrixError", operation, expected, `${received}${which}`)
}
