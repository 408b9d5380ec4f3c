import { add } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { and, gt, isFinite, not, or, where } from "../../dataflow/logic.js"
import { all } from "../../dataflow/reduce.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { fixed, resolve, type Fields } from "../../schedule/fields.js"
import type { Range } from "../../schedule/schedule.js"
import { next, zeroCount } from "../../transform/common.js"
import type { Extra, StateFamily, StateOf } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { along, type Optimizer } from "../optimizer.js"
import { select } from "./select.js"

/** When a non-finite gradient is let through after all. */
export interface IfFiniteOptions {
  /** How many in a row are skipped before one is applied, a whole number from 0, or `Infinity` (the default): all. */
  readonly tolerate?: number
}

const naturalOrInfinite: Range = {
  expected: "a whole number ≥ 0, or Infinity",
  holds: value => value === Infinity || (Number.isSafeInteger(value) && value >= 0)
}

/** What the options of `ifFinite` may be. */
export const ifFiniteFields: Fields<IfFiniteOptions> = { tolerate: fixed(naturalOrInfinite, Infinity) }

type IfFiniteState<I extends Tree> = { readonly inRow: Tensor; readonly skipped: Tensor; readonly inner: I }

/**
 * How many non-finite gradients there were in a row (`inRow`) and how many were skipped at all, `i32` scalars, and the
 * state of the optimizer within (`inner`).
 */
export interface IfFiniteF<F extends StateFamily> extends StateFamily {
  readonly type: IfFiniteState<StateOf<F, this["params"]>>
}

/** Whether every element of a gradient, and the loss if it is given, is finite. */
const allFinite = (grads: Tree, extra: Extra): Tensor =>
  Tree.reduce(scalar(true), (sofar, t) => and(sofar, all(isFinite(t))))([grads, extra])

/**
 * Skips the step when an element of the gradient is NaN or infinite, or the loss if one is given: neither parameters nor
 * the inner state change.
 *
 * Acts on the gradient that it gets. In a `pipe`, what comes later acts before it and may hide or spread what is not
 * finite (`clipByValue` makes ±∞ finite).
 *
 * `tolerate`: how many in a row are skipped; the next one is applied, whatever comes of it, so that a run which is
 * broken shows it. The default `Infinity` skips all. Others than whole numbers from 0 are a `HyperparameterError`.
 *
 * Laws: on a skip parameters and inner state do not change, exactly; finite gradients ≡ the inner optimizer, exactly.
 * Source: Micikevicius et al. 2018, arXiv 1710.03740, section 3.2 (skipping an update on overflow); optax's
 * `apply_if_finite(inner, tolerate)`, of which this is the form.
 *
 * @example
 * import assert from "node:assert"
 * import { item, pipe, tensor, toArray } from "thalweg"
 * import { ifFinite, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), ifFinite())
 * const p0 = { w: tensor([5, 5]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([NaN, 1]) })
 * const [p2, s2] = opt.step(p1, s1, { w: tensor([2, 1]) })
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[5, 5], [3, 4]])
 * assert.deepStrictEqual([s1.inRow, s2.inRow, s2.skipped].map(item), [1, 0, 1])
 */
export const ifFinite = (options: IfFiniteOptions = {}) => {
  const { tolerate } = resolve("ifFinite", ifFiniteFields, options)
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) => {
    /** Whether the step is made, and what is counted. */
    const judge = ({ inRow, skipped }: IfFiniteState<Tree>, grads: Tree, extra: X) => {
      const finite = allFinite(grads, extra)
      const row = where(finite, zeroCount, next(inRow))
      const apply = tolerate === Infinity ? finite : or(finite, gt(row, tolerate))
      return { apply, counts: { inRow: row, skipped: add(skipped, cast(not(apply), "i32")) } }
    }
    const init = <P extends Tree>(params: P) => ({ inRow: zeroCount, skipped: zeroCount, inner: inner.init(params) })
    return along<F, IfFiniteF<F>, X, X>(inner, { init }, ({ go, still }) => (grads, state, params, ...extra) => {
      const { apply, counts } = judge(state, grads, extra)
      const [moved, after] = go(grads, state.inner, params, ...extra)
      return [select(apply, moved, still(params)), { ...counts, inner: select(apply, after, state.inner) }]
    })
  }
}
