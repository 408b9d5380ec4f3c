/**
 * Makes of a vector the unit vector `v` of the reflection `I - 2 v·vᵀ` that leaves of it only a first element, which is
 * returned. The zero vector stays.
 */
export const reflector = (x: Float64Array): number => {
  let squares = 0
  for (const value of x) squares += value * value
  if (squares === 0) return 0
  const first = x[0]!
  const length = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares)
  x[0] = first - length
  // |v|² = 2·(|x|² - x₀·length), without cancellation by the choice of the sign
  const norm = Math.sqrt(2 * (squares - first * length))
  for (let i = 0; i < x.length; i++) x[i]! /= norm
  return length
}

/** Reflects the rows from `from` on of a matrix, in the columns from `start` on: `A - 2 v (vᵀ A)`. */
export const reflect = (a: Float64Array, columns: number, v: Float64Array, from: number, start: number): void => {
  const sums = new Float64Array(columns)
  for (let i = 0; i < v.length; i++) {
    const row = (from + i) * columns
    for (let j = start; j < columns; j++) sums[j]! += v[i]! * a[row + j]!
  }
  for (let i = 0; i < v.length; i++) {
    const [row, twice] = [(from + i) * columns, 2 * v[i]!]
    for (let j = start; j < columns; j++) a[row + j]! -= twice * sums[j]!
  }
}
