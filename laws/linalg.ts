import fc from "fast-check"
import {
  abs,
  add,
  arange,
  argSort,
  at,
  concat,
  diagonal,
  exp,
  eye,
  flatten,
  flip,
  grad,
  log,
  matmul,
  maximum,
  mul,
  neg,
  onesLike,
  reshape,
  roll,
  sliceAxis,
  sort,
  square,
  sum,
  swapAxes,
  takeAlongAxis,
  tensor,
  tril,
  triu,
  vmap,
  zerosLike,
  type cholesky,
  type determinant,
  type eigh,
  type expm,
  type inverse,
  type kron,
  type logDeterminant,
  type lstsq,
  type lu,
  type matrixPower,
  type pinv,
  type qr,
  type solve,
  type svd,
  type Tensor,
  type Tree,
  type triangularSolve
} from "thalweg"
import { cycle, moderate, pool, range } from "./arbitrary/numbers.js"
import { exact, relative } from "./equality.js"
import { law, type Law } from "./law.js"

/** Linear algebra, which is held to laws. */
export interface LinearAlgebra {
  readonly cholesky: typeof cholesky
  readonly determinant: typeof determinant
  readonly eigh: typeof eigh
  readonly expm: typeof expm
  readonly inverse: typeof inverse
  readonly kron: typeof kron
  readonly logDeterminant: typeof logDeterminant
  readonly lstsq: typeof lstsq
  readonly lu: typeof lu
  readonly matrixPower: typeof matrixPower
  readonly pinv: typeof pinv
  readonly qr: typeof qr
  readonly solve: typeof solve
  readonly svd: typeof svd
  readonly triangularSolve: typeof triangularSolve
}

/** Some roundings of what is of the size of the matrices, amplified by their condition. */
const conditioned = relative(1e-11, 1)

const t = (x: Tensor): Tensor => swapAxes(x, -2, -1)

const one = (n: number): Tensor => eye(n, undefined, "f64")

/** For each matrix of a batch of these the same. */
const forEach = (x: Tensor, like: Tensor): Tensor => add(zerosLike(like), x)

const size = fc.integer({ min: 1, max: 4 })

const filled = (numbers: readonly number[], shape: readonly number[], salt = 0): Tensor =>
  tensor(
    cycle(
      numbers,
      shape.reduce((n, m) => n * m, 1),
      salt
    ),
    { shape, dtype: "f64" }
  )

/** Any matrices, alone or two of them: with elements up to 3.1, and of any rank. */
const any = fc
  .tuple(pool(moderate), size, size, fc.boolean())
  .map(([numbers, rows, columns, isBatch]) => filled(numbers, [...(isBatch ? [2] : []), rows, columns]))

const symmetric = fc.tuple(pool(moderate), size).map(([numbers, n]) => {
  const x = filled(numbers, [n, n])
  return mul(add(x, t(x)), 0.5)
})

/** Square matrices whose diagonal, turned by some rows, outweighs what is beside it: of a condition below 100. */
const regular = fc
  .tuple(pool(moderate), size, fc.nat(3), fc.boolean())
  .map(([numbers, n, by, isBatch]) =>
    roll(add(filled(numbers, [...(isBatch ? [2] : []), n, n]), mul(one(n), 13)), by, -2)
  )

const definite = regular.map(x => matmul(x, t(x)))

/** Of no more than one direction. */
const narrow = fc
  .tuple(pool(moderate), size, size)
  .map(([numbers, rows, columns]) => matmul(filled(numbers, [rows, 1]), filled(numbers, [1, columns], 1)))

const anyRank = fc.oneof(any, narrow)

/** Right sides for a matrix: two columns. */
const beside = (a: Tensor): Tensor => sliceAxis(concat([add(a, 1), neg(a)], -1), -1, 0, 2)

