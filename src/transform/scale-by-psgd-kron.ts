import { abs, add, div, mul, pow, square, sub } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { ones, scalar } from "../dataflow/create.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { transposed, triangular } from "../dataflow/factor.js"
import { take } from "../dataflow/indexing.js"
import { eye, triu } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { argMax, max, sum } from "../dataflow/reduce.js"
import { range, sizeOf, type Shape } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { beside, choice, fixed, hyper, seedField, type OptionsOf } from "../options/fields.js"
import { decay, fraction, nonNegative, positive, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { bernoulli, normal, split } from "../random/index.js"
import { cond } from "../tree/cond.js"
import { Tree } from "../tree/index.js"
import { keyOf } from "./add-gaussian-noise.js"
import { folded, unfolded } from "./along-axis.js"
import { castLike, quotient, rootOf, scaledBy, times } from "./common.js"
import { debias, emaOf } from "./moments.js"
import { rms, shortened } from "./norm.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** What is drawn is drawn from it: a key, or the whole number ≥ 0 that makes one. */
  seed: seedField,
  /** β: decay of the mean gradient, `0 ≤ β < 1`. Default 0.9. */
  momentum: hyper(decay, 0.9),
  /** How likely factors are fitted in a step, from 0 to 1. Default 1; the authors let it fall from 1 to 0.03. */
  probability: hyper(fraction, 1),
  /** μ, from 0 to 1: the rate of the factors. Default 0.1. */
  factorRate: hyper(fraction, 0.1),
  /** Whether factors are fitted to the mean gradient ("momentum", the default) or to the "gradient". */
  fitTo: choice(["momentum", "gradient"], "momentum"),
  /** How likely factors of a leaf are made alike in size before they are fitted, from 0 to 1. Default 0.01. */
  balancing: hyper(fraction, 0.01),
  /** The preconditioner at first is the square of this number, times the identity; > 0. Default 1. */
  initialScale: fixed(positive, 1),
  /** A whole number from 1: a longer axis has a diagonal, since its triangle would be too large. Default 8192. */
  maxSize: beside("triangles", fixed(positiveInteger, 8192), "all", "allButLongest"),
  /** A whole number from 1: a leaf of fewer axes has diagonals. Default 2. */
  minAxes: beside("triangles", fixed(positiveInteger, 2), "all", "allButLongest"),
  /** Which axes have triangles: "all" that may (the default), "allButLongest" of each leaf, or "none". */
  triangles: choice(["all", "allButLongest", "none"], "all"),
  /** The largest root mean square of the updates of a leaf, > 0. Default 1.1. */
  clip: hyper(positive, 1.1),
  /** ε ≥ 0, added to that root mean square. Default 1e-6. */
  eps: hyper(nonNegative, 1e-6)
}

/** The options of PSGD with Kronecker factors but for its rate and its decay. */
export interface PsgdKronScaling extends OptionsOf<typeof fields> {}

/**
 * The mean gradient (`mu`); for each leaf, in the order of paths, a factor for each axis, an upper triangle `[n, n]` or a diagonal
 * `[n]`, and of a scalar a number (`factors`); and the key of the next step.
 */
export type PsgdKronState<P extends Tree> = {
  readonly mu: P
  readonly factors: readonly (readonly Tensor[])[]
  readonly key: Tensor
}

/** A mean, factors and a key. */
export interface PsgdKronF extends StateFamily {
  readonly type: PsgdKronState<this["params"]>
}

type Factors = readonly Tensor[]

const isTriangle = ({ shape }: Tensor): boolean => shape.length === 2

/** A diagonal as it meets a leaf along an axis. */
const along = (diagonal: Tensor, axis: number, { shape }: Tensor): Tensor =>
  reshape(
    diagonal,
    shape.map((n, i) => (i === axis ? n : 1))
  )

/** What a leaf becomes by the factor of each axis. */
const byAxis =
  (ofTriangle: (q: Tensor, rows: Tensor) => Tensor, ofDiagonal: (x: Tensor, q: Tensor) => Tensor) =>
  (factors: Factors, leaf: Tensor): Tensor =>
    factors.reduce(
      (x, q, axis) =>
        isTriangle(q) ? folded(ofTriangle(q, unfolded(x, axis)), axis, x) : ofDiagonal(x, along(q, axis, x)),
      leaf
    )

