import * as T from "../../dataflow/operations.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { sliceAxis } from "../../dataflow/slice.js"

/** A vector as a column, and as a row. */
export const column = (x: Tensor): Tensor => T.expandDims(x, 1)
export const row = (x: Tensor): Tensor => T.expandDims(x, 0)

/** The rows from one place to another. */
export const rowsFrom = (a: Tensor, from: number, to: number): Tensor => sliceAxis(a, 0, from, to)

/** Squares of numbers between these bounds neither overflow nor vanish. */
const [LARGE, SMALL, BY] = [2 ** 200, 2 ** -200, 2 ** 600]

/** A power of two by which a matrix is multiplied so that squares of its elements neither overflow nor vanish. */
export const scaleOf = (a: Tensor): Tensor => {
  const most = T.max(T.abs(a))
  return T.where(T.gt(most, LARGE), T.scalar(1 / BY, "f64"), T.where(T.lt(most, SMALL), T.scalar(BY, "f64"), 1))
}

/** -1 for the rows whose first element that is at least half as large as any is negative, else 1; as a column. */
export const signsOf = (rows: Tensor): Tensor => {
  const size = T.abs(rows)
  const isLarge = T.ge(T.mul(size, 2), T.max(size, { axes: 1, keepDims: true }))
  const first = T.argMax(T.cast(isLarge, "i32"), 1)
  return T.where(T.lt(T.takeAlongAxis(rows, column(first), 1), 0), T.scalar(-1, "f64"), 1)
}
