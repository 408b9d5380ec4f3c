/** A reflection `I - tau·v·vᵀ` that leaves of a vector only a first element. */
export interface Reflection {
  readonly v: Float64Array
  readonly tau: number
  /** What is left of the vector. */
  readonly first: number
}

/** A column of a matrix, from row `from` on. */
export const columnOf = (a: Float64Array, columns: number, column: number, from: number): Float64Array => {
  const x = new Float64Array(a.length / columns - from)
  for (let i = 0, at = from * columns + column; i < x.length; i++, at += columns) x[i] = a[at]!
  return x
}

/** The reflection for a vector, which is written over. The zero vector stays as it is. */
export const reflection = (x: Float64Array): Reflection => {
  let squares = 0
  for (const value of x) squares += value * value
  if (squares === 0) return { v: x, tau: 0, first: 0 }
  const x0 = x[0]!
  // of the other sign than the first element, so that nothing cancels
  const first = x0 > 0 ? -Math.sqrt(squares) : Math.sqrt(squares)
  x[0] = 1
  for (let i = 1; i < x.length; i++) x[i]! /= x0 - first
  return { v: x, tau: (first - x0) / first, first }
}

/** The same of four columns from `j` on. */
const reflectFour = (a: Float64Array, columns: number, { v, tau }: Reflection, from: number, j: number): void => {
  let [p, q, r, s] = [0, 0, 0, 0]
  for (let i = 0, at = from * columns + j; i < v.length; i++, at += columns) {
    const factor = v[i]!
    p += factor * a[at]!
    q += factor * a[at + 1]!
    r += factor * a[at + 2]!
    s += factor * a[at + 3]!
  }
  for (let i = 0, at = from * columns + j; i < v.length; i++, at += columns) {
    const factor = tau * v[i]!
    a[at]! -= factor * p
    a[at + 1]! -= factor * q
    a[at + 2]! -= factor * r
    a[at + 3]! -= factor * s
  }
}

/** Reflects the rows from `from` on of a matrix, in the columns from `start` on: `A - tau·v·(vᵀ·A)`. */
export const reflectRows = (a: Float64Array, columns: number, own: Reflection, from: number, start: number): void => {
  const { v, tau } = own
  let j = start
  for (; j + 4 <= columns; j += 4) reflectFour(a, columns, own, from, j)
  for (; j < columns; j++) {
    const first = from * columns + j
    let sum = 0
    for (let i = 0, at = first; i < v.length; i++, at += columns) sum += v[i]! * a[at]!
    for (let i = 0, at = first; i < v.length; i++, at += columns) a[at]! -= tau * v[i]! * sum
  }
}

/** Reflects the columns from `from` on, in the rows from `from` on: `A - (A·v)·tau·vᵀ`. */
export const reflectColumns = (a: Float64Array, n: number, { v, tau }: Reflection, from: number): void => {
  for (let i = from; i < n; i++) {
    const row = i * n + from
    let along = 0
    for (let j = 0; j < v.length; j++) along += a[row + j]! * v[j]!
    for (let j = 0; j < v.length; j++) a[row + j]! -= tau * along * v[j]!
  }
}

/** Reflects rows and columns from `from` on of a symmetric matrix: `A - v·wᵀ - w·vᵀ`, `w = tau·A·v - (tau²/2)·(vᵀ·A·v)·v`. */
export const reflectBoth = (a: Float64Array, n: number, { v, tau }: Reflection, from: number): void => {
  const w = new Float64Array(v.length)
  let along = 0
  for (let i = 0; i < v.length; i++) {
    const row = (from + i) * n + from
    for (let j = 0; j < v.length; j++) w[i]! += a[row + j]! * v[j]!
    w[i]! *= tau
    along += v[i]! * w[i]!
  }
  for (let i = 0; i < v.length; i++) w[i]! -= (tau / 2) * along * v[i]!
  for (let i = 0; i < v.length; i++) {
    const [row, vi, wi] = [(from + i) * n + from, v[i]!, w[i]!]
    for (let j = 0; j < v.length; j++) a[row + j]! -= vi * w[j]! + wi * v[j]!
  }
}
