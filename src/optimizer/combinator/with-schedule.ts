import { mul } from "../../dataflow/arithmetic.js"
import { hyper } from "../../options/fields.js"
import type { Hyperparameter } from "../../options/hyperparameter.js"
import { nonNegative } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { scaledBy } from "../../transform/common.js"
import type { StateFamily } from "../../transform/transform.js"
import { moveLate } from "../finish.js"
import { moveBy } from "../motion.js"
import { altered, type Optimizer } from "../optimizer.js"
import { preserving } from "../traits.js"

const fields = {
  /** s ≥ 0: by what the rate is multiplied. */
  factor: hyper(nonNegative)
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
export const withSchedule: Recipe<
  typeof fields,
  (factor: Hyperparameter) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<F>
> = combinatorOf("withSchedule", "factor", fields, preserving, ({ factor }) => inner => {
  const { move, rate, finish } = inner.motion
  return altered(inner, {
    move: (grads, state, params, now) => {
      const [{ by }, after] = move(grads, state, params, now)
      return [moveBy(params, scaledBy(factor(now.step))(by)), after]
    },
    rate: (state, now) => mul(rate(state, now), factor(now.step)),
    ...(finish && {
      finish: (params, state, now) => {
        const [{ by }, after] = finish(params, state, now)
        return [moveLate(params, scaledBy(factor(now.step))(by)), after]
      }
    })
  })
})