const systems = (given: LinearAlgebra): readonly Law[] => [
  law("a matrix times its inverse is the identity, and times a solution the right side", conditioned, regular, a => {
    const b = beside(a)
    return [
      [matmul(a, given.inverse(a)), matmul(given.inverse(a), a), matmul(a, given.solve(a, b))],
      [forEach(one(a.shape.at(-1) ?? 0), a), forEach(one(a.shape.at(-1) ?? 0), a), b]
    ]
  }),
  law("what a triangle is solved for is that of the triangle alone", conditioned, regular, x => {
    const n = x.shape.at(-1) ?? 0
    const a = add(x, mul(one(n), 13))
    const b = beside(a)
    const unit = add(tril(mul(a, 0.1), -1), one(n))
    const solve = given.triangularSolve
    return [
      [
        matmul(triu(a), solve(a, b)),
        matmul(tril(a), solve(a, b, { lower: true })),
        matmul(t(triu(a)), solve(a, b, { transpose: true })),
        matmul(unit, solve(mul(a, 0.1), b, { lower: true, unitDiagonal: true }))
      ],
      [b, b, b, b]
    ]
  }),
  law("determinants multiply, and change their sign with two rows", conditioned, regular, a => {
    const [b, exchanged] = [t(roll(a, 1, -1)), roll(a, 1, -2)]
    const n = a.shape.at(-1) ?? 0
    const scale = 13 ** -n
    const { sign, logAbs } = given.logDeterminant(a)
    const { determinant } = given
    return [
      [determinant(matmul(a, b)), determinant(exchanged), mul(sign, exp(logAbs))].map((x, i) => mul(x, i === 0 ? scale ** 2 : scale)), // prettier-ignore
      [mul(determinant(a), determinant(b)), mul(determinant(a), n % 2 === 0 ? -1 : 1), determinant(a)].map((x, i) => mul(x, i === 0 ? scale ** 2 : scale)) // prettier-ignore
    ]
  }),
  law("the determinant of a triangle is the product of its diagonal", conditioned, regular, a => {
    const diagonals = diagonal(triu(a), 0, -2, -1)
    return [
      given.determinant(triu(a)),
      range(diagonals.shape.at(-1) ?? 0)
        .map(i => at(diagonals, i, -1))
        .reduce((x, y) => mul(x, y))
    ]
  })
]

const factorizations = (given: LinearAlgebra): readonly Law[] => [
  law("the factor of Cholesky is a lower triangle that makes the matrix", relative(1e-12, 1), definite, a => {
    const l = given.cholesky(a)
    return [
      [matmul(l, t(l)), l, abs(diagonal(l, 0, -2, -1))],
      [a, tril(l), diagonal(l, 0, -2, -1)]
    ]
  }),
  law("L times U is the matrix in another order of rows", conditioned, anyRank, a => {
    const { permutation, lower, upper } = given.lu(a)
    const places = add(zerosLike(reshape(argSort(a, -1), a.shape)), reshape(permutation, [...permutation.shape, 1]))
    const rank = lower.shape.at(-1) ?? 0
    return [
      [matmul(lower, upper), diagonal(lower, 0, -2, -1), lower, upper, maximum(abs(lower), 1)],
      [
        takeAlongAxis(a, places, -2),
        onesLike(diagonal(lower, 0, -2, -1)),
        tril(lower),
        triu(upper),
        onesLike(sliceAxis(a, -1, 0, rank))
      ]
    ]
  }),
  law(
    "Q is orthonormal, R a triangle with a diagonal that is not negative, and both make the matrix",
    conditioned,
    anyRank,
    a => {
      const { q, r } = given.qr(a)
      const identity = one(q.shape.at(-1) ?? 0)
      return [
        [matmul(q, r), matmul(t(q), q), r, abs(diagonal(r, 0, -2, -1))],
        [a, forEach(identity, matmul(t(q), q)), triu(r), diagonal(r, 0, -2, -1)]
      ]
    }
  ),
  law("eigenvectors are orthonormal, ordered by their values, and make the matrix", conditioned, symmetric, a => {
    const { values, vectors } = given.eigh(a)
    return [
      [matmul(mul(vectors, values), t(vectors)), matmul(t(vectors), vectors), values, sum(values)],
      [a, one(a.shape[0] ?? 0), sort(values), sum(diagonal(a))]
    ]
  }),
  law("singular vectors are orthonormal, ordered by their values, and make the matrix", conditioned, anyRank, a => {
    const { u, s, v } = given.svd(a)
    const identity = forEach(one(s.shape.at(-1) ?? 0), matmul(t(u), u))
    return [
      [matmul(mul(u, reshape(s, [...s.shape.slice(0, -1), 1, -1])), t(v)), matmul(t(u), u), matmul(t(v), v), s, abs(s)],
      [a, identity, identity, flip(sort(s), -1), s]
    ]
  })
]

