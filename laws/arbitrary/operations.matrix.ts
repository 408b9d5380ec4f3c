import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { fit, partner, type Draw, type Operation, type Operations } from "./draw.js"

const { add, concat, eye, matmul, mul } = t

const SIDE = 3

/** What makes numbers between -1 and 1 of any. */
type Bounded = (x: Tensor) => Tensor

const turned = (x: Tensor): Tensor => t.swapAxes(x, -1, -2)

/** One matrix or two, made of a drawn value. */
const matrices = ({ x, nat }: Draw, columns = SIDE): Tensor =>
  fit(x, nat(0, 2) === 1 ? [2, SIDE, columns] : [SIDE, columns])

/** With a diagonal that outweighs the rest, so that each matrix is far from singular, and no row changes its place. */
const regular = (x: Tensor): Tensor => add(mul(x, 0.2), eye(SIDE, x.shape.at(-1) ?? SIDE, x.dtype))

/** With a diagonal of 0.7, 1.4, 2.1 that outweighs the rest, so that eigenvalues and singular values stay apart. */
const spread = (x: Tensor): Tensor => {
  const places = t.cast(add(t.iota([SIDE], 0), 1), x.dtype)
  return add(mul(x, 0.08), mul(mul(eye(SIDE, SIDE, x.dtype), places), 0.7))
}

/** Linear algebra on small matrices that are far from singular, and whose derivatives are of the order of their elements. */
export const matrixOperations = (bounded: Bounded): Operations => {
  const of =
    (f: (x: Tensor, draw: Draw) => Tensor): Operation =>
    draw => {
      const own = { ...draw, x: bounded(draw.x) }
      return f(matrices(own), own)
    }
  const right = (draw: Draw, a: Tensor): Tensor => fit(bounded(partner(draw, draw.x)), [...a.shape.slice(0, -1), 2])
  return {
    solve: of((x, draw) => t.solve(regular(x), right(draw, x))),
    triangularSolve: of((x, draw) => {
      const [lower, transpose, unitDiagonal] = [1, 2, 3].map(i => draw.nat(i, 2) === 1) as [boolean, boolean, boolean]
      return t.triangularSolve(regular(x), right(draw, x), { lower, transpose, unitDiagonal })
    }),
    cholesky: of(x => t.cholesky(add(mul(matmul(x, turned(x)), 0.2), eye(SIDE, SIDE, x.dtype)))),
    lu: of(x => {
      const { lower, upper } = t.lu(regular(x))
      return concat([lower, upper], -1)
    }),
    qr: of((_, draw) => {
      const { q, r } = t.qr(regular(matrices(draw, 2)))
      return concat([q, r], -2)
    }),
    eigh: of(x => {
      const { values, vectors } = t.eigh(spread(mul(add(x, turned(x)), 0.5)))
      return concat([t.expandDims(mul(values, 0.5), -1), vectors], -1)
    }),
    svd: of(x => {
      const { u, s, v } = t.svd(spread(x))
      return concat([u, t.expandDims(mul(s, 0.5), -1), v], -1)
    }),
    lstsq: of((_, draw) => {
      const a = regular(matrices(draw, 2))
      return t.lstsq(a, right(draw, a))
    })
  }
}
