import { mul, neg, rem } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { zeros, zerosLike } from "../dataflow/create.js"
import { factor, transposed, unpacked } from "../dataflow/factor.js"
import { take } from "../dataflow/indexing.js"
import { and, eq, not } from "../dataflow/logic.js"
import { eye } from "../dataflow/matrix.js"
import type { Tensor } from "../dataflow/primitive.js"
import { argSort, sum } from "../dataflow/reduce.js"
import { flip } from "../dataflow/structure.js"
import { choice, fixed, flag, hyper, type OptionsOf } from "../options/fields.js"
import { decay, positive, positiveI32, positiveInteger } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { cond } from "../tree/cond.js"
import { Tree } from "../tree/index.js"
import { along, unfolded } from "./along-axis.js"
import { zero } from "./common.js"
import { debiasAfter, ema, emaOfSquare, momentQuotient, zeroMoments, type Moments } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** β₁: decay of the first moment, `0 ≤ β₁ < 1`. Default 0.95. */
  b1: hyper(decay, 0.95),
  /** β₂: decay of the second moment and of the statistics of axes, `0 ≤ β₂ < 1`. Default 0.95. */
  b2: hyper(decay, 0.95),
  /** ε > 0, added to the root, in units of the gradient; along directions without gradients, it outweighs roundings. Default 1e-8. */
  eps: hyper(positive, 1e-8),
  /** Whether ε stands beside the debiased root (the default) or, as in the authors' code, the raw one. */
  form: choice(["debiased", "epsilonHat"], "debiased"),
  /** f, a whole number from 1: in every so many steps the directions are renewed. Default 10. */
  every: fixed(positiveI32, 10),
  /** A whole number from 1: a longer axis is left as it is, since its matrix would be too large. Default 1024. */
  maxSize: fixed(positiveInteger, 1024),
  /**
   * Whether directions, and second moments with them, are first put in order of `qᵀ·L·q`, largest first, as in the authors'
   * code. Default no, as in the paper.
   */
  sort: flag(false)
}

/** The options of SOAP but for its rate and its decay. */
export interface SoapScaling extends OptionsOf<typeof fields> {}

/** Of an axis of n elements, `[n, n]`: the mean product of gradients, and orthonormal directions as columns; of one that is left alone, `[0, 0]`. */
export type SoapAxis = { readonly statistics: Tensor; readonly directions: Tensor }

/** The two moments, the second along the directions, and for each leaf, in the order of paths, what is kept for each of its axes. */
export type SoapState<P extends Tree> = Moments<P> & { readonly axes: readonly (readonly SoapAxis[])[] }

/** Two moments for every parameter, and two matrices for every axis of a leaf of two or more. */
export interface SoapF extends StateFamily {
  readonly type: SoapState<this["params"]>
}

type Axes = readonly SoapAxis[]

/** What is kept for a leaf. */
type Kept = { readonly mu: Tensor; readonly nu: Tensor; readonly axes: Axes }

const isTurned = ({ statistics }: SoapAxis): boolean => (statistics.shape[0] as number) > 0

/** A leaf along its directions, or back from there. */
const turned = (axes: Axes, leaf: Tensor, way: (directions: Tensor) => Tensor): Tensor =>
  axes.reduce((x, own, axis) => (isTurned(own) ? along(x, axis, way(own.directions)) : x), leaf)

const averaged = (beta: Tensor, axes: Axes, gradient: Tensor): Axes =>
  axes.map((own, axis) => {
    if (!isTurned(own)) return own
    const rows = unfolded(gradient, axis)
    return { ...own, statistics: ema(beta, own.statistics, matmul(rows, transposed(rows))) }
  })

const redirected = (axes: Axes, find: (statistics: Tensor, directions: Tensor) => Tensor): Axes =>
  axes.map(own => (isTurned(own) ? { ...own, directions: find(own.statistics, own.directions) } : own))

const failing = { operation: "scaleBySoap", onFailure: "nan" } as const

/** Eigenvectors as columns, that of the largest eigenvalue first. */
const eigenvectors = (statistics: Tensor): Tensor =>
  flip(unpacked("eigh", factor("eigh", statistics, failing), statistics.shape)[1] as Tensor, -1)

/** One step of power iteration: orthonormal columns of `L·Q`. */
const iterated = (statistics: Tensor, directions: Tensor): Tensor =>
  unpacked("qr", factor("qr", matmul(statistics, directions), failing), statistics.shape)[0] as Tensor

/** Directions, and second moments along them, in order of the eigenvalues, as far as these are known, largest first. */
const sorted = (kept: Kept): Kept =>
  kept.axes.reduce<Kept>((before, own, axis) => {
    if (!isTurned(own)) return before
    const { statistics, directions } = own
    const order = argSort(neg(sum(mul(directions, matmul(statistics, directions)), { axes: 0 })))
    const inOrder = { statistics, directions: take(directions, order, 1) }
    return {
      ...before,
      nu: take(before.nu, order, axis),
      axes: before.axes.map((other, i) => (i === axis ? inOrder : other))
    }
  }, kept)

