import { clamp, div, maximum, neg, rem } from "../dataflow/arithmetic.js"
import { eq } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, fixed, flag, hyper, seedField, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative, positive, positiveI32 } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { cond } from "../tree/cond.js"
import { Tree } from "../tree/index.js"
import { keyOf } from "./add-gaussian-noise.js"
import { castLike, objectiveAt, quotient, times } from "./common.js"
import { diagonalEstimate, probeField } from "./hutchinson.js"
import { debias, emaOf } from "./moments.js"
import type { AtObjective, Now, StateFamily, Transform } from "./transform.js"

const fields = {
  /** What the Hessian is multiplied by is drawn from: a key, or the whole number ≥ 0 that makes one. */
  seed: seedField,
  /** β₁: decay of the mean gradient, `0 ≤ β₁ < 1`. Default 0.96. */
  b1: hyper(decay, 0.96),
  /** β₂: decay of the mean diagonal of the Hessian, `0 ≤ β₂ < 1`. Default 0.99. */
  b2: hyper(decay, 0.99),
  /** γ ≥ 0: the diagonal is multiplied by it; the smaller, the more is clipped. Default 0.01. */
  gamma: hyper(nonNegative, 0.01),
  /** ε ≥ 0, in units of the Hessian: the least that is divided by. Default 1e-12. */
  eps: hyper(nonNegative, 1e-12),
  /** ρ > 0: the largest element of an update. Default 1. */
  clip: hyper(positive, 1),
  /** k, a whole number from 1: in every k-th step, from the first, the diagonal is estimated. Default 10. */
  every: fixed(positiveI32, 10),
  ...probeField,
  /** Whether the mean gradient is divided by `1 - β₁ᵗ`, as in optax. Default no. */
  biasCorrection: flag(false),
  /** Whether this step's estimate comes in before the division ("new", the default) or, as in optax, after it ("old"). */
  estimate: choice(["new", "old"], "new")
}

/** How Sophia scales, and what its estimates are drawn from. */
export interface SophiaScaling extends OptionsOf<typeof probeField>, OptionsOf<typeof fields> {}

/** The averages of gradients (`mu`) and of the diagonal of the Hessian (`diagonal`), and the key of the next estimate. */
export type SophiaState<P extends Tree> = { readonly mu: P; readonly diagonal: P; readonly key: Tensor }

/** Two averages and a key; a step needs the objective. */
export interface SophiaF extends StateFamily {
  readonly type: SophiaState<this["params"]>
  readonly needs: AtObjective<this["params"]>
}

type Estimate = { readonly diagonal: Tree; readonly key: Tensor }

/**
 * Divides the mean gradient by the mean diagonal of the Hessian, and clips what comes of it: `m = β₁·m + (1-β₁)·g`, in every k-th step
 * `h = β₂·h + (1-β₂)·z ⊙ ∇²f(p)·z` with `z` random, gives `m / max(γ·h, ε)`, elements beyond ±ρ put there.
 *
 * Where the objective curves down, or little, updates are signs. Needs the objective; in the steps that estimate it takes a product of the
 * Hessian, about the time of another gradient, in the others nothing. `seed` becomes the key in the state, which each estimate splits,
 * in one part for each leaf and one for the next. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the same seed gives the same run; no element is larger than ρ; odd in the gradients; with γ = 0 and a small ε it is the sign of the mean
 * gradient.
 * Source: Liu et al. 2023, arXiv 2305.14342, Algorithm 3 with Algorithm 1 (Sophia-H). As optax's `contrib.sophia`: `probe: "signs"`,
 * `biasCorrection: true`, `estimate: "old"`.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, square, sum, tensor, toArray, type Tensor } from "thalweg"
 * import { clockAt, scaleBySophia } from "thalweg/transform"
 *
 * const steepness = tensor([1, 4])
 * const objective = (p: Tensor) => mul(sum(mul(steepness, square(p))), 0.5)
 * const { init, update } = scaleBySophia({ seed: 0, b1: 0, b2: 0, gamma: 1, probe: "signs" })
 * const p = tensor([0.5, 8])
 * const [u] = update(mul(steepness, p), init(p), p, { ...clockAt(0), objective })
 * assert.deepStrictEqual(toArray(u), [0.5, 1]) // the first to the minimum, the second as far as it may
 */
export const scaleBySophia: Recipe<typeof fields, (options: SophiaScaling) => Transform<SophiaF>> = recipe(
  "scaleBySophia",
  fields,
  {},
  ({ seed, b1, b2, gamma, eps, clip, every, probe, biasCorrection, estimate }) => ({
    needs: ["objective"],
    init: params => ({ mu: Tree.zerosLike(params), diagonal: Tree.zerosLike(params), key: keyOf(seed) }),
    update: <P extends Tree>(updates: P, { mu, diagonal, key }: SophiaState<P>, params: P, now: Now<SophiaF, P>) => {
      const { step } = now
      const objective = objectiveAt<P>("scaleBySophia", now)
      const estimated = (at: Tree, before: Tree, own: Tensor): Estimate => {
        const [fresh, later] = diagonalEstimate(objective, at as P, own, probe)
        return { diagonal: emaOf(b2(step))(before, fresh), key: later }
      }
      const kept = (_: Tree, before: Tree, own: Tensor): Estimate => ({ diagonal: before, key: own })
      const next = cond(eq(rem(step, every), 0), estimated, kept, params, diagonal, key)
      const after = next.diagonal as P
      const m = emaOf(b1(step))(mu, updates)
      const c1 = debias(b1(step), step)
      const [factor, least, most] = [gamma(step), eps(step), clip(step)]
      const clipped = Tree.zipWith((mean: Tensor, h: Tensor) => {
        const below = maximum(times(h, factor), castLike(least, h))
        const divided = quotient(biasCorrection ? div(mean, castLike(c1, mean)) : mean, below, least)
        return clamp(divided, castLike(neg(most), mean), castLike(most, mean))
      })
      return [clipped(m, estimate === "new" ? after : diagonal), { mu: m, diagonal: after, key: next.key }]
    }
  })
)
