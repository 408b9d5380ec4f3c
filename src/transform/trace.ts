import { add, eq, mul, sub, where } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { decay as decayRange, fraction, hyperparameter, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

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

export type TraceState<P extends Tree> = { readonly count: Tensor; readonly velocity: P }

export interface TraceF extends StateFamily {
  readonly type: TraceState<this["params"]>
}

/**
 * Accumulates a velocity: `b = μ·b + (1 - dampening)·u`, from `b = 0`; gives `b`, or `u + μ·b` with `nesterov`.
 *
 * Laws: with `decay` 0, the identity, exactly; linear in the updates.
 * Source: Polyak 1964; Sutskever et al. 2013 (the form of PyTorch and optax: the rate is applied afterwards).
 */
export const trace = (options: TraceOptions): Transform<TraceF> => {
  const decay = hyperparameter("trace", "decay", decayRange, options.decay)
  const dampening = hyperparameter("trace", "dampening", fraction, options.dampening ?? 0)
  const { nesterov = false, dampenFirst = true } = options
  return {
    init: params => ({ count: zeroCount, velocity: Tree.zerosLike(params) }),
    update: (updates, { count, velocity }) => {
      const mu = decay(count)
      const kept = sub(1, dampening(count))
      const share = dampenFirst ? kept : where(eq(count, 0), 1, kept)
      const after = Tree.zipWith((b: Tensor, u: Tensor) => add(mul(b, like(mu, b)), mul(u, like(share, u))))(
        velocity,
        updates
      )
      const ahead = Tree.zipWith((u: Tensor, b: Tensor) => add(u, mul(b, like(mu, b))))
      return [nesterov ? ahead(updates, after) : after, { count: next(count), velocity: after }]
    }
  }
}
