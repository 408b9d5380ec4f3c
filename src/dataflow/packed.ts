import type { FactorFn } from "./primitive.js"
import { sizeOf, type Shape } from "./shape.js"

/**
 * The parts of a factorization of a matrix of so many rows and columns. One tensor holds them, one after the other along
 * its last axis, so that a factorization is a primitive with one result.
 */
const partShapes: Readonly<Record<FactorFn, (rows: number, columns: number) => readonly Shape[]>> = {
  /** The lower triangle. */
  cholesky: n => [[n, n]],
  /** The unit lower triangle below the diagonal and the upper one from it on; the row of the matrix that came to each place. */
  lu: (m, n) => [[m, n], [m]],
  /** The orthonormal columns, the upper triangle. */
  qr: (m, n) => [
    [m, Math.min(m, n)],
    [Math.min(m, n), n]
  ],
  /** The eigenvalues, ascending; the eigenvectors as columns. */
  eigh: n => [[n], [n, n]],
  /** The left singular vectors as columns; the singular values, descending; the right vectors as columns. */
  svd: (m, n) => [[m, Math.min(m, n)], [Math.min(m, n)], [n, Math.min(m, n)]]
}

/** The shapes of the parts of a factorization of a matrix, or of each of a batch, of this shape. */
export const partsOf = (fn: FactorFn, matrix: Shape): readonly Shape[] =>
  partShapes[fn](matrix.at(-2) ?? 0, matrix.at(-1) ?? 0)

/** How many elements the parts of one matrix have. */
export const packedSize = (fn: FactorFn, matrix: Shape): number =>
  partsOf(fn, matrix).reduce((n, shape) => n + sizeOf(shape), 0)
