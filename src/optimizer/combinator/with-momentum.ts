import { checkOptions, flag, hyper, resolve, type Fields } from "../../schedule/fields.js"
import { decay, type Hyperparameter } from "../../schedule/schedule.js"
import { trace, type TraceF } from "../../transform/trace.js"
import { onDisplacement, type OnDisplacement } from "../lift.js"

/** The form of a momentum over displacements. */
export interface HeavyOptions {
  /** Whether to look one step ahead, as `sgd` does with its `nesterov`. Default no. */
  readonly nesterov?: boolean
}

/** A momentum over displacements. */
export interface Heavy extends HeavyOptions {
  readonly momentum: Hyperparameter
}

/** What the options of a momentum over displacements may be. */
export const heavyFields: Fields<Heavy> = { momentum: hyper(decay), nesterov: flag(false) }

/**
 * Gives an optimizer momentum: `v = γ·v + Δ`, `p' = p + v`, where `Δ` is the displacement that the inner one proposes;
 * with `nesterov`, `p' = p + Δ + γ·v`.
 *
 * Acts on the displacement, so the rate is inside the velocity, as in Keras and most textbooks: when the rate changes,
 * what was accumulated keeps the rate it was made with. After `withWeightDecay` in a `pipe` the decay is accumulated
 * too; before it, it is not.
 *
 * `momentum`: γ, `0 ≤ γ < 1`, else a `HyperparameterError`. The state holds a velocity for every parameter.
 *
 * Laws: `withMomentum(0)` changes nothing, exactly (over `lookahead`, to rounding); over plain `sgd`, equal to
 * `sgd({ momentum })`, with `nesterov` too, for a constant rate only.
 * Source: Polyak 1964; Rumelhart, Hinton & Williams 1986; Sutskever et al. 2013, equations 1 and 2. `nesterov` is
 * Keras's over `sgd` and optax's over `rmsprop`; the textbooks' takes the gradient ahead: `withNesterov`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { sgd, withMomentum, type Optimizer } from "thalweg/optimizer"
 * import { linear } from "thalweg/schedule"
 * import type { StateFamily } from "thalweg/transform"
 *
 * const learningRate = linear({ start: 1, end: 0, steps: 1 }) // 1, then 0
 * const twoSteps = <F extends StateFamily>(opt: Optimizer<F>) => {
 *   const [p0, grads] = [{ w: tensor([0]) }, { w: tensor([-1]) }]
 *   const [p1, s1] = opt.step(p0, opt.init(p0), grads)
 *   return toArray(opt.step(p1, s1, grads)[0].w)
 * }
 * assert.deepStrictEqual(twoSteps(pipe(sgd({ learningRate }), withMomentum(0.5))), [1.5]) // rolls on
 * assert.deepStrictEqual(twoSteps(sgd({ learningRate, momentum: 0.5 })), [1]) // stands still
 */
export const withMomentum = (momentum: Hyperparameter, options: HeavyOptions = {}): OnDisplacement<TraceF> => {
  const given = { ...checkOptions("withMomentum", options), momentum }
  const { momentum: gamma, nesterov } = resolve("withMomentum", heavyFields, given)
  return onDisplacement(trace({ decay: gamma, nesterov }))
}
