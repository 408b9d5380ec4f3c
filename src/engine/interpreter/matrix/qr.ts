import { columnOf, reflection, reflectRows, type Reflection } from "./householder.js"
import { multiply, negate, scaleOf } from "./scale.js"

/** `A = Q·R` by reflections; of `Q` as many columns as there are rows of `R`, whose diagonal is not negative. */
export const qr = (a: Float64Array, rows: number, columns: number): readonly [q: Float64Array, r: Float64Array] => {
  const rank = Math.min(rows, columns)
  const scale = scaleOf(a)
  multiply(a, scale)
  const reflections: Reflection[] = []
  for (let k = 0; k < rank; k++) {
    const own = reflection(columnOf(a, columns, k, k))
    reflectRows(a, columns, own, k, k + 1)
    for (let i = k; i < rows; i++) a[i * columns + k] = i === k ? own.first : 0
    reflections.push(own)
  }
  const r = multiply(a.slice(0, rank * columns), 1 / scale)
  const q = new Float64Array(rows * rank)
  for (let k = 0; k < rank; k++) q[k * rank + k] = 1
  for (let k = rank - 1; k >= 0; k--) reflectRows(q, rank, reflections[k]!, k, k)
  for (let k = 0; k < rank; k++) {
    if (r[k * columns + k]! >= 0) continue
    negate(r, columns, k)
    for (let i = 0; i < rows; i++) q[i * rank + k] = 0 - q[i * rank + k]!
  }
  return [q, r]
}