/**
 * Scales by Adam along the eigenvectors of Shampoo's matrices: of a matrix `G` with `m = β₁·m + (1-β₁)·G`, `G' = Qₗᵀ·G·Qᵣ`, `v =
 * β₂·v + (1-β₂)·G'²` gives `Qₗ·N·Qᵣᵀ`, `N = (Qₗᵀ·m·Qᵣ/c₁) / (√(v/c₂) + ε)`. Then `L = β₂·L + (1-β₂)·G·Gᵀ`, `R = β₂·R +
 * (1-β₂)·Gᵀ·G`, and in every f-th step `Qₗ` becomes the orthonormal factor of `L·Qₗ`, `Qᵣ` that of `R·Qᵣ`: one step of power
 * iteration. Of a leaf of k axes, k such matrices.
 *
 * The first update is 0: its gradient gives the first `L` and `R`, whose eigenvectors the first directions are, and nothing else.
 * Bias is corrected by the steps after it, `c₁ = 1 - β₁ᵗ`, `t` from 1 at the second. A vector or a scalar, and an axis longer than
 * `maxSize`, are not turned. Looks across each leaf. The state holds two moments for each parameter and two matrices for each axis.
 * Where statistics have no or equal eigenvalues the directions are any, and what is differentiated through them is not finite.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: odd; turning the axes of a leaf turns its updates; of vectors, Adam one step later; the signs of directions do not matter;
 * not elementwise.
 * Source: Vyas et al. 2024, arXiv 2409.11321, Algorithms 3 and 4, which leave the beginning open; there we follow the authors'
 * code. In that, and in the PyPI package `pytorch_optimizer`, directions are put in order before they are renewed, and ε stands
 * beside the raw root: `sort: true`, `form: "epsilonHat"`.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 * import { clockAt, scaleBySoap } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const g = tensor([[5, 5], [4, -4]]) // two directions of columns, (1, 1) and (1, -1), of rows the axes
 * const { init, update } = scaleBySoap()
 * const [none, state] = update(g, init(p), p, clockAt(0))
 * const [u] = update(g, state, p, clockAt(1))
 * assert.deepStrictEqual(toArray(none), [[0, 0], [0, 0]])
 * assert.deepStrictEqual((toArray(u) as number[][]).map(row => row.map(x => x.toFixed(2))), [["0.71", "0.71"], ["0.71", "-0.71"]])
 * assert.deepStrictEqual(toArray(round(state.axes[0]?.[0]?.directions ?? p)), [[1, 0], [0, 1]])
 */
export const scaleBySoap: Recipe<typeof fields, (options?: SoapScaling) => Transform<SoapF>> = recipe(
  "scaleBySoap",
  fields,
  {},
  ({ b1, b2, eps, form, every, maxSize, sort }) => {
    const axisOf = (n: number, { shape, dtype }: Tensor): SoapAxis => {
      const size = shape.length > 1 && n <= maxSize ? n : 0
      return { statistics: zeros([size, size], dtype), directions: eye(size, size, dtype) }
    }
    const renewed = (kept: Kept): Kept => {
      const ordered = sort ? sorted(kept) : kept
      return { ...ordered, axes: redirected(ordered.axes, iterated) }
    }
    return {
      init: params => ({
        ...zeroMoments(eps)(params),
        axes: Tree.leaves(params).map(leaf => leaf.shape.map(n => axisOf(n, leaf)))
      }),
      update: (updates, state, _, { step }) => {
        const [beta1, beta2] = [b1(step), b2(step)]
        const divided = momentQuotient(form, [debiasAfter(beta1, step), debiasAfter(beta2, step)], [eps(step), zero])
        const first = (g: Tensor, { mu, nu, axes }: Kept): readonly [Tensor, Kept] => [
          zerosLike(g),
          { mu, nu, axes: redirected(averaged(beta2, axes, g), eigenvectors) }
        ]
        const later = (g: Tensor, { mu, nu, axes }: Kept): readonly [Tensor, Kept] => {
          const m = ema(beta1, mu, g)
          const v = emaOfSquare(beta2, nu, turned(axes, g, transposed))
          const scaled = divided(turned(axes, m, transposed), v)
          return [turned(axes, scaled, q => q), { mu: m, nu: v, axes: averaged(beta2, axes, g) }]
        }
        type Leaves = readonly (readonly [Tensor, Kept])[]
        const each =
          (f: (leaf: Tensor, kept: Kept) => readonly [Tensor, Kept]) =>
          (leaves: Leaves): Leaves =>
            leaves.map(([leaf, kept]) => f(leaf, kept))
        const { leaves, structure } = Tree.flatten(updates)
        const [mu, nu] = [Tree.leaves(state.mu), Tree.leaves(state.nu)]
        const before = leaves.map((g, i): readonly [Tensor, Kept] => [
          g,
          { mu: mu[i] as Tensor, nu: nu[i] as Tensor, axes: state.axes[i] as Axes }
        ])
        const isFirst = eq(step, 0)
        const made = cond(isFirst, each(first), each(later), before)
        const isDue = and(eq(rem(step, every), 0), not(isFirst))
        const after = cond(
          isDue,
          each((u, kept) => [u, renewed(kept)]),
          (same: Leaves) => same,
          made
        )
        const treeOf = (of: (u: Tensor, kept: Kept) => Tensor): typeof updates =>
          Tree.unflatten<typeof updates>(structure)(after.map(([u, kept]) => of(u, kept)))
        return [
          treeOf(u => u),
          {
            mu: treeOf((_, kept) => kept.mu),
            nu: treeOf((_, kept) => kept.nu),
            axes: after.map(([, { axes }]) => axes)
          }
        ]
      }
    }
  }
)
