import { add, div, mul, neg, sub } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { matmul } from "../dataflow/contract.js"
import { broadcastTo, expandDims } from "../dataflow/structure.js"
import { transposed, triangular, unpacked } from "../dataflow/factor.js"
import { and, eq, where } from "../dataflow/logic.js"
import { eye, tril, triu } from "../dataflow/matrix.js"
import { argOf, type Failing, type FactorFn, type OpOf, type Tensor } from "../dataflow/primitive.js"
import { argSort } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { sliceAxis } from "../dataflow/slice.js"
import { apply } from "../dataflow/tensor.js"
import { customVjp } from "./custom-vjp.js"

type Parts = readonly Tensor[]

/** The cotangent of a matrix, from its factorization and the cotangents of the parts. */
type FactorRule = (parts: Parts, cts: Parts, how: Failing) => Tensor

const lower = { lower: true, transposed: false, unitDiagonal: false }
const upper = { lower: false, transposed: false, unitDiagonal: false }
const unitLower = { ...lower, unitDiagonal: true }
const across = <T extends { readonly transposed: boolean }>(triangle: T): T => ({ ...triangle, transposed: true })

/** `X·op(T)⁻¹`, by the triangle of the transposed system. */
const divided = (x: Tensor, t: Tensor, triangle: typeof lower, how: Failing): Tensor =>
  transposed(triangular(t, transposed(x), { ...triangle, transposed: !triangle.transposed }, how))

const symmetric = (x: Tensor): Tensor => mul(add(x, transposed(x)), 0.5)

/** The lower triangle with half the diagonal. */
const halved = (x: Tensor): Tensor => mul(add(tril(x), tril(x, -1)), 0.5)

/** `S = L⁻ᵀ·Φ(Lᵀ·L̄)·L⁻¹`, of which the symmetric part (Murray 2016, arXiv 1602.07527, eq. 10). */
const cholesky: FactorRule = ([l], [ct], how) => {
  const [own, inner] = [l as Tensor, halved(matmul(transposed(l as Tensor), ct as Tensor))]
  return symmetric(divided(triangular(own, inner, across(lower), how), own, lower, how))
}

/** `Ā[p] = L⁻ᵀ·(tril(Lᵀ·L̄, -1) + triu(Ū·Uᵀ))·U⁻ᵀ` of a square matrix, `L` and `U` in one. */
const squareLu = (packed: Tensor, lBar: Tensor, uBar: Tensor, how: Failing): Tensor => {
  const l = add(tril(packed, -1), eye(packed.shape.at(-1) ?? 0, undefined, packed.dtype))
  const ofL = tril(matmul(transposed(l), tril(lBar, -1)), -1)
  const ofU = triu(matmul(triu(uBar), transposed(triu(packed))))
  return divided(triangular(packed, add(ofL, ofU), across(unitLower), how), packed, across(upper), how)
}

/**
 * Where the order of rows is held. Rows below the square are `L₂ = A₂·U⁻¹`, columns beyond it `U₂ = L⁻¹·A₂`: that is
 * `Ā₂ = L̄₂·U⁻ᵀ` and `Ū - L₂ᵀ·Ā₂`, or `Ā₂ = L⁻ᵀ·Ū₂` and `L̄ - Ā₂·U₂ᵀ`, so that no other square is needed.
 */
const orderedLu = (packed: Tensor, bar: Tensor, how: Failing): Tensor => {
  const [rows = 0, columns = 0] = packed.shape.slice(-2)
  if (rows === columns) return squareLu(packed, bar, bar, how)
  const rank = Math.min(rows, columns)
  const axis = rows > columns ? -2 : -1
  const parts = (x: Tensor) => [sliceAxis(x, axis, 0, rank), sliceAxis(x, axis, rank, Math.max(rows, columns))] as const
  const [[square, rest], [squareBar, restBar]] = [parts(packed), parts(bar)]
  if (rows > columns) {
    const below = divided(restBar, square, across(upper), how)
    const uBar = sub(squareBar, matmul(transposed(rest), below))
    return concat([squareLu(square, squareBar, uBar, how), below], axis)
  }
  const beyond = triangular(square, restBar, across(unitLower), how)
  const lBar = sub(squareBar, matmul(beyond, transposed(rest)))
  return concat([squareLu(square, lBar, squareBar, how), beyond], axis)
}

const lu: FactorRule = ([packed, order], [bar], how) => {
  const ordered = orderedLu(packed as Tensor, bar as Tensor, how)
  const batch = ordered.shape.length - 2
  return apply(shapes.gather, { kind: "gather", axis: batch, batch }, [ordered, argSort(order as Tensor)])
}

/** `Ā = (Q̄ + Q·M)·R⁻ᵀ`, `M` the symmetric matrix with the lower triangle of `R·R̄ᵀ - Q̄ᵀ·Q` (Seeger et al. 2017, eq. 9). */
const tallQr = (q: Tensor, r: Tensor, qBar: Tensor, rBar: Tensor, how: Failing): Tensor => {
  const inner = sub(matmul(r, transposed(rBar)), matmul(transposed(qBar), q))
  const mirrored = add(tril(inner), transposed(tril(inner, -1)))
  return divided(add(qBar, matmul(q, mirrored)), r, across(upper), how)
}

/** Columns beyond the rows are `Q` times those of `R`, so that `Q` has from them a cotangent as well. */
const qr: FactorRule = (parts, cts, how) => {
  const [q, r, qBar, rBar] = [...parts, ...cts] as [Tensor, Tensor, Tensor, Tensor]
  const [rows = 0, columns = 0] = r.shape.slice(-2)
  if (rows === columns) return tallQr(q, r, qBar, rBar, how)
  const own = (t: Tensor): Tensor => sliceAxis(t, -1, 0, rows)
  const more = (t: Tensor): Tensor => matmul(q, sliceAxis(t, -1, rows, columns))
  const both = add(qBar, matmul(more(r), transposed(sliceAxis(rBar, -1, rows, columns))))
  return concat([tallQr(q, own(r), both, own(rBar), how), more(rBar)], -1)
}

