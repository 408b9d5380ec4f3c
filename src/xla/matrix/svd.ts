import * as T from "../../dataflow/operations.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { scan } from "../../tree/scan.js"
import { whileLoop } from "../../tree/while-loop.js"
import { halves, missing, MOST_SWEEPS, nextOrder, rotated, rotationsOf } from "./pairs.js"
import { scaleOf, signsOf } from "./parts.js"
import { qr } from "./qr.js"

/** What is shorter is none: its squares vanish, and it has no direction. */
const SHORTEST = 2 ** -480

const along = (a: Tensor, b: Tensor): Tensor => T.sum(T.mul(a, b), { axes: 1 })

type Turned = readonly [x: Tensor, w: Tensor, isDone: Tensor]

/** One rotation of the rows of each pair of `x`, and of `w` along; then other pairs stand opposite. */
const turn = ([x, w, isDone]: Turned, tolerance: number): Turned => {
  const [p, q] = halves(x)
  const [a, b, c] = [along(p, p), along(q, q), along(p, q)]
  const isApart = T.le(T.abs(c), T.mul(tolerance, T.mul(T.sqrt(a), T.sqrt(b))))
  const rotations = rotationsOf(a, b, c, isApart)
  const order = nextOrder(x.shape[0] as number)
  const [nextX, nextW] = [x, w].map(rows => T.take(rotated(rows, rotations), order)) as [Tensor, Tensor]
  return [nextX, nextW, T.and(isDone, T.all(isApart))]
}

/** Orthogonal rows `w·r`, and `w` (Hestenes). */
const orthogonalRows = (r: Tensor): readonly [x: Tensor, w: Tensor] => {
  const n = r.shape[0] as number
  const from = missing(n)
  const even = n + from
  const tolerance = Number.EPSILON * Math.sqrt(n)
  const [x, w] = whileLoop(
    ([, , isDone, sweep]: readonly [Tensor, Tensor, Tensor, Tensor]) => T.and(T.not(isDone), T.lt(sweep, MOST_SWEEPS)),
    ([rows, turned, , sweep]) => {
      const start: Turned = [rows, turned, T.scalar(true)]
      const [after] = scan((pair: Turned) => [turn(pair, tolerance), []] as const, start, [], { length: even - 1 })
      return [...after, T.add(sweep, 1)] as const
    },
    [
      T.pad(r, [
        [from, 0],
        [0, 0]
      ]),
      T.eye(even, even, "f64"),
      T.scalar(false),
      T.scalar(0, "i32")
    ] as const
  )
  return [T.slice(x, { start: [from] }), T.slice(w, { start: [from, from] })]
}

/**
 * Of a matrix with no more columns than rows: `A = Q·R`, `W·R = diag(s)·Vᵀ`, `U = Q·Wᵀ`, all three by rows. The right vectors are
 * those of one more factorization, which finds directions where `s` is 0.
 */
const ofTall = (a: Tensor): readonly [u: Tensor, s: Tensor, v: Tensor] => {
  const [q, r] = qr(a)
  const [x, w] = orthogonalRows(r)
  const lengths = T.sqrt(along(x, x))
  const order = T.argSort(T.neg(lengths))
  const [v] = qr(T.transpose(T.take(x, order)))
  const s = T.take(lengths, order)
  return [T.matmul(T.take(w, order), T.transpose(q)), T.where(T.lt(s, SHORTEST), 0, s), T.transpose(v)]
}

/** `A = U·diag(s)·Vᵀ`, by reflections to a triangle, whose rows are made orthogonal by rotations in pairs (one-sided Jacobi). */
export const svd = (a: Tensor): readonly Tensor[] => {
  const [m, n] = a.shape as [number, number]
  const scale = scaleOf(a)
  const scaled = T.mul(a, scale)
  const [first, s, second] = ofTall(m >= n ? scaled : T.transpose(scaled))
  const [u, v] = m >= n ? [first, second] : [second, first]
  const signs = signsOf(u)
  return [T.transpose(T.mul(u, signs)), T.div(s, scale), T.transpose(T.mul(v, signs))]
}
