import * as T from "../../dataflow/operations.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { range } from "../../dataflow/shape.js"
import { column, rowsFrom } from "./parts.js"

/**
 * Rotations in pairs, as many at once as there are pairs: row `i` of the upper half with row `i` of the lower (Brent and Luk
 * 1985). The number of rows is even.
 */
export interface Rotations {
  readonly cosine: Tensor
  readonly sine: Tensor
}

/** The rotations that make `[[a, c], [c, b]]` diagonal; none where it is so already. */
export const rotationsOf = (a: Tensor, b: Tensor, c: Tensor, isDone: Tensor): Rotations => {
  const cotangent = T.div(T.sub(b, a), T.mul(2, T.where(isDone, 1, c)))
  const root = T.add(T.abs(cotangent), T.sqrt(T.add(1, T.square(cotangent))))
  const tangent = T.where(isDone, 0, T.div(T.where(T.lt(cotangent, 0), T.scalar(-1, "f64"), 1), root))
  const cosine = T.div(1, T.sqrt(T.add(1, T.square(tangent))))
  return { cosine, sine: T.mul(cosine, tangent) }
}

export const halves = (a: Tensor): readonly [upper: Tensor, lower: Tensor] => {
  const n = a.shape[0] as number
  return [rowsFrom(a, 0, n / 2), rowsFrom(a, n / 2, n)]
}

export const rotated = (a: Tensor, { cosine, sine }: Rotations): Tensor => {
  const [p, q] = halves(a)
  const [c, s] = [column(cosine), column(sine)]
  return T.concat([T.sub(T.mul(c, p), T.mul(s, q)), T.add(T.mul(s, p), T.mul(c, q))])
}

/** Where the row at each place comes from, so that after `n - 1` times each has met each; the first stays. */
export const nextOrder = (n: number): readonly number[] => {
  const half = n / 2
  if (half < 2) return range(n)
  const [upper, lower] = [range(half), range(half).map(i => half + i)]
  return [0, half, ...upper.slice(1, -1), ...lower.slice(1), half - 1]
}

/** How many rows of zeros are put before those of a matrix, so that there are as many as pairs have. */
export const missing = (n: number): number => n % 2

/** The most times that every row is paired with every other; about ten are needed. */
export const MOST_SWEEPS = 60
