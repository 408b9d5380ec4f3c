import { abs, div, pow } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { mean } from "../dataflow/reduce.js"
import { range as upTo, sizeOf } from "../dataflow/shape.js"
import { broadcastTo } from "../dataflow/structure.js"
import { sqrt } from "../dataflow/transcendental.js"
import { fixed, flag, hyper, seedField, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative, type Range } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { keyOf } from "./add-gaussian-noise.js"
import { flatRoot, objectiveAt, plusEps, quotient, times } from "./common.js"
import { diagonalEstimate } from "./hutchinson.js"
import { debias, emaOf, emaOfSquares, zeroMoments } from "./moments.js"
import type { AtObjective, StateFamily, Transform } from "./transform.js"

const power: Range = { expected: "a number > 0 and ≤ 1", holds: value => value > 0 && value <= 1 }

const fields = {
  /** What the random signs are drawn from: a key, or the whole number ≥ 0 that makes one. */
  seed: seedField,
  /** β₁: decay of the mean gradient, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** β₂: decay of the mean square of the Hessian's diagonal, `0 ≤ β₂ < 1`. Default 0.999. */
  b2: hyper(decay, 0.999),
  /** ε ≥ 0, added to what is divided by, in units of the Hessian to the power k. Default 1e-4. */
  eps: hyper(nonNegative, 1e-4),
  /** 0 < k ≤ 1: to which power of the Hessian is divided. Default 1. */
  hessianPower: fixed(power, 1),
  /** Whether the diagonal of a kernel `[…window, in, out]` is averaged over its window. Default yes. */
  spatialAverage: flag(true)
}

/** How AdaHessian scales, and what its signs are drawn from. */
export interface AdahessianScaling extends OptionsOf<typeof fields> {}

/** The averages of gradients (`mu`) and of squares of the Hessian's diagonal (`nu`), and the key of the next signs. */
export type AdahessianState<P extends Tree> = { readonly mu: P; readonly nu: P; readonly key: Tensor }

/** The two moments and a key; a step needs the objective. */
export interface AdahessianF extends StateFamily {
  readonly type: AdahessianState<this["params"]>
  readonly needs: AtObjective<this["params"]>
}

/** The mean of the sizes over all axes but the last two, everywhere. */
const overWindow = (diagonal: Tensor): Tensor => {
  const { shape } = diagonal
  const axes = upTo(shape.length).slice(0, -2)
  return axes.length === 0 || sizeOf(shape) === 0
    ? diagonal
    : broadcastTo(mean(abs(diagonal), { axes, keepDims: true }), shape)
}

/**
 * Divides the mean gradient by the root of the mean square of the diagonal of the Hessian: with `D = z ⊙ ∇²f(p)·z`, `z` random
 * signs, `m = β₁·m + (1-β₁)·g`, `v = β₂·v + (1-β₂)·D²`, `c₁ = 1 - β₁ᵗ`, `c₂ = 1 - β₂ᵗ`, `t` from 1, gives `(m/c₁) / (√(v/c₂)ᵏ + ε)`.
 *
 * `D` of a leaf of more than two axes is the mean of `|D|` over all but the last two, unless `spatialAverage` is off. Needs the
 * objective, of which it takes a product of the Hessian: about the time of another gradient. `seed` becomes the key in the state, which each
 * update splits, in one part for each leaf and one for the next. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the same seed gives the same run; on a bowl with a diagonal Hessian that does not change, whatever the seed, it is the mean gradient
 * divided by that (ε = 0, k = 1); odd in the gradients.
 * Source: Yao et al. 2021, arXiv 2006.00719, Algorithm 1, with the spatial averaging of section 3.2; ε as in the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, square, sum, tensor, toArray, type Tensor } from "thalweg"
 * import { clockAt, scaleByAdahessian } from "thalweg/transform"
 *
 * const steepness = tensor([1, 4])
 * const objective = (p: Tensor) => mul(sum(mul(steepness, square(p))), 0.5)
 * const { init, update } = scaleByAdahessian({ seed: 0, eps: 0 })
 * const p = tensor([8, 8])
 * const [u] = update(mul(steepness, p), init(p), p, { ...clockAt(0), objective })
 * assert.deepStrictEqual((toArray(u) as number[]).map(Math.round), [8, 8]) // all the way, in either direction
 */
export const scaleByAdahessian: Recipe<typeof fields, (options: AdahessianScaling) => Transform<AdahessianF>> = recipe(
  "scaleByAdahessian",
  fields,
  {},
  ({ seed, b1, b2, eps, hessianPower, spatialAverage }) => {
    const raised = (square: Tensor): Tensor => (hessianPower === 1 ? sqrt(square) : pow(square, hessianPower / 2))
    const root = flatRoot(2 / hessianPower, raised)
    return {
      needs: ["objective"],
      init: params => ({ ...zeroMoments(eps)(params), key: keyOf(seed) }),
      update: (updates, { mu, nu, key }, params, now) => {
        const [beta1, beta2, e] = [b1(now.step), b2(now.step), eps(now.step)]
        const [diagonal, later] = diagonalEstimate(objectiveAt("scaleByAdahessian", now), params, key, "signs")
        const m = emaOf(beta1)(mu, updates)
        const v = emaOfSquares(beta2)(nu, spatialAverage ? Tree.map(overWindow)(diagonal) : diagonal)
        const [c1, c2] = [debias(beta1, now.step), debias(beta2, now.step)]
        const factor = div(c1, raised(c2))
        const divided = Tree.zipWith((mean: Tensor, square: Tensor) =>
          quotient(mean, plusEps(times(root(square), factor), e, c1), e)
        )
        return [divided(m, v), { mu: m, nu: v, key: later }]
      }
    }
  }
)
