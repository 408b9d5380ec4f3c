import * as T from "../../dataflow/operations.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { scan } from "../../tree/scan.js"
import { column, row } from "./parts.js"

/** `A[p] = L·U` by elimination with partial pivoting; both factors in one matrix, then `p`. A zero pivot stays in `U`. */
export const lu = (a: Tensor): readonly Tensor[] => {
  const [m, n] = a.shape as [number, number]
  const [rows, columns] = [T.iota([m], 0), T.iota([n], 0)]
  const eliminate = ([matrix, order]: readonly [Tensor, Tensor], k: Tensor) => {
    const size = T.abs(T.take(matrix, k, 1))
    // the first of the largest, of those from k on; NaN is none
    const best = T.argMax(T.where(T.lt(rows, k), -2, T.where(T.isNaN(size), -1, size)))
    const exchanged = T.where(T.eq(rows, k), best, T.where(T.eq(rows, best), k, rows))
    const given = T.take(matrix, exchanged)
    const [pivotRow, own] = [T.take(given, k), T.take(given, k, 1)]
    const pivot = T.take(pivotRow, k)
    const isBelow = T.and(T.gt(rows, k), T.ne(pivot, 0))
    const factors = T.where(isBelow, T.div(own, pivot), 0)
    const isLeft = T.and(column(T.ne(factors, 0)), row(T.gt(columns, k)))
    const rest = T.where(isLeft, T.sub(given, T.outer(factors, pivotRow)), given)
    const kept = T.where(T.and(column(isBelow), row(T.eq(columns, k))), column(factors), rest)
    return [[kept, T.take(order, exchanged)], []] as const
  }
  const places = T.iota([Math.min(m, n)], 0)
  const [factored] = scan(eliminate, [a, T.cast(rows, a.dtype)], places)
  return factored
}
