import * as thalweg from "thalweg"
import { linalgLaws, type LinearAlgebra } from "thalweg/laws"
import { mutant, type Mutants } from "./mutant.js"

const { abs, add, argSort, div, exp, eye, flip, matmul, mul, neg, stopGradient, swapAxes } = thalweg
type Tensor = thalweg.Tensor

const broken = (wrong: { readonly [K in keyof LinearAlgebra]?: unknown }) =>
  linalgLaws({ ...thalweg, ...wrong } as LinearAlgebra)

const t = (x: Tensor): Tensor => swapAxes(x, -2, -1)
const columns = (x: Tensor): number => x.shape.at(-1) ?? 0

export const linalgMutants: Mutants = {
  "a matrix times its inverse is the identity, and times a solution the right side": [
    mutant("transposes", broken({ inverse: (a: Tensor) => t(thalweg.inverse(a)) })),
    mutant("inverts elements", broken({ inverse: (a: Tensor) => thalweg.reciprocal(a) })),
    mutant(
      "forgets the order of rows",
      broken({
        solve: (a: Tensor, b: Tensor) => {
          const { lower, upper } = thalweg.lu(a)
          return thalweg.triangularSolve(upper, thalweg.triangularSolve(lower, b, { lower: true }))
        }
      })
    )
  ],
  "what a triangle is solved for is that of the triangle alone": [
    mutant("reads all of the matrix", broken({ triangularSolve: (a: Tensor, b: Tensor) => thalweg.solve(a, b) })),
    mutant(
      "reads the other triangle",
      broken({
        triangularSolve: (a: Tensor, b: Tensor, o: thalweg.TriangularOptions = {}) =>
          thalweg.triangularSolve(a, b, { ...o, lower: o.lower !== true })
      })
    ),
    mutant(
      "does not transpose",
      broken({
        triangularSolve: (a: Tensor, b: Tensor, o: thalweg.TriangularOptions = {}) =>
          thalweg.triangularSolve(a, b, { ...o, transpose: false })
      })
    ),
    mutant(
      "reads the diagonal where there are ones",
      broken({
        triangularSolve: (a: Tensor, b: Tensor, o: thalweg.TriangularOptions = {}) =>
          thalweg.triangularSolve(a, b, { ...o, unitDiagonal: false })
      })
    )
  ],
  "determinants multiply, and change their sign with two rows": [
    mutant("has no sign", broken({ determinant: (a: Tensor) => abs(thalweg.determinant(a)) })),
    mutant("is the trace", broken({ determinant: (a: Tensor) => thalweg.trace(a, 0, -2, -1) })),
    mutant(
      "loses the sign of the logarithm",
      broken({
        logDeterminant: (a: Tensor) => ({
          ...thalweg.logDeterminant(a),
          sign: thalweg.onesLike(thalweg.determinant(a))
        })
      })
    )
  ],
  "the determinant of a triangle is the product of its diagonal": [
    mutant("is squared", broken({ determinant: (a: Tensor) => thalweg.square(thalweg.determinant(a)) }))
  ],
  "the factor of Cholesky is a lower triangle that makes the matrix": [
    mutant("is the upper triangle", broken({ cholesky: (a: Tensor) => t(thalweg.cholesky(a)) })),
    mutant("has a negative diagonal", broken({ cholesky: (a: Tensor) => neg(thalweg.cholesky(a)) })),
    mutant("regularizes", broken({ cholesky: (a: Tensor) => thalweg.cholesky(add(a, mul(eye(columns(a), undefined, "f64"), 1e-6))) })) // prettier-ignore
  ],
  "L times U is the matrix in another order of rows": [
    mutant(
      "gives the order the other way round",
      broken({
        lu: (a: Tensor) => {
          const factors = thalweg.lu(a)
          return { ...factors, permutation: argSort(factors.permutation) }
        }
      })
    ),
    mutant(
      "has the ones above",
      broken({
        lu: (a: Tensor) => {
          const { permutation, lower, upper } = thalweg.lu(a)
          return { permutation, lower: mul(lower, 2), upper: div(upper, 2) }
        }
      })
    )
  ],
  "Q is orthonormal, R a triangle with a diagonal that is not negative, and both make the matrix": [
    mutant(
      "leaves the signs as they come",
      broken({
        qr: (a: Tensor) => {
          const { q, r } = thalweg.qr(a)
          return { q: neg(q), r: neg(r) }
        }
      })
    ),
    mutant(
      "does not normalize",
      broken({
        qr: (a: Tensor) => {
          const { q, r } = thalweg.qr(a)
          return { q: mul(q, 2), r: div(r, 2) }
        }
      })
    )
  ],
  "eigenvectors are orthonormal, ordered by their values, and make the matrix": [
    mutant(
      "begins with the largest",
      broken({
        eigh: (a: Tensor) => {
          const { values, vectors } = thalweg.eigh(a)
          return { values: flip(values, -1), vectors: flip(vectors, -1) }
        }
      })
    ),
    mutant(
      "gives vectors as rows",
      broken({
        eigh: (a: Tensor) => {
          const { values, vectors } = thalweg.eigh(a)
          return { values, vectors: t(vectors) }
        }
      })
    ),
    mutant("reads one triangle, doubled", broken({ eigh: (a: Tensor) => thalweg.eigh(add(a, thalweg.tril(a, -1))) }))
  ],
  "singular vectors are orthonormal, ordered by their values, and make the matrix": [
    mutant(
      "begins with the smallest",
      broken({
        svd: (a: Tensor) => {
          const { u, s, v } = thalweg.svd(a)
          return { u: flip(u, -1), s: flip(s, -1), v: flip(v, -1) }
        }
      })
    ),
    mutant(
      "loses the vectors of what is 0",
      broken({
        svd: (a: Tensor) => {
          const { u, s, v } = thalweg.svd(a)
          const kept = thalweg.reshape(thalweg.cast(thalweg.gt(s, 1e-9), "f64"), [...s.shape.slice(0, -1), 1, -1])
          return { u, s, v: mul(v, kept) }
        }
      })
    )
  ],
  "the conditions of Penrose": [
    mutant("transposes", broken({ pinv: t })),
    mutant(
      "regularizes",
      broken({
        pinv: (a: Tensor) =>
          matmul(thalweg.inverse(add(matmul(t(a), a), mul(eye(columns(a), undefined, "f64"), 1e-6))), t(a))
      })
    ),
    mutant("inverts what is rounding", broken({ pinv: (a: Tensor) => thalweg.pinv(a, { rcond: 0 }) }))
  ],
  "what is left by least squares stands across the columns, and the solution is the shortest": [
    mutant("is as long as it comes", broken({ lstsq: (a: Tensor, b: Tensor) => add(thalweg.lstsq(a, b), 1e-3) })),
    mutant("inverts what is rounding", broken({ lstsq: (a: Tensor, b: Tensor) => thalweg.lstsq(a, b, { rcond: 0 }) }))
  ],
  "powers add up": [
    mutant("raises elements", broken({ matrixPower: (a: Tensor, n: number) => thalweg.pow(a, n) })),
    mutant("does not invert", broken({ matrixPower: (a: Tensor, n: number) => thalweg.matrixPower(a, Math.abs(n)) })),
    mutant(
      "multiplies once too often",
      broken({ matrixPower: (a: Tensor, n: number) => thalweg.matrixPower(a, n + 1) })
    )
  ],
  "the exponential of the negative is the inverse, and the determinant that of the trace": [
    mutant("takes elements", broken({ expm: exp })),
    mutant(
      "is Cayley's",
      broken({
        expm: (a: Tensor) => {
          const one = eye(columns(a), undefined, "f64")
          return thalweg.solve(add(one, div(a, -2)), add(one, div(a, 2)))
        }
      })
    ),
    mutant("squares once too often", broken({ expm: (a: Tensor) => thalweg.expm(mul(a, thalweg.abs(a))) }))
  ],
  "products of Kronecker's are Kronecker's of products, and made of blocks": [
    mutant("is turned around", broken({ kron: (a: Tensor, b: Tensor) => thalweg.kron(b, a) })),
    mutant("adds", broken({ kron: (a: Tensor, b: Tensor) => add(thalweg.kron(a, thalweg.onesLike(b)), thalweg.kron(thalweg.onesLike(a), b)) })) // prettier-ignore
  ],
  "each matrix of a batch is as it is alone, and as one of examples": [
    mutant(
      "takes the first for all",
      broken({
        cholesky: (a: Tensor) =>
        thalweg.broadcastTo(thalweg.cholesky(thalweg.slice(a, { stop: a.shape.map((n, i) => (i === 0 && a.shape.length > 2 ? 1 : n)) })), a.shape) // prettier-ignore
      })
    ),
    mutant(
      "scales by the largest of the batch",
      broken({
        svd: (a: Tensor) => {
          const scale = div(thalweg.max(abs(a)), 3)
          const { u, s, v } = thalweg.svd(div(a, scale))
          return { u, s: mul(s, scale), v }
        }
      })
    )
  ],
  "the derivative of a determinant is its cofactors, of its logarithm the transposed inverse": [
    mutant("holds pivots", broken({ determinant: (a: Tensor) => mul(thalweg.determinant(stopGradient(a)), add(1, mul(0, thalweg.sum(a)))) })), // prettier-ignore
    mutant("is not transposed", broken({ logDeterminant: (a: Tensor) => thalweg.logDeterminant(mul(a, 2)), inverse: (a: Tensor) => t(thalweg.inverse(a)) })) // prettier-ignore
  ],
  "the derivative of an inverse is between two of them": [
    mutant("is held", broken({ inverse: (a: Tensor) => mul(thalweg.inverse(stopGradient(a)), add(1, mul(0, a))) }))
  ],
  "twice the logarithm of the diagonal of Cholesky has the inverse as derivative": [
    mutant(
      "reads the lower triangle",
      broken({
        cholesky: (a: Tensor) => thalweg.cholesky(add(thalweg.tril(a), t(thalweg.tril(a, -1))))
      })
    ),
    mutant(
      "holds the root",
      broken({ cholesky: (a: Tensor) => mul(thalweg.cholesky(stopGradient(a)), add(1, mul(0, a))) })
    )
  ],
  "sums of eigenvalues and of squares of singular values have derivatives wherever they are equal": [
    mutant(
      "divides by differences",
      broken({
        eigh: (a: Tensor) => {
          const { values, vectors } = thalweg.eigh(a)
          const d = thalweg.sub(thalweg.expandDims(values, -1), thalweg.expandDims(values, -2))
          return { values: add(values, mul(0, thalweg.sum(div(d, d), { axes: -1 }))), vectors }
        }
      })
    ),
    mutant(
      "forgets to square",
      broken({ svd: (a: Tensor) => ({ ...thalweg.svd(a), s: thalweg.sqrt(thalweg.svd(a).s) }) })
    )
  ],
  "what is put together of factors has the derivative of the matrix": [
    mutant(
      "holds Q",
      broken({
        qr: (a: Tensor) => {
          const { q, r } = thalweg.qr(a)
          return { q: stopGradient(q), r }
        }
      })
    )
  ]
}