const pseudoInverses = ({ pinv, lstsq }: LinearAlgebra): readonly Law[] => [
  law("the conditions of Penrose", conditioned, fc.oneof(regular, narrow), a => {
    const p = pinv(a)
    const [ap, pa] = [matmul(a, p), matmul(p, a)]
    return [
      [matmul(ap, a), matmul(pa, p), t(ap), t(pa)],
      [a, p, ap, pa]
    ]
  }),
  law(
    "what is left by least squares stands across the columns, and the solution is the shortest",
    conditioned,
    fc.oneof(regular, narrow),
    a => {
      const b = beside(a)
      const x = lstsq(a, b)
      const rest = add(matmul(a, x), neg(b))
      return [
        [matmul(t(a), rest), matmul(pinv(a), matmul(a, x))],
        [zerosLike(matmul(t(a), rest)), x]
      ]
    }
  )
]

const functions = ({ matrixPower, expm, kron, inverse, determinant }: LinearAlgebra): readonly Law[] => [
  law("powers add up", conditioned, fc.tuple(regular, fc.integer({ min: -3, max: 5 }), fc.nat(4)), ([x, m, n]) => {
    const a = mul(x, 1 / 13)
    return [
      [matmul(matrixPower(a, m), matrixPower(a, n)), matrixPower(a, -1), matrixPower(a, 1)],
      [matrixPower(a, m + n), inverse(a), a]
    ]
  }),
  law(
    "the exponential of the negative is the inverse, and the determinant that of the trace",
    conditioned,
    any.map(x => sliceAxis(sliceAxis(x, -1, 0, Math.min(...x.shape.slice(-2))), -2, 0, Math.min(...x.shape.slice(-2)))),
    a => {
      const n = a.shape.at(-1) ?? 0
      const x = mul(a, 0.4)
      const trace = sum(diagonal(x, 0, -2, -1), { axes: -1 })
      return [
        [matmul(expm(x), expm(neg(x))), mul(determinant(expm(x)), exp(neg(trace))), expm(mul(x, 2))],
        [forEach(one(n), a), onesLike(trace), matmul(expm(x), expm(x))]
      ]
    }
  ),
  law(
    "products of Kronecker's are Kronecker's of products, and made of blocks",
    conditioned,
    fc.tuple(any, any),
    ([a, b]) => {
      const [rows = 0, columns = 0] = b.shape.slice(-2)
      const product = kron(a, b)
      return [
        [matmul(product, kron(t(a), t(b))), sliceAxis(sliceAxis(product, -2, 0, rows), -1, 0, columns)],
        [kron(matmul(a, t(a)), matmul(b, t(b))), mul(sliceAxis(sliceAxis(a, -2, 0, 1), -1, 0, 1), b)]
      ]
    }
  )
]

/** Everything that takes one square matrix, of one that is symmetric and positive definite. */
const everything =
  (given: LinearAlgebra): ((a: Tensor) => readonly Tree[]) =>
  a => [
    given.cholesky(a),
    { ...given.lu(a) },
    { ...given.qr(a) },
    { ...given.eigh(a) },
    { ...given.svd(a) },
    given.inverse(a),
    given.solve(a, given.triangularSolve(a, a)),
    given.determinant(a),
    { ...given.logDeterminant(a) },
    given.pinv(a),
    given.lstsq(a, a)
  ]

