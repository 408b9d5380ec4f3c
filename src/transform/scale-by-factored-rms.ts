import { cast } from "../dataflow/elementwise.js"
import { add, div, maximum, mul, pow, square, sub } from "../dataflow/arithmetic.js"
import { mean } from "../dataflow/reduce.js"
import { zeros } from "../dataflow/create.js"
import type { Tensor } from "../dataflow/primitive.js"
import { range } from "../dataflow/shape.js"
import { choice, fixed, hyper, type OptionsOf } from "../options/fields.js"
import type { Hyperparameter } from "../options/hyperparameter.js"
import { natural, nonNegative } from "../options/range.js"
import { recipe, recipeOf, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, next, quotient, rootOf, times, withKept } from "./common.js"
import { ema } from "./moments.js"
import { rms } from "./norm.js"
import type { StateFamily, StatelessF, Transform } from "./transform.js"

/** For each leaf, in the order of paths, the means of its rows and of its columns; or its second moment alone. */
export type FactoredState = { readonly moments: readonly (readonly Tensor[])[] }

/** For a leaf of shape `[…, a, b]` only `…·(a + b)` numbers; for a vector or scalar as many as it has elements. */
export interface FactoredF extends StateFamily {
  readonly type: FactoredState
}

const factoredFields = {
  /** γ ≥ 0: the decay is `β₂ = 1 - t^-γ`, `t` from 1. Default 0.8. */
  beta2Decay: hyper(nonNegative, 0.8),
  /** ε₁ ≥ 0, in units of the squared gradient. Default 1e-30. */
  eps1: hyper(nonNegative, 1e-30),
  /** Whether ε₁ is "added" to `g²` (the default), or "bounding": the mean row, and as ε₁² the estimate (PyTorch). */
  epsPlace: choice(["added", "bounding"], "added"),
  /** Which axes are factored: the "last" two (the default), or the two "largest" (optax). */
  axes: choice(["last", "largest"], "last"),
  /** A leaf is factored if both axes are at least so long, a whole number from 0. Default 0: all; optax 128. */
  minFactoredSize: fixed(natural, 0)
}

/** The options of factored second moments. */
export interface FactoredScaling extends OptionsOf<typeof factoredFields> {}

type Axes = readonly [rows: number, columns: number] | undefined

/** The axes of the rows and of the columns, or nothing where a leaf is not factored. Of equal axes the later is longer. */
const axesOf = (axes: "last" | "largest", least: number, { shape }: Tensor): Axes => {
  const order = range(shape.length)
  const chosen = axes === "last" ? order : order.toSorted((a, b) => (shape[a] ?? 0) - (shape[b] ?? 0))
  const [rows, columns] = chosen.slice(-2)
  if (rows === undefined || columns === undefined) return undefined
  return shape.includes(0) || Math.min(shape[rows] ?? 0, shape[columns] ?? 0) < least ? undefined : [rows, columns]
}

const zerosWithout = (t: Tensor, axis: number): Tensor =>
  zeros(
    t.shape.map((n, i) => (i === axis ? 1 : n)),
    "f64"
  )

const meanOver = (t: Tensor, axis: number): Tensor => mean(t, { axes: axis, keepDims: true })

/** What is kept of a leaf: its means over columns and over rows, or where it is not factored all of it. */
const marginals = (t: Tensor, factors: Axes): readonly Tensor[] =>
  factors === undefined ? [t] : [meanOver(t, factors[1]), meanOver(t, factors[0])]

const zeroMarginals = (t: Tensor, factors: Axes): readonly Tensor[] =>
  factors === undefined ? [zeros(t.shape, "f64")] : [zerosWithout(t, factors[1]), zerosWithout(t, factors[0])]

