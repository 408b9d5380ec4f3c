import * as T from "../../dataflow/operations.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { scan } from "../../tree/scan.js"
import { column, row, rowsFrom, scaleOf } from "./parts.js"

/** `A - tau·v·(vᵀ·A)`. */
const reflected = (a: Tensor, v: Tensor, tau: Tensor): Tensor => T.sub(a, T.outer(T.mul(v, tau), T.matmul(v, a)))

/** `A = Q·R` by reflections; of `Q` as many columns as there are rows of `R`, whose diagonal is not negative. */
export const qr = (a: Tensor): readonly [q: Tensor, r: Tensor] => {
  const [m, n] = a.shape as [number, number]
  const rank = Math.min(m, n)
  const [rows, columns] = [T.iota([m], 0), T.iota([n], 0)]
  const reflect = (matrix: Tensor, k: Tensor) => {
    const x = T.where(T.lt(rows, k), 0, T.take(matrix, k, 1))
    const x0 = T.take(x, k)
    const length = T.sqrt(T.sum(T.square(x)))
    // of the other sign than the first element, so that nothing cancels
    const first = T.where(T.gt(x0, 0), T.neg(length), length)
    const isZero = T.eq(length, 0)
    const v = T.where(T.eq(rows, k), 1, T.div(x, T.where(isZero, 1, T.sub(x0, first))))
    const tau = T.where(isZero, 0, T.div(T.sub(first, x0), T.where(isZero, 1, first)))
    const done = T.where(T.eq(rows, k), first, 0)
    const isOwn = T.and(column(T.ge(rows, k)), row(T.eq(columns, k)))
    return [T.where(isOwn, column(done), reflected(matrix, v, tau)), { v, tau }] as const
  }
  const scale = scaleOf(a)
  const [triangle, reflections] = scan(reflect, T.mul(a, scale), T.iota([rank], 0))
  const [q] = scan(
    (x: Tensor, { v, tau }: typeof reflections) => [reflected(x, v, tau), []] as const,
    T.eye(m, rank, "f64"),
    reflections,
    { reverse: true }
  )
  const r = rowsFrom(triangle, 0, rank)
  const signs = T.where(T.lt(T.diagonal(r), 0), T.scalar(-1, "f64"), 1)
  return [T.mul(q, row(signs)), T.mul(T.div(r, scale), column(signs))]
}
