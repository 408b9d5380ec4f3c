import fc from "fast-check"
import { add, mul, Tree, type Tensor } from "thalweg"
import { sgd, withMomentum, type withNesterov } from "thalweg/optimizer"
import { fixed } from "../arbitrary/hyperparameter.js"
import { additive, inner } from "../arbitrary/optimizer.js"
import { run, wide } from "../arbitrary/run.js"
import { amplified, exact } from "../equality.js"
import { keepsRate } from "./keeps-rate.js"
import { law, type Law } from "../law.js"
import { pathOf, stepsOf } from "../sides.js"
import { changesNothing } from "./probe.js"
import type { FunctionOf, Wrap } from "../callable.js"

const decay = fixed(0.95)

/**
 * Lists the laws of Nesterov's momentum over displacements: 0 changes nothing; given the same gradients, the run is that
 * of `withMomentum`; gradients are to be taken where the velocity, which is the last displacement, would lead (all
 * exact, but the last); at a constant rate the gradient points move as `sgd`'s with `nesterov` do.
 *
 * @example
 * import assert from "node:assert"
 * import { withNesterov } from "thalweg/optimizer"
 * import { checkAll, nesterovLaws } from "thalweg/laws"
 *
 * assert(checkAll(nesterovLaws(withNesterov), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const nesterovLaws = (withIt: FunctionOf<typeof withNesterov>): readonly Law[] => {
  const wrap =
    (gamma: number): Wrap =>
    optimizer =>
      withIt(gamma)(optimizer)
  return [
    changesNothing("withNesterov(0) changes nothing", fc.constant(wrap(0)), additive),
    law("withNesterov differs from momentum by where gradients are taken", exact, fc.tuple(decay, inner, run), s => {
      const [gamma, optimizer, r] = s
      return [pathOf(wrap(gamma)(optimizer), r), pathOf(withMomentum(gamma)(optimizer), r)]
    }),
    law("the gradient point is where the velocity leads", amplified, fc.tuple(decay, fixed(1), wide), s => {
      const [gamma, learningRate, r] = s
      const heavy = wrap(gamma)(sgd({ learningRate }))
      const steps = stepsOf(heavy, r)
      const path = [r.params, ...steps.map(([params]) => params)]
      const ahead = Tree.zipWith((last: Tensor, now: Tensor) => add(mul(now, 1 + gamma), mul(last, -gamma)))
      return [
        steps.map(([params, state]) => heavy.gradientPoint(params, state)),
        steps.map(([params], i) => ahead<Tree>(path[i] ?? params, params))
      ]
    }),
    law("gradient points move as those of sgd with nesterov", amplified, fc.tuple(decay, fixed(1), wide), s => {
      const [momentum, learningRate, r] = s
      const heavy = wrap(momentum)(sgd({ learningRate }))
      return [
        stepsOf(heavy, r).map(([params, state]) => heavy.gradientPoint(params, state)),
        pathOf(sgd({ learningRate, momentum, nesterov: true }), r)
      ]
    }),
    keepsRate("withNesterov", decay.map(wrap))
  ]
}
