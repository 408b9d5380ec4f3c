import { allocate, type Data } from "../../../dataflow/dtype.js"
import type { FactorFn, OpOf } from "../../../dataflow/primitive.js"
import { sizeOf } from "../../../dataflow/shape.js"
import type { Call } from "../call.js"
import { cholesky } from "./cholesky.js"
import { eigh } from "./eigh.js"
import { refuse, type Flaw } from "./flaw.js"
import { lu } from "./lu.js"
import { qr } from "./qr.js"
import { svd } from "./svd.js"

/** The parts of a factorization, in the order in which they are packed. The matrix may be written over. */
type Factorization = (a: Float64Array, rows: number, columns: number) => readonly Float64Array[] | Flaw

const factorizations: Readonly<Record<FactorFn, Factorization>> = { cholesky, lu, qr, eigh, svd }

/** Elimination carries what is not finite along; the others would look for it forever, or tell something else of it. */
const isHopeless = (fn: FactorFn, a: Float64Array): boolean => {
  if (fn === "lu") return false
  for (const x of a) if (!Number.isFinite(x)) return true
  return false
}

/** Factorizes each matrix in f64, and rounds once. Of a matrix that is not finite all is NaN, but of `lu` what it reaches. */
export const factor = (op: OpOf<"factor">, call: Call, x: Data): Data => {
  const { shape } = call.args[0]!
  const [rows, columns] = shape.slice(-2) as [number, number]
  const [batch, size, packed] = [shape.slice(0, -2), rows * columns, call.shape.at(-1)!]
  const out = allocate(call.dtype, sizeOf(call.shape))
  for (let i = 0; i < sizeOf(batch); i++) {
    const a = new Float64Array(x.subarray(i * size, (i + 1) * size))
    const place = out.subarray(i * packed, (i + 1) * packed).fill(NaN)
    if (isHopeless(op.fn, a)) continue
    const parts = factorizations[op.fn](a, rows, columns)
    if ("expected" in parts) refuse(op, parts, batch, i)
    else {
      let at = 0
      for (const part of parts) {
        place.set(part, at)
        at += part.length
      }
    }
  }
  return out
}
