import { decay, hyperparameter, type Hyperparameter } from "../schedule/schedule.js"
import { trace, type TraceF } from "../transform/trace.js"
import { onDisplacement, type OnDisplacement } from "./lift.js"

/**
 * Gives an optimizer momentum: `v = γ·v + Δ`, `p' = p + v`, where `Δ` is the displacement that the inner one proposes.
 *
 * Acts on the displacement, so the rate is inside the velocity, as in Keras and most textbooks: when the rate changes,
 * what was accumulated keeps the rate it was made with. After `withWeightDecay` in a `pipe` the decay is accumulated
 * too; before it, it is not.
 *
 * `momentum`: γ, `0 ≤ γ < 1`, else a `HyperparameterError`. The state holds a velocity for every parameter.
 *
 * Laws: `withMomentum(0)` changes nothing, exactly (over `lookahead`, to rounding); over plain `sgd`, equal to
 * `sgd({ momentum })` for a constant rate only.
 * Source: Polyak 1964; Rumelhart, Hinton & Williams 1986; Sutskever et al. 2013, equations 1 and 2.
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
export const withMomentum = (momentum: Hyperparameter): OnDisplacement<TraceF> =>
  onDisplacement(trace({ decay: hyperparameter("withMomentum", "momentum", decay, momentum) }))