/**
 * Divides by the root of a mean square that is kept by rows and columns: with `s = g² + ε₁`, `β₂ = 1 - t^-γ`, `t` from
 * 1, `R = β₂·R + (1-β₂)·mean over columns of s`, `C = β₂·C + (1-β₂)·mean over rows of s`, gives `g / √(R·C / mean R)`.
 *
 * All of them are f64, since they are few. Vectors, scalars and short axes keep all of `v = β₂·v + (1-β₂)·s`. With `epsPlace: "bounding"`, `s = g²`, mean R is at
 * least ε₁ and the estimate at least ε₁². Looks across each leaf; `0/0` is 0. Throws a `HyperparameterError` for options
 * out of range.
 *
 * Laws: exact where `g²` has rank one; does not see the scale of the gradients (ε₁ = 0); odd; not elementwise.
 * Source: Shazeer & Stern 2018, arXiv 1804.04235, Algorithms 4 and 5.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByFactoredRms } from "thalweg/transform"
 *
 * const p = tensor([[0, 0], [0, 0]])
 * const factored = scaleByFactoredRms({ eps1: 0 })
 * const [u] = factored.update(tensor([[2, -4], [0, 0]]), factored.init(p), p, clockAt(0)) // g² has rank one
 * assert.deepStrictEqual(toArray(u), [[1, -1], [0, 0]])
 */
export const scaleByFactoredRms: Recipe<typeof factoredFields, (options?: FactoredScaling) => Transform<FactoredF>> =
  recipe("scaleByFactoredRms", factoredFields, {}, ({ beta2Decay, eps1, epsPlace, axes, minFactoredSize }) => {
    const factorsOf = (leaf: Tensor): Axes => axesOf(axes, minFactoredSize, leaf)
    const bound = (x: Tensor, least: Tensor): Tensor => (epsPlace === "bounding" ? maximum(x, least) : x)
    return {
      init: params => ({ moments: Tree.leaves(params).map(p => zeroMarginals(p, factorsOf(p))) }),
      update: (updates, { moments }, _, { step }) => {
        const beta2 = sub(1, div(1, pow(next(step), beta2Decay(step))))
        const e = eps1(step)
        const divided = withKept((leaf, before: readonly Tensor[]) => {
          const g = cast(leaf, "f64")
          const fresh = epsPlace === "added" ? add(square(g), e) : square(g)
          const factors = factorsOf(leaf)
          const after = marginals(fresh, factors).map((value, i) => ema(beta2, before[i] as Tensor, value))
          const [row, column] = after as [Tensor, Tensor]
          const v = factors === undefined ? row : mul(quotient(row, bound(meanOver(row, factors[0]), e)), column)
          return [castLike(quotient(g, rootOf(bound(v, square(e)))), leaf), after]
        })
        const [scaled, after] = divided(updates, moments)
        return [scaled, { moments: after }]
      }
    }
  })

const parameterRmsFields = {
  /** ε ≥ 0: the least root mean square that counts. */
  eps: hyper(nonNegative)
}

/**
 * Multiplies the updates of each leaf by the root mean square of its parameters: `u' = max(ε₂, √(Σp²/n)) · u`.
 *
 * `eps`: ε₂, a finite number ≥ 0, else a `HyperparameterError`: the least scale, so that parameters that are 0 can grow.
 * Looks across each leaf; the root mean square is taken in f64.
 *
 * Laws: linear in the updates; not elementwise; depends on the parameters.
 * Source: Shazeer & Stern 2018, arXiv 1804.04235.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByParameterRms } from "thalweg/transform"
 *
 * const params = { w: tensor([1, -7]), b: tensor([0]) } // 5 by root mean square, and 0
 * const relative = scaleByParameterRms(0.5)
 * const [{ w, b }] = relative.update({ w: tensor([1, 0]), b: tensor([1]) }, relative.init(params), params, clockAt(0))
 * assert.deepStrictEqual([w, b].map(toArray), [[5, 0], [0.5]])
 */
export const scaleByParameterRms: Recipe<typeof parameterRmsFields, (eps: Hyperparameter) => Transform<StatelessF>> =
  recipeOf("scaleByParameterRms", "eps", parameterRmsFields, {}, ({ eps }) => ({
    init: () => [],
    update: (updates, state, params, { step }) => {
      const scaled = Tree.zipWith((u: Tensor, p: Tensor) => times(u, maximum(rms(p), eps(step))))
      return [scaled(updates, params), state]
    }
  }))
