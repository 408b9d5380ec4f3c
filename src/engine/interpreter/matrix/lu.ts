/** The place of the largest element in absolute value of a column, from row `from` on: the first of equal ones. */
const largest = (a: Float64Array, rows: number, columns: number, column: number): number => {
  let [best, at] = [-1, column]
  for (let i = column; i < rows; i++) {
    const size = Math.abs(a[i * columns + column]!)
    if (size > best) [best, at] = [size, i]
  }
  return at
}

const exchange = (a: Float64Array, width: number, i: number, j: number): void => {
  if (i === j) return
  const row = a.slice(i * width, (i + 1) * width)
  a.copyWithin(i * width, j * width, (j + 1) * width)
  a.set(row, j * width)
}

/** `A[p] = L·U` by elimination with partial pivoting; both factors in one matrix, then `p`. A zero pivot stays in `U`. */
export const lu = (a: Float64Array, rows: number, columns: number): readonly Float64Array[] => {
  const order = Float64Array.from({ length: rows }, (_, i) => i)
  for (let k = 0; k < Math.min(rows, columns); k++) {
    const at = largest(a, rows, columns, k)
    exchange(a, columns, k, at)
    exchange(order, 1, k, at)
    const pivot = a[k * columns + k]!
    if (pivot === 0) continue
    for (let i = k + 1; i < rows; i++) {
      const factor = a[i * columns + k]! / pivot
      a[i * columns + k] = factor
      if (factor === 0) continue
      for (let j = k + 1; j < columns; j++) a[i * columns + j]! -= factor * a[k * columns + j]!
    }
  }
  return [a, order]
}
