import { add, sub } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { flag, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay as decayRange, fraction, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { next, times, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** How a velocity is kept. */
export interface TraceOptions {
  /** μ: how much of the velocity is kept, `0 ≤ μ < 1`. */
  readonly decay: Hyperparameter
  /** How much of each update is held back, from 0 (the default) to 1. */
  readonly dampening?: Hyperparameter
  /** Whether to look one step ahead. Default no. */
  readonly nesterov?: boolean
  /** Whether dampening holds for the first update too. Default yes; PyTorch's SGD says no. */
  readonly dampenFirst?: boolean
}

/** The velocity `b` after `count` updates. */
export type TraceState<P extends Tree> = { readonly count: Tensor; readonly velocity: P }

/** A velocity for every parameter, in its dtype. */
export interface TraceF extends StateFamily {
  readonly type: TraceState<this["params"]>
}

/** What the options of a velocity may be. */
export const traceFields: Fields<TraceOptions> = {
  decay: hyper(decayRange),
  dampening: hyper(fraction, 0),
  nesterov: flag(false),
  dampenFirst: flag(true)
}

/**
 * Accumulates a velocity: `b = μ·b + (1 - dampening)·u`, from `b = 0`; gives `b`, or `u + μ·b` with `nesterov`.
 *
 * Throws a `HyperparameterError` for numbers out of range.
 *
 * Laws: with `decay` 0, the identity, exactly; linear in the updates.
 * Source: Polyak 1964; Sutskever et al. 2013, equations 1 to 4. As PyTorch and optax do, we leave the rate to what
 * comes after (theirs is inside the velocity) and take Nesterov's step at the point where the gradient was taken.
 *
 * @example
 * import assert from "node:assert"
 * import { ones, toArray } from "thalweg"
 * import { trace } from "thalweg/transform"
 *
 * const u = ones([1])
 * const heavy = trace({ decay: 0.5 })
 * const [b1, s1] = heavy.update(u, heavy.init(u), u)
 * const [b2, s2] = heavy.update(u, s1, u)
 * const [b3] = heavy.update(u, s2, u)
 * assert.deepStrictEqual([b1, b2, b3].map(toArray), [[1], [1.5], [1.75]]) // towards 1 / (1 - μ)
 */
export const trace = (options: TraceOptions): Transform<TraceF> => {
  const { decay, dampening, nesterov, dampenFirst } = resolve("trace", traceFields, options)
  return {
    init: params => ({ count: zeroCount, velocity: Tree.zerosLike(params) }),
    update: (updates, { count, velocity }) => {
      const mu = decay(count)
      const kept = sub(1, dampening(count))
      const share = dampenFirst ? kept : where(eq(count, 0), 1, kept)
      const after = Tree.zipWith((b: Tensor, u: Tensor) => add(times(b, mu), times(u, share)))(velocity, updates)
      const ahead = Tree.zipWith((u: Tensor, b: Tensor) => add(u, times(b, mu)))
      return [nesterov ? ahead(updates, after) : after, { count: next(count), velocity: after }]
    }
  }
}
