import fc from "fast-check"
import { add, eye, flip, matmul, mean, mul, sqrt, square, transpose, Tree, type Shape, type Tensor } from "thalweg"
import type {
  adafactor,
  adagrad,
  adam,
  galore,
  muon,
  normuon,
  psgdKron,
  sgd,
  shampoo,
  signSgd,
  sm3,
  soap
} from "thalweg/optimizer"
import { arbShape, nonZero } from "../arbitrary/numbers.js"
import { arbRun, type Run } from "../arbitrary/run.js"
import type { FunctionOf } from "../callable.js"

/** Descent that looks at rows and columns, and what it is where there are none. */
export interface MatrixFamily {
  readonly muon: FunctionOf<typeof muon>
  readonly normuon: FunctionOf<typeof normuon>
  readonly galore: FunctionOf<typeof galore>
  readonly adafactor: FunctionOf<typeof adafactor>
  readonly sm3: FunctionOf<typeof sm3>
  readonly adagrad: FunctionOf<typeof adagrad>
  readonly adam: FunctionOf<typeof adam>
  readonly signSgd: FunctionOf<typeof signSgd>
  readonly shampoo: FunctionOf<typeof shampoo>
  readonly soap: FunctionOf<typeof soap>
  readonly psgdKron: FunctionOf<typeof psgdKron>
  readonly sgd: FunctionOf<typeof sgd>
}

export const size = fc.integer({ min: 1, max: 3 })
export const matrices = arbRun({ dtypes: ["f64"], shape: fc.tuple(size, size), numbers: nonZero })
export const squares = arbRun({ dtypes: ["f64"], shape: size.map(n => [n, n]), numbers: nonZero })
export const vectors = arbRun({ shape: arbShape({ maxRank: 1 }) })

const identityOf = ([rows = 0, columns = 0]: Shape): Tensor => eye(rows, columns, "f64")

/** Matrices that are near to orthogonal ones, so that few iterations make them so. */
export const wellConditioned = (r: Run, flipped: boolean): Run => {
  const near = Tree.map(g => add(mul(g, 0.15), mul(flipped ? flip(identityOf(g.shape)) : identityOf(g.shape), 4)))
  return { ...r, gradients: r.gradients.map(near) }
}

export const gram = Tree.map(u =>
  (u.shape[0] ?? 0) <= (u.shape[1] ?? 0) ? matmul(u, transpose(u)) : matmul(transpose(u), u)
)
export const smaller = ({ shape: [rows = 0, columns = 0] }: Tensor): number => Math.min(rows, columns)

/** A run of other trees, made alike of the parameters and of all gradients. */
export const altered = (how: (tree: Tree) => Tree, r: Run): Run => ({
  params: how(r.params),
  gradients: r.gradients.map(how)
})

export const turning: (tree: Tree) => Tree = Tree.map(t => transpose(t))

export const rms: (tree: Tree) => Tree = Tree.map(t => sqrt(mean(square(t))))
