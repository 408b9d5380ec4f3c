import { allocate, type Data } from "../../../dataflow/dtype.js"
import type { OpOf } from "../../../dataflow/primitive.js"
import { sizeOf } from "../../../dataflow/shape.js"
import type { Call } from "../call.js"
import { refuse, type Flaw } from "./flaw.js"

const zeroPivot = (a: Data, n: number): Flaw | undefined => {
  for (let i = 0; i < n; i++)
    if (a[i * n + i] === 0) return { expected: "an invertible matrix", received: `0 as pivot ${i}` }
  return undefined
}

/** Solves for all columns of `x` in place, by forward or backward substitution. */
const substitute = (
  { lower, transposed, unitDiagonal }: OpOf<"triangularSolve">,
  a: Data,
  n: number,
  x: Float64Array,
  columns: number
): void => {
  const isForward = lower !== transposed
  const [down, across] = transposed ? [1, n] : [n, 1]
  for (let step = 0; step < n; step++) {
    const i = isForward ? step : n - 1 - step
    for (let before = 0; before < step; before++) {
      const j = isForward ? before : n - 1 - before
      const factor = a[i * down + j * across]!
      if (factor === 0) continue
      for (let k = 0; k < columns; k++) x[i * columns + k]! -= factor * x[j * columns + k]!
    }
    const pivot = a[i * n + i]!
    if (!unitDiagonal) for (let k = 0; k < columns; k++) x[i * columns + k]! /= pivot
  }
}

/** Computed in f64, and rounded once. */
export const triangularSolve = (op: OpOf<"triangularSolve">, call: Call, [a, b]: readonly [Data, Data]): Data => {
  const out = allocate(call.dtype, sizeOf(call.shape))
  if (out.length === 0) return out
  const batch = call.shape.slice(0, -2)
  const [n, columns] = call.shape.slice(-2) as [number, number]
  for (let i = 0; i < sizeOf(batch); i++) {
    const matrix = a.subarray(i * n * n, (i + 1) * n * n)
    const place = out.subarray(i * n * columns, (i + 1) * n * columns)
    const flaw = op.unitDiagonal ? undefined : zeroPivot(matrix, n)
    if (flaw === undefined) {
      const x = new Float64Array(b.subarray(i * n * columns, (i + 1) * n * columns))
      substitute(op, matrix, n, x, columns)
      place.set(x)
    } else {
      refuse(op, flaw, batch, i)
      place.fill(NaN)
    }
  }
  return out
}
