import { eigh } from "./eigh.js"
import { qr } from "./qr.js"
import { multiply, negate, pointsBack, rotate, scaleOf, transposed } from "./scale.js"

/** What is shorter is none: its squares vanish, and it has no direction. */
const SHORTEST = 2 ** -480

const MOST_SWEEPS = 60

const dot = (x: Float64Array, width: number, p: number, q: number): number => {
  let sum = 0
  for (let i = 0; i < width; i++) sum += x[p * width + i]! * x[q * width + i]!
  return sum
}

/** Turns the rows of `x` in pairs until they are orthogonal (Hestenes), and those of `w` along. */
const orthogonalize = (x: Float64Array, w: Float64Array, n: number): void => {
  const tolerance = Number.EPSILON * Math.sqrt(n)
  const squares = Float64Array.from({ length: n }, (_, i) => dot(x, n, i, i))
  for (let sweep = 0, isDone = false; !isDone && sweep < MOST_SWEEPS; sweep++) {
    isDone = true
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const [a, b, c] = [squares[p]!, squares[q]!, dot(x, n, p, q)]
        if (Math.abs(c) <= tolerance * Math.sqrt(a) * Math.sqrt(b)) continue
        isDone = false
        const cotangent = (a - b) / (2 * c)
        const root = Math.sqrt(1 + cotangent * cotangent)
        const tangent = cotangent < 0 ? 1 / (cotangent - root) : 1 / (cotangent + root)
        const cosine = 1 / Math.sqrt(1 + tangent * tangent)
        for (const rows of [x, w]) rotate(rows, n, p, q, cosine, cosine * tangent)
        for (const row of [p, q]) squares[row] = dot(x, n, row, row)
      }
  }
}

/** The product of two square matrices, the second by its columns or by its rows. */
const product = (a: Float64Array, b: Float64Array, n: number, isTransposed: boolean): Float64Array => {
  const out = new Float64Array(n * n)
  const columns = isTransposed ? transposed(b, n, n) : b
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!
      for (let j = 0; j < n; j++) out[i * n + j]! += factor * columns[k * n + j]!
    }
  return out
}

/**
 * Orthogonal rows `w·r`, and `w`: first by the eigenvectors of `r·rᵀ`, which are right but for the root of the rounding, so that
 * few rotations are left.
 */
const orthogonalRows = (r: Float64Array, n: number): readonly [x: Float64Array, w: Float64Array] => {
  const [, vectors] = eigh(product(r, r, n, true), n)
  const w = transposed(vectors, n, n)
  const x = product(w, r, n, false)
  orthogonalize(x, w, n)
  return [x, w]
}

/** Puts a unit vector that is orthogonal to the first `known` rows at the next: what is left of the axis farthest from them. */
const complete = (v: Float64Array, n: number, known: number): void => {
  const left = new Float64Array(n).fill(1)
  for (let i = 0; i < known * n; i++) left[i % n]! -= v[i]! * v[i]!
  const row = v.subarray(known * n, (known + 1) * n).fill(0)
  row[left.indexOf(left.reduce((a, b) => Math.max(a, b)))] = 1
  // the second time for the rounding of the first
  for (let time = 0; time < 2; time++)
    for (let k = 0; k < known; k++) {
      const along = dot(v, n, k, known)
      for (let i = 0; i < n; i++) row[i]! -= along * v[k * n + i]!
    }
  multiply(row, 1 / Math.sqrt(dot(v, n, known, known)))
}

/** Of a matrix with no more columns than rows: `A = Q·R`, `W·R = diag(s)·Vᵀ`, `U = Q·Wᵀ`. */
const ofTall = (
  a: Float64Array,
  rows: number,
  n: number
): readonly [u: Float64Array, s: Float64Array, v: Float64Array] => {
  const [q, r] = qr(a, rows, n)
  const [x, w] = orthogonalRows(r, n)
  const lengths = Float64Array.from({ length: n }, (_, i) => Math.sqrt(dot(x, n, i, i)))
  const order = Array.from(lengths.keys()).sort((i, j) => lengths[j]! - lengths[i]!)
  const s = Float64Array.from(order, i => (lengths[i]! < SHORTEST ? 0 : lengths[i]!))
  const [u, v] = [new Float64Array(n * rows), new Float64Array(n * n)]
  order.forEach((from, to) => {
    const length = s[to]!
    if (length === 0) complete(v, n, to)
    else for (let i = 0; i < n; i++) v[to * n + i] = x[from * n + i]! / length
    for (let i = 0; i < rows; i++) for (let k = 0; k < n; k++) u[to * rows + i]! += q[i * n + k]! * w[from * n + k]!
  })
  return [u, s, v]
}

/** `A = U·diag(s)·Vᵀ`, by reflections to a triangle, whose rows are made orthogonal by rotations in pairs (one-sided Jacobi). */
export const svd = (a: Float64Array, rows: number, columns: number): readonly Float64Array[] => {
  const rank = Math.min(rows, columns)
  const scale = scaleOf(a)
  multiply(a, scale)
  const isTall = rows >= columns
  const found = isTall ? ofTall(a, rows, columns) : ofTall(transposed(a, rows, columns), columns, rows)
  const [u, v] = isTall ? [found[0], found[2]] : [found[2], found[0]]
  for (let k = 0; k < rank; k++) {
    if (!pointsBack(u, rows, k)) continue
    negate(u, rows, k)
    negate(v, columns, k)
  }
  return [transposed(u, rank, rows), multiply(found[1], 1 / scale), transposed(v, rank, columns)]
}
