import { vmap } from "../batching/vmap.js"
import * as T from "../dataflow/operations.js"
import { packedSize } from "../dataflow/packed.js"
import type { FactorFn, Tensor } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"
import type { Type } from "../dataflow/type.js"
import { inlined } from "./inlined.js"
import { eigh } from "./matrix/eigh.js"
import { lu } from "./matrix/lu.js"
import { qr } from "./matrix/qr.js"
import { svd } from "./matrix/svd.js"
import { scalarOf } from "./reduce.js"
import type { Row } from "./row.js"
import { listText, typeText } from "./text.js"
import type { Named, Writer } from "./writer.js"

/** The parts of a factorization of a matrix of f64, in the order in which they are packed. */
type Factorization = (a: Tensor) => readonly Tensor[]

/**
 * StableHLO has none of these, and what they are on each platform, calls of LAPACK and others, differs. So they are programs,
 * made of operations that run everywhere.
 */
const factorizations: Readonly<Record<Exclude<FactorFn, "cholesky">, Factorization>> = { lu, qr, eigh, svd }

const packed =
  (fn: Exclude<FactorFn, "cholesky">) =>
  (a: Tensor): Tensor => {
    const parts = T.concat(factorizations[fn](a).map(part => T.reshape(part, [sizeOf(part.shape)])))
    return fn === "lu" ? parts : T.where(T.all(T.isFinite(a)), parts, NaN)
  }

const batchOf = ({ shape }: Type): readonly number[] => shape.slice(0, -2)

/** NaN for the matrices of a batch whose condition, one for each, does not hold. */
const onlyWhere = (w: Writer, holds: Named, x: Named): Named => {
  const kept = [...holds.shape, ...x.shape.slice(holds.shape.length).map(() => 1)]
  return w.only(w.spread(w.reshape(holds, kept), x.shape), x, NaN)
}

/** Whether a condition on elements holds for all of each matrix. */
const allOf = (w: Writer, holds: Named): Named => {
  const rank = holds.shape.length
  const yes = w.constant(scalarOf(holds), 1)
  const out: Type = { shape: batchOf(holds), dtype: "bool" }
  return w.define(
    out,
    `stablehlo.reduce(${holds.name} init: ${yes.name}) applies stablehlo.and across dimensions = ${listText([rank - 2, rank - 1])} : (${typeText(holds)}, ${typeText(yes)}) -> ${typeText(out)}`
  )
}

/** Where row and column of a matrix are in a relation. */
const whereRow = (w: Writer, relation: "eq" | "ge", { shape }: Type): Named => {
  const places: Type = { shape, dtype: "i32" }
  return w.compare(relation, w.iota(places, shape.length - 2), w.iota(places, shape.length - 1))
}

/** Of `(A + Aᵀ)/2`; NaN where a pivot is not positive. */
const cholesky = (w: Writer, a: Named): Named => {
  const rank = a.shape.length
  const half = w.same("multiply", a, w.constant(a, 0.5))
  const exchanged = [...a.shape.keys()].toSpliced(rank - 2, 2, rank - 1, rank - 2)
  const symmetric = w.same("add", half, w.transpose(half, exchanged))
  const found = w.generic("cholesky", [symmetric], "lower = true", [], [a])[0] as Named
  const isPositive = w.compare("gt", found, w.constant(found, 0))
  const isDefinite = allOf(w, w.same("or", isPositive, w.same("not", whereRow(w, "eq", a))))
  return onlyWhere(w, isDefinite, w.only(whereRow(w, "ge", a), found, 0))
}

/** In f64, and rounded once. There are no errors: a matrix that has no result is NaN. */
export const factor: Row<"factor"> = ({ fn }, [a], out, w) => {
  const wide = w.convert(a, "f64")
  if (fn === "cholesky") return w.convert(w.reshape(cholesky(w, wide), out.shape), out.dtype)
  const [rows, columns] = a.shape.slice(-2) as [number, number]
  const batch = batchOf(a)
  if (batch.length === 0) return w.convert(inlined(w, packed(fn), wide), out.dtype)
  const count = sizeOf(batch)
  const all = inlined(w, vmap(packed(fn)), w.reshape(wide, [count, rows, columns]))
  return w.convert(w.reshape(all, [...batch, packedSize(fn, a.shape)]), out.dtype)
}

export const triangularSolve: Row<"triangularSolve"> = ({ lower, transposed, unitDiagonal }, [a, b], out, w) => {
  const [wide, right] = [w.convert(a, "f64"), w.convert(b, "f64")]
  const attributes = `left_side = true, lower = ${lower}, transpose_a = #stablehlo<transpose ${transposed ? "TRANSPOSE" : "NO_TRANSPOSE"}>, unit_diagonal = ${unitDiagonal}`
  const found = w.generic("triangular_solve", [wide, right], attributes, [], [right])[0] as Named
  if (unitDiagonal) return w.convert(found, out.dtype)
  const isPivot = w.compare("ne", wide, w.constant(wide, 0))
  const isInvertible = allOf(w, w.same("or", isPivot, w.same("not", whereRow(w, "eq", wide))))
  return w.convert(onlyWhere(w, isInvertible, found), out.dtype)
}