/**
 * A quotient of tensors of one shape that is 0 where both are 0, and NaN where only the divisor is. So is its derivative,
 * of any order: along a tangent of 0 nothing changes, and by another it is not finite, whatever the dividend was.
 */
const quotient: (dividend: Tensor, divisor: Tensor) => Tensor = /* @__PURE__ */ customVjp(
  (dividend: Tensor, divisor: Tensor) => {
    const isZero = eq(divisor, 0)
    const y = div(where(isZero, 0, dividend), where(and(isZero, eq(dividend, 0)), 1, divisor))
    return [y, { y, divisor }] as const
  },
  ({ y, divisor }, ct) => [quotient(ct, divisor), neg(mul(ct, quotient(y, divisor)))] as const
)

/** Where the diagonal is. */
const diagonalOf = (x: Tensor): Tensor => eye(x.shape.at(-1) ?? 0, undefined, "bool")

const onDiagonal = (x: Tensor, diagonal: Tensor): Tensor => where(diagonalOf(x), expandDims(diagonal, -1), x)

/** `(X - Xᵀ)ᵢⱼ / (vⱼ - vᵢ)` beside the diagonal: NaN where that is 0, unless both elements of `X` are. `v` is a row. */
const apart = (x: Tensor, v: Tensor): Tensor => {
  const q = quotient(x, where(diagonalOf(x), 1, sub(v, transposed(v))))
  return add(q, transposed(q))
}

/** `Ā = V·(diag(λ̄) + K)·Vᵀ`, `Kᵢⱼ = (G - Gᵀ)ᵢⱼ / 2(λⱼ - λᵢ)`, `G = Vᵀ·V̄` (Giles 2008, 3.1, symmetric). */
const eigh: FactorRule = (parts, cts) => {
  const [values, vectors, valuesBar, vectorsBar] = [...parts, ...cts] as [Tensor, Tensor, Tensor, Tensor]
  const k = mul(apart(matmul(transposed(vectors), vectorsBar), expandDims(values, -2)), 0.5)
  return matmul(matmul(vectors, onDiagonal(k, valuesBar)), transposed(vectors))
}

/** What of `x̄`, each column divided by a singular value, lies outside the span of the columns of `x`. */
const beyond = (x: Tensor, bar: Tensor, s: Tensor): Tensor => {
  const all = quotient(bar, broadcastTo(expandDims(s, -2), bar.shape))
  return sub(all, matmul(x, matmul(transposed(x), all)))
}

/**
 * `Ā = U·(diag(s̄) + K)·Vᵀ`, `Kᵢⱼ = (X + Y - Xᵀ - Yᵀ)ᵢⱼ / 2(sⱼ - sᵢ) + (X - Y - Xᵀ + Yᵀ)ᵢⱼ / 2(sⱼ + sᵢ)`, `X = Uᵀ·Ū`, `Y = Vᵀ·V̄`, and what
 * leaves the spans of the vectors: `(I - U·Uᵀ)·Ū·S⁻¹·Vᵀ` and `U·S⁻¹·V̄ᵀ·(I - V·Vᵀ)` (Giles 2008, 3.2; Townsend 2016). In `K` the
 * singular values are halved, so that no sum overflows; only its first part, by which both vectors of two values turn
 * alike, minds that these are equal.
 */
const svd: FactorRule = (parts, cts) => {
  const [u, s, v, uBar, sBar, vBar] = [...parts, ...cts] as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
  const row = expandDims(mul(s, 0.5), -2)
  const [x, y] = [matmul(transposed(u), uBar), matmul(transposed(v), vBar)]
  const against = sub(x, y)
  const k = add(apart(add(x, y), row), quotient(sub(against, transposed(against)), add(row, transposed(row))))
  const inside = matmul(matmul(u, onDiagonal(mul(k, 0.25), sBar)), transposed(v))
  const [rows = 0, columns = 0] = [u.shape.at(-2), v.shape.at(-2)]
  if (rows === columns) return inside
  return rows > columns
    ? add(inside, matmul(beyond(u, uBar, s), transposed(v)))
    : add(inside, matmul(u, transposed(beyond(v, vBar, s))))
}

const factorRules: Readonly<Record<FactorFn, FactorRule>> = { cholesky, lu, qr, eigh, svd }

/** The cotangent of a matrix from that of its factorization. */
export const factorBar = (op: OpOf<"factor">, node: Tensor, ct: Tensor): Tensor => {
  const { shape } = argOf(node, 0)
  return factorRules[op.fn](unpacked(op.fn, node, shape), unpacked(op.fn, ct, shape), op)
}

/** The cotangents of `x = op(T)⁻¹·b`: `b̄ = op(T)⁻ᵀ·x̄`, and the triangle of `-b̄·xᵀ`, transposed as the system is. */
export const triangularBars = (
  op: OpOf<"triangularSolve">,
  node: Tensor,
  ct: Tensor
): readonly [() => Tensor, () => Tensor] => {
  const matrix = argOf(node, 0)
  const ofB = (): Tensor => triangular(matrix, ct, { ...op, transposed: !op.transposed }, op)
  const ofMatrix = (): Tensor => {
    const [left, right] = op.transposed ? [node, ofB()] : [ofB(), node]
    const all = neg(matmul(left, transposed(right)))
    const beside = op.unitDiagonal ? 1 : 0
    return op.lower ? tril(all, -beside) : triu(all, beside)
  }
  return [ofMatrix, ofB]
}
