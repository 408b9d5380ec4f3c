import * as T from "../../dataflow/operations.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { scan } from "../../tree/scan.js"
import { whileLoop } from "../../tree/while-loop.js"
import { halves, missing, MOST_SWEEPS, nextOrder, rotated, rotationsOf } from "./pairs.js"
import { scaleOf, signsOf } from "./parts.js"

/** The elements beside the diagonal. */
const beside = (a: Tensor): Tensor => T.where(T.eye(a.shape[0] as number, undefined, "bool"), 0, a)

/** One rotation of rows and columns of each pair, and of the rows of `z`; then other pairs stand opposite. */
const turn = ([a, z]: readonly [Tensor, Tensor]): readonly [Tensor, Tensor] => {
  const n = a.shape[0] as number
  const [d, e] = halves(T.diagonal(a))
  const opposite = T.diagonal(a, n / 2)
  const rotations = rotationsOf(d, e, opposite, T.eq(opposite, 0))
  const both = rotated(T.transpose(rotated(a, rotations)), rotations)
  // what is opposite is 0, but for rounding
  const apart = T.abs(T.sub(T.iota([n, n], 0), T.iota([n, n], 1)))
  const order = nextOrder(n)
  return [T.take(T.take(T.where(T.eq(apart, n / 2), 0, both), order), order, 1), T.take(rotated(z, rotations), order)]
}

/** `(A + Aᵀ)/2 = V·diag(λ)·Vᵀ` by rotations in pairs (Jacobi), until what is beside the diagonal is of the size of rounding. */
export const eigh = (a: Tensor): readonly [values: Tensor, vectors: Tensor] => {
  const n = a.shape[0] as number
  const scale = scaleOf(a)
  const half = T.mul(a, T.mul(scale, 0.5))
  const from = missing(n)
  const even = n + from
  const start = T.pad(T.add(half, T.transpose(half)), [
    [from, 0],
    [from, 0]
  ])
  const tolerance = T.mul(T.norm(start), Number.EPSILON)
  const [d, z] = whileLoop(
    ([x, , sweep]: readonly [Tensor, Tensor, Tensor]) =>
      T.and(T.gt(T.max(T.abs(beside(x))), tolerance), T.lt(sweep, MOST_SWEEPS)),
    ([x, rows, sweep]) => {
      const [[turned, along]] = scan(pair => [turn(pair), []] as const, [x, rows] as const, [], { length: even - 1 })
      return [turned, along, T.add(sweep, 1)] as const
    },
    [start, T.eye(even, even, "f64"), T.scalar(0, "i32")] as const
  )
  const all = T.slice(T.diagonal(d), { start: [from] })
  const order = T.argSort(all)
  const vectors = T.take(T.slice(z, { start: [from, from] }), order)
  return [T.div(T.take(all, order), scale), T.transpose(T.mul(vectors, signsOf(vectors)))]
}
