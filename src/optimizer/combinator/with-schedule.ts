import { mul } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { hyperparameter, nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import { next, scaledBy, zeroCount } from "../../transform/common.js"
import type { Extra, StateFamily, StateOf } from "../../transform/transform.js"
import type { Tree } from "../../tree/index.js"
import { around, type Optimizer } from "../optimizer.js"

type ScheduleState<I extends Tree> = { readonly count: Tensor; readonly inner: I }

/** The count of steps, and the state of the optimizer within (`inner`). */
export interface WithScheduleF<F extends StateFamily> extends StateFamily {
  readonly type: ScheduleState<StateOf<F, this["params"]>>
}

/**
 * Multiplies the rate of an optimizer by a schedule: `p' = p + s(t)·Δ`, `t` from 0; `rate` is `s(t)·η`.
 *
 * Acts on the displacement. What stands before it in a `pipe` is multiplied too, decay and velocities inside; a
 * `withMomentum` that comes later accumulates what was multiplied. It works for optimizers without a rate.
 *
 * `factor`: s, ≥ 0 (a number, tensor or schedule), else a `HyperparameterError`.
 *
 * Laws: a factor of 1 changes nothing, exactly (over `lookahead`, to rounding); over plain `sgd` with the rate η, equal
 * to `sgd` with the rate s·η; two of them are their product, to rounding. A factor of 0 stands still while the inner
 * state goes on.
 *
 * @example
 * import assert from "node:assert"
 * import { item, pipe, tensor, toArray } from "thalweg"
 * import { sgd, withSchedule } from "thalweg/optimizer"
 * import { linear } from "thalweg/schedule"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), withSchedule(linear({ start: 1, end: 0, steps: 2 })))
 * const [p0, grads] = [tensor([4]), tensor([2])]
 * const [p1, s1] = opt.step(p0, opt.init(p0), grads)
 * const [p2] = opt.step(p1, s1, grads)
 * assert.deepStrictEqual([p1, p2].map(toArray), [[3], [2.5]])
 * assert.strictEqual(item(opt.rate(s1)), 0.25)
 */
export const withSchedule = (factor: Hyperparameter) => {
  const at = hyperparameter("withSchedule", "factor", nonNegative, factor)
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) =>
    around<F, WithScheduleF<F>, X, X>(inner, {
      init: params => ({ count: zeroCount, inner: inner.init(params) }),
      update: (grads, { count, inner: before }, params, ...extra) => {
        const [displacement, after] = inner.update(grads, before, params, ...extra)
        const s = at(count)
        return [scaledBy(s)(displacement), { count: next(count), inner: after }]
      },
      rate: ({ count, inner: within }) => mul(inner.rate(within), at(count))
    })
}