const batches = (given: LinearAlgebra): readonly Law[] => [
  law(
    "each matrix of a batch is as it is alone, and as one of examples",
    exact,
    definite.filter(a => a.shape.length === 3),
    a => {
      const f = everything(given)
      const each = vmap(f)(a)
      return [
        [f(a), f(a)],
        [each, vmap((x: Tensor) => f(reshape(x, [1, ...x.shape])))(a).map(tree => merged(tree))]
      ]
    }
  )
]

/** Without the axis of one matrix. */
const merged = (tree: Tree): Tree =>
  "_tag" in tree
    ? reshape(tree as Tensor, [(tree as Tensor).shape[0] ?? 0, ...(tree as Tensor).shape.slice(2)])
    : Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, merged(part)]))

const derivatives = (given: LinearAlgebra): readonly Law[] => [
  law(
    "the derivative of a determinant is its cofactors, of its logarithm the transposed inverse",
    conditioned,
    regular,
    x => {
      const a = mul(x, 1 / 13)
      const inverse = t(given.inverse(a))
      const total = (f: (y: Tensor) => Tensor) => grad((y: Tensor) => sum(f(y)))(a)
      const dets = given.determinant(a)
      return [
        [total(given.determinant), total(y => given.logDeterminant(y).logAbs)],
        [mul(reshape(dets, [...dets.shape, 1, 1]), inverse), inverse]
      ]
    }
  ),
  law("the derivative of an inverse is between two of them", conditioned, regular, x => {
    const a = mul(x, 1 / 13)
    const inverse = given.inverse(a)
    return [grad((y: Tensor) => sum(given.inverse(y)))(a), neg(t(matmul(matmul(inverse, onesLike(a)), inverse)))]
  }),
  law("twice the logarithm of the diagonal of Cholesky has the inverse as derivative", conditioned, definite, x => {
    const a = mul(x, 1 / 169)
    const f = (y: Tensor): Tensor => mul(sum(log(diagonal(given.cholesky(y), 0, -2, -1))), 2)
    return [grad(f)(a), given.inverse(a)]
  }),
  law(
    "sums of eigenvalues and of squares of singular values have derivatives wherever they are equal",
    conditioned,
    symmetric,
    a => [
      [grad((x: Tensor) => sum(given.eigh(x).values))(a), grad((x: Tensor) => sum(square(given.svd(x).s)))(a)],
      [one(a.shape[0] ?? 0), mul(a, 2)]
    ]
  ),
  law("what is put together of factors has the derivative of the matrix", conditioned, regular, x => {
    const a = mul(x, 1 / 13)
    const weights = reshape(add(arange(flatten(a).shape[0] ?? 0, { dtype: "f64" }), 1), a.shape)
    const weighed = (f: (y: Tensor) => Tensor) => grad((y: Tensor) => sum(mul(f(y), weights)))(a)
    const viaQr = (y: Tensor): Tensor => {
      const { q, r } = given.qr(y)
      return matmul(q, r)
    }
    return [weighed(viaQr), weights]
  })
]

/**
 * Lists the laws of linear algebra: what factors are, and that they make the matrix; what inverts what; determinants,
 * pseudo-inverses, powers, exponentials and Kronecker products by their equations; that each matrix of a batch is as it is
 * alone; and derivatives that are known in closed form. Over the reals; in f64 within 1e-11 of matrices of a condition below
 * 100.
 *
 * @example
 * import assert from "node:assert"
 * import * as thalweg from "thalweg"
 * import { checkAll, linalgLaws } from "thalweg/laws"
 *
 * assert(checkAll(linalgLaws(thalweg), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const linalgLaws = (given: LinearAlgebra): readonly Law[] => [
  ...systems(given),
  ...factorizations(given),
  ...pseudoInverses(given),
  ...functions(given),
  ...batches(given),
  ...derivatives(given)
]