const upper = { lower: false, transposed: true, unitDiagonal: false }
const failing = { operation: "scaleByPsgdKron", onFailure: "nan" } as const

/** `Qᵢ` along every axis i. */
const multiplied = byAxis(matmul, mul)
/** `Qᵢᵀ` along every axis i. */
const transposedTimes = byAxis((q, rows) => matmul(transposed(q), rows), mul)
/** `Qᵢ⁻ᵀ` along every axis i. */
const divided = byAxis((q, rows) => triangular(q, rows, upper, failing), div)

/** The products of the rows of an axis, or only those of each with itself. */
const products = (q: Tensor, leaf: Tensor, axis: number): Tensor => {
  if (!isTriangle(q)) return sum(square(leaf), { axes: range(leaf.shape.length).filter(i => i !== axis) })
  const rows = unfolded(leaf, axis)
  return matmul(rows, transposed(rows))
}

/** A number below the spectral norm of a symmetric matrix, and near to it: by one step of power iteration from its longest column. */
const normFromBelow = (a: Tensor): Tensor => {
  const largest = max(abs(a))
  const x = quotient(a, largest)
  const column = take(x, argMax(sum(square(x), { axes: 0 })), 1)
  const once = matmul(x, reshape(column, [-1, 1]))
  const norm = (v: Tensor): Tensor => rootOf(sum(square(v)))
  return mul(largest, norm(matmul(x, quotient(once, norm(once)))))
}

/** One step of the factors down `E|P^½·g|² + E|P^-½·v|²`, `P = ⊗ QᵢᵀQᵢ`, relative to themselves. */
const fitted = (factors: Factors, gradient: Tensor, probe: Tensor, rate: Tensor): Factors => {
  if (sizeOf(gradient.shape) === 0) return factors
  const [a, b] = [multiplied(factors, gradient), divided(factors, probe)]
  return factors.map((q, axis) => {
    const [ofA, ofB] = [products(q, a, axis), products(q, b, axis)]
    const [difference, total] = [sub(ofA, ofB), add(ofA, ofB)]
    if (!isTriangle(q)) return sub(q, mul(times(quotient(difference, max(total)), rate), q))
    return sub(q, matmul(times(quotient(triu(difference), normFromBelow(total)), rate), q))
  })
}

/** Factors of the same product whose largest elements are alike. */
const balanced = (factors: Factors): Factors => {
  if (factors.length < 2 || factors.some(q => sizeOf(q.shape) === 0)) return factors
  const sizes = factors.map(q => max(abs(q)))
  const middle = pow(
    sizes.reduce((x, y) => mul(x, y)),
    1 / sizes.length
  )
  return factors.map((q, i) => mul(q, quotient(middle, sizes[i] as Tensor)))
}

/**
 * Preconditions the mean gradient by a product of factors for the axes of each leaf that is fitted to the gradients: with `m = β·m
 * + (1-β)·g`, `m̂ = m/(1 - βᵗ)`, gives `u = m̂ ×ᵢ QᵢᵀQᵢ`, cut to the root mean square `clip`, `u·min(1, clip/(rms(u) + ε))`. Of a
 * matrix, `u = QₗᵀQₗ·m̂·QᵣᵀQᵣ`.
 *
 * With `probability`, first the factors are fitted, so that what is preconditioned has the products of white noise: with `v` of
 * normal numbers, `A = m̂ ×ᵢ Qᵢ`, `B = v ×ᵢ Qᵢ⁻ᵀ`, `Qᵢ = Qᵢ - μ·triu(AᵢAᵢᵀ - BᵢBᵢᵀ)/|AᵢAᵢᵀ + BᵢBᵢᵀ|·Qᵢ`, where `Aᵢ` is `A` as a
 * matrix whose rows are the elements of axis i, and the norm is the spectral one, estimated from below. A diagonal is fitted by the
 * diagonals of these, over the largest element. With `balancing` besides, factors of a leaf of several axes are first multiplied so
 * that their largest elements are alike.
 *
 * `seed` becomes the key in the state, which each update splits: in one part for the next, two for whether to fit and to balance,
 * and one for each leaf. An axis of one element, or longer than `maxSize`, has a diagonal, and so has a leaf of fewer axes than
 * `minAxes`. Looks across each leaf. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the same seed gives the same run; odd; factors stay upper triangles; no update has a larger root mean square than `clip`; with
 * `probability` 0 it is the mean gradient, cut; not elementwise.
 * Source: Li 2018, arXiv 1512.04202, and Li 2019, arXiv 1803.09383 (Kronecker factors, the group of triangles); rates, balance and
 * clips as in Walters' Kron (`kron_torch`), which the PyPI package `pytorch_optimizer` has. It fits in every `1/probability`-th
 * step, where we draw.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, tensor } from "thalweg"
 * import { clockAt, scaleByPsgdKron } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const g = tensor([[1, 0], [0, 0.01]])
 * const { init, update } = scaleByPsgdKron({ seed: 0, clip: 10 })
 * let [u, state] = [g, init(p)]
 * for (let step = 0; step < 100; step++) [u, state] = update(g, state, p, clockAt(step))
 * const [[large = 0] = [], [, small = 0] = []] = toArray(u) as number[][]
 * assert.ok(large / small < 10) // from 100
 */
