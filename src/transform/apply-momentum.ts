import { add, sub } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { flag, hyper, type OptionsOf } from "../options/fields.js"
import { decay as decayRange, fraction } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { flushed, times } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** μ: how much of the velocity is kept, `0 ≤ μ < 1`. */
  decay: hyper(decayRange),
  /** How much of each update is held back, from 0 (the default) to 1. */
  dampening: hyper(fraction, 0),
  /** Whether to look one step ahead. Default no. */
  nesterov: flag(false),
  /** Whether dampening holds for the first update too. Default yes; PyTorch's SGD says no. */
  dampenFirst: flag(true)
}

/** The velocity `b`. */
export type Velocity<P extends Tree> = { readonly velocity: P }

/** A velocity for every parameter, in its dtype. */
export interface VelocityF extends StateFamily {
  readonly type: Velocity<this["params"]>
}

/** How a velocity is kept. */
export interface MomentumScaling extends OptionsOf<typeof fields> {}

/**
 * Accumulates a velocity: `b = μ·b + (1 - dampening)·u`, from `b = 0`; gives `b`, or `u + μ·b` with `nesterov`.
 *
 * A velocity that would be subnormal (below 2⁻¹²⁶ in f32, 2⁻¹⁰²² in f64) is 0. Throws a `HyperparameterError` for
 * numbers out of range.
 *
 * Laws: with `decay` 0, the identity, exactly; linear in the updates; both where nothing is subnormal.
 * Source: Polyak 1964; Sutskever et al. 2013, equations 1 to 4. As PyTorch and optax do, we leave the rate to what
 * comes after (theirs is inside the velocity) and take Nesterov's step at the point where the gradient was taken.
 *
 * @example
 * import assert from "node:assert"
 * import { ones, toArray } from "thalweg"
 * import { applyMomentum, clockAt } from "thalweg/transform"
 *
 * const u = ones([1])
 * const heavy = applyMomentum({ decay: 0.5 })
 * const [b1, s1] = heavy.update(u, heavy.init(u), u, clockAt(0))
 * const [b2, s2] = heavy.update(u, s1, u, clockAt(1))
 * const [b3] = heavy.update(u, s2, u, clockAt(2))
 * assert.deepStrictEqual([b1, b2, b3].map(toArray), [[1], [1.5], [1.75]]) // towards 1 / (1 - μ)
 */
export const applyMomentum: Recipe<typeof fields, (options: MomentumScaling) => Transform<VelocityF>> = recipe(
  "applyMomentum",
  fields,
  {},
  ({ decay, dampening, nesterov, dampenFirst }) => ({
    init: params => ({ velocity: Tree.zerosLike(params) }),
    update: (updates, { velocity }, _, { step }) => {
      const mu = decay(step)
      const kept = sub(1, dampening(step))
      const share = dampenFirst ? kept : where(eq(step, 0), 1, kept)
      const after = Tree.zipWith((b: Tensor, u: Tensor) => flushed(add(times(b, mu), times(u, share))))(
        velocity,
        updates
      )
      const ahead = Tree.zipWith((u: Tensor, b: Tensor) => add(u, times(b, mu)))
      return [nesterov ? ahead(updates, after) : after, { velocity: after }]
    }
  })
)
