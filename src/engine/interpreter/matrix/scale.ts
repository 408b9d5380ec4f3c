const [LARGE, SMALL] = [2 ** 200, 2 ** -200]

/** A power of two by which a matrix is multiplied so that squares of its elements neither overflow nor vanish. */
export const scaleOf = (a: Float64Array): number => {
  let [most, scale] = [0, 1]
  for (const x of a) most = Math.max(most, Math.abs(x))
  while (most * scale > LARGE) scale *= SMALL
  while (most > 0 && most * scale < SMALL) scale *= LARGE
  return scale
}

/** Multiplies all elements, in place. */
export const multiply = (a: Float64Array, factor: number): Float64Array => {
  if (factor !== 1) for (let i = 0; i < a.length; i++) a[i]! *= factor
  return a
}

/** Turns rows `p` and `q`, of so many elements: `p' = c·p + s·q`, `q' = c·q - s·p`. */
export const rotate = (rows: Float64Array, width: number, p: number, q: number, c: number, s: number): void => {
  for (let i = p * width, j = q * width, end = i + width; i < end; i++, j++) {
    const [x, y] = [rows[i]!, rows[j]!]
    rows[i] = c * x + s * y
    rows[j] = c * y - s * x
  }
}

/** Changes the sign of a row; 0 has none. */
export const negate = (rows: Float64Array, width: number, row: number): void => {
  for (let i = row * width; i < (row + 1) * width; i++) rows[i] = 0 - rows[i]!
}

/** Whether the first element of a row that is at least half as large as any is negative. */
export const pointsBack = (rows: Float64Array, width: number, row: number): boolean => {
  const own = rows.subarray(row * width, (row + 1) * width)
  const most = own.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
  return own.find(x => 2 * Math.abs(x) >= most)! < 0
}

/** Rows as columns. */
export const transposed = (a: Float64Array, rows: number, columns: number): Float64Array => {
  const out = new Float64Array(a.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j]!
  return out
}