export const scaleByPsgdKron: Recipe<typeof fields, (options: PsgdKronScaling) => Transform<PsgdKronF>> = recipe(
  "scaleByPsgdKron",
  fields,
  {},
  ({
    seed,
    momentum,
    probability,
    factorRate,
    fitTo,
    balancing,
    initialScale,
    maxSize,
    minAxes,
    triangles,
    clip,
    eps
  }) => {
    const factorsOf = (leaf: Tensor): Factors => {
      const { shape, dtype } = leaf
      const size = castLike(pow(scalar(initialScale, "f64"), 1 / Math.max(1, shape.length)), leaf)
      const diagonal = (n: Shape): Tensor => mul(ones(n, dtype), size)
      if (shape.length === 0) return [diagonal([])]
      const longest = shape.lastIndexOf(Math.max(...shape))
      const isFull = (n: number, axis: number): boolean =>
        n > 1 &&
        n <= maxSize &&
        shape.length >= minAxes &&
        triangles !== "none" &&
        !(triangles === "allButLongest" && axis === longest)
      return shape.map((n, axis) => (isFull(n, axis) ? mul(eye(n, n, dtype), size) : diagonal([n])))
    }
    return {
      init: params => ({
        mu: Tree.zerosLike(params),
        factors: Tree.leaves(params).map(factorsOf),
        key: keyOf(seed)
      }),
      update: (updates, { mu, factors, key }, _, { step }) => {
        const beta = momentum(step)
        const m = emaOf(beta)(mu, updates)
        const mean = scaledBy(div(1, debias(beta, step)))(m)
        const { leaves, structure } = Tree.flatten(mean)
        const [later, ofFit, ofBalance, ...keys] = split(key, leaves.length + 3) as [
          Tensor,
          Tensor,
          Tensor,
          ...Tensor[]
        ]
        const isFitted = bernoulli(ofFit, probability(step), [])
        const isBalanced = bernoulli(ofBalance, balancing(step), [])
        const kept = (own: readonly Factors[]): readonly Factors[] => own
        const fit = (own: readonly Factors[], to: readonly Tensor[], each: readonly Tensor[]): readonly Factors[] => {
          const even = cond(isBalanced, all => all.map(balanced), kept, own)
          const rate = factorRate(step)
          return even.map((qs, i) => {
            const gradient = to[i] as Tensor
            return fitted(
              qs,
              gradient,
              normal(each[i] as Tensor, gradient.shape, { dtype: gradient.dtype as FloatDType }),
              rate
            )
          })
        }
        const seen = fitTo === "momentum" ? leaves : Tree.leaves(updates)
        const after = cond(isFitted, fit, kept, factors, seen, keys)
        const made = leaves.map((leaf, i) => {
          const u = transposedTimes(after[i] as Factors, multiplied(after[i] as Factors, leaf))
          return shortened(u, add(rms(u), eps(step)), clip(step))
        })
        return [Tree.unflatten<typeof updates>(structure)(made), { mu: m, factors: after, key: later }]
      }
    }
  }
)
