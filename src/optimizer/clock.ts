import { checkMethods } from "../dataflow/check.js"
import { maximum, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { next, zeroCount } from "../transform/common.js"
import type { Clock, NeedsOf, StateFamily, StateOf } from "../transform/transform.js"
import type { Tree } from "../tree/index.js"
import type { Motion } from "./motion.js"

/** How many steps were made, an i32 scalar, and the state of what steps (`inner`). */
export type Clocked<I extends Tree> = { readonly count: Tensor; readonly inner: I }

/** A family with a clock of its own. */
export interface ClockedF<F extends StateFamily> extends StateFamily {
  readonly type: Clocked<StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}

/**
 * Gives a motion a clock of its own, which counts the steps that it makes: what the outermost optimizer does, and a
 * combinator under which time passes otherwise (`accumulate`, `ifFinite`).
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar } from "thalweg"
 * import { clocked, sgd } from "thalweg/optimizer"
 * import { linear } from "thalweg/schedule"
 * import { clockAt } from "thalweg/transform"
 *
 * const { init, move } = clocked(sgd({ learningRate: linear({ start: 1, end: 0, steps: 2 }) }).motion)
 * const [p, grads] = [scalar(8), scalar(2)]
 * const [first, state] = move(grads, init(p), p, clockAt(100)) // that clock is not looked at
 * const [second] = move(grads, state, first.to, clockAt(100))
 * assert.deepStrictEqual([first.to, second.to].map(item), [6, 5])
 */
export const clocked = <F extends StateFamily>(motion: Motion<F>): Motion<ClockedF<F>> => {
  checkMethods("clocked", "a motion { init, move, …, needs }", motion, ["init", "move"])
  const at = (count: Tensor): Clock => ({ step: cast(count, "f64") })
  const { finish, endEpoch } = motion
  return {
    needs: motion.needs,
    init: params => ({ count: zeroCount, inner: motion.init(params) }),
    move: (grads, { count, inner }, params, now) => {
      const [move, after] = motion.move(grads, inner, params, { ...now, ...at(count) })
      return [move, { count: next(count), inner: after }]
    },
    rate: ({ count, inner }, now) => motion.rate(inner, { ...now, ...at(count) }),
    gradientPoint: (params, { count, inner }) => motion.gradientPoint(params, inner, at(count)),
    evalParams: (params, { count, inner }) => motion.evalParams(params, inner, at(count)),
    ...(finish && {
      finish: (params, { count, inner }) => {
        const [move, after] = finish(params, inner, at(maximum(sub(count, 1), 0)))
        return [move, { count, inner: after }]
      }
    }),
    ...(endEpoch && {
      endEpoch: ({ count, inner }, monitored) => ({ count, inner: endEpoch(inner, monitored, at(count)) })
    })
  }
}
