import * as t from "thalweg"
import type { Tensor } from "thalweg"
import type { Row } from "./rows.elementwise.js"
import { fixed, type Sample } from "./samples.js"

const row = (name: string, shapes: readonly t.Shape[], f: Sample["f"]): Row => ({ name, samples: fixed(shapes, f) })

/** With 1, 2, 3, … added to the diagonal: far from singular, and from equal eigenvalues or singular values. */
const spread = (x: Tensor): Tensor => {
  const [rows = 0, columns = 0] = x.shape.slice(-2)
  const diagonal = t.mul(t.eye(rows, columns, x.dtype), t.add(t.iota([columns], 0, x.dtype), 1))
  return t.add(t.mul(x, 0.3), diagonal)
}

const definite = (x: Tensor): Tensor => t.matmul(spread(x), t.swapAxes(spread(x), -1, -2))

/** All parts of a factorization as one vector. */
const joined = (parts: t.Tree): Tensor => t.concat(t.Tree.leaves(parts).map(part => t.flatten(part)))

const lu = (x: Tensor): Tensor => {
  const { lower, upper } = t.lu(spread(x))
  return joined({ lower, upper })
}

const solving = (lower: boolean, transpose: boolean, unitDiagonal: boolean): Row =>
  row(
    `triangularSolve ${JSON.stringify({ lower, transpose, unitDiagonal })}`,
    [
      [3, 3],
      [3, 2]
    ],
    (a, b) => t.triangularSolve(spread(a), b, { lower, transpose, unitDiagonal })
  )

export const triangularSolveRows: readonly Row[] = [
  ...[true, false].flatMap(lower =>
    [true, false].flatMap(transpose => [true, false].map(unit => solving(lower, transpose, unit)))
  ),
  row("triangularSolve of a batch and a vector", [[2, 2, 2], [2]], (a, b) => t.triangularSolve(spread(a), b)),
  row("triangularSolve of one with itself", [[2, 2]], a => t.triangularSolve(spread(a), t.sin(a)))
]

export const factorRows: readonly Row[] = [
  row("cholesky", [[3, 3]], x => t.cholesky(definite(x))),
  row("cholesky of a batch", [[2, 2, 2]], x => t.cholesky(definite(x))),
  row("cholesky of what is not symmetric", [[2, 2]], x => t.cholesky(spread(x))),
  row("lu", [[3, 3]], lu),
  row("lu that exchanges rows", [[3, 3]], x => lu(t.flip(spread(x), 0))),
  row("lu of more rows", [[2, 3, 2]], lu),
  row("lu of more columns", [[2, 3]], lu),
  row("qr", [[3, 3]], x => joined({ ...t.qr(spread(x)) })),
  row("qr of more rows", [[2, 3, 2]], x => joined({ ...t.qr(spread(x)) })),
  row("qr of more columns", [[2, 4]], x => joined({ ...t.qr(spread(x)) })),
  row("eigh", [[3, 3]], x => joined({ ...t.eigh(spread(x)) })),
  row("eigh of a batch", [[2, 2, 2]], x => joined({ ...t.eigh(spread(x)) })),
  row("svd", [[3, 3]], x => joined({ ...t.svd(spread(x)) })),
  row("svd of more rows", [[2, 3, 2]], x => joined({ ...t.svd(spread(x)) })),
  row("svd of more columns", [[2, 3]], x => joined({ ...t.svd(spread(x)) }))
]

/** Operations that are made of factorizations. */
export const linalgRows: readonly Row[] = [
  row("solve", [[3, 3], [3, 2]], (a, b) => t.solve(spread(a), b)), // prettier-ignore
  row("solve, batches that broadcast", [[2, 1, 2, 2], [2, 2, 1]], (a, b) => t.solve(spread(a), b)), // prettier-ignore
  row("solve of one with itself", [[2, 2]], a => t.solve(spread(a), t.sin(a))),
  row("inverse", [[3, 3]], a => t.inverse(spread(a))),
  row("determinant", [[2, 3, 3]], a => t.determinant(spread(a))),
  row("logDeterminant", [[3, 3]], a => t.logDeterminant(t.flip(spread(a), 0)).logAbs),
  row("pinv of more rows", [[3, 2]], a => t.pinv(spread(a))),
  row("pinv of more columns", [[2, 3]], a => t.pinv(spread(a))),
  row("pinv without full rank", [[3, 1], [1, 2]], (a, b) => t.pinv(t.matmul(t.add(a, 1), t.add(b, 1)))), // prettier-ignore
  row("lstsq of more rows", [[3, 2], [3, 2]], (a, b) => t.lstsq(spread(a), b)), // prettier-ignore
  row("lstsq of more columns", [[2, 3], [2]], (a, b) => t.lstsq(spread(a), b)),
  row("matrixPower", [[2, 2]], a => t.concat([t.matrixPower(a, 5), t.matrixPower(spread(a), -2)])),
  row("expm", [[3, 3]], a => t.expm(a)),
  row("expm of a batch of which some are squared", [[2, 2, 2]], a => t.expm(t.mul(a, t.reshape(t.tensor([1, 12], { dtype: a.dtype }), [2, 1, 1])))), // prettier-ignore
  row("kron", [[2, 1, 2], [2, 2]], t.kron) // prettier-ignore
]
