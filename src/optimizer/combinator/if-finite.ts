import { add } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { and, gt, isFinite, not, or, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { all } from "../../dataflow/reduce.js"
import { fixed, type OptionsOf } from "../../options/fields.js"
import { naturalI32, type Range } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { next, zeroCount } from "../../transform/common.js"
import {
  needsOfAll,
  type AtLoss,
  type Clock,
  type NeedsOf,
  type StateFamily,
  type StateOf
} from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { clocked, type Clocked, type ClockedF } from "../clock.js"
import { noMove } from "../motion.js"
import { around, optimizerOf, type Optimizer } from "../optimizer.js"
import { byGradient } from "../traits.js"
import { select } from "./select.js"

const countOrInfinite: Range = {
  expected: `${naturalI32.expected}, or Infinity`,
  holds: value => value === Infinity || naturalI32.holds(value)
}

const fields = {
  /** How many in a row are skipped before one is applied, a whole number from 0, or `Infinity` (the default): all. */
  tolerate: fixed(countOrInfinite, Infinity)
}

/** When a non-finite gradient is let through after all. */
export interface IfFiniteOptions extends OptionsOf<typeof fields> {}

type IfFiniteState<I extends Tree> = { readonly inRow: Tensor; readonly skipped: Tensor; readonly inner: Clocked<I> }

/**
 * How many non-finite gradients there were in a row (`inRow`) and how many were skipped at all, `i32` scalars, and the
 * state of the optimizer within with the count of its own steps (`inner`).
 */
export interface IfFiniteF<F extends StateFamily> extends StateFamily {
  readonly type: IfFiniteState<StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]> & Partial<AtLoss>
}

/** Whether every element of all leaves is finite. */
const allFinite = Tree.reduce(scalar(true), (sofar, t) => and(sofar, all(isFinite(t))))

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
 * assert.deepStrictEqual([s1.inner.inRow, s2.inner.inRow, s2.inner.skipped].map(item), [1, 0, 1])
 */
export const ifFinite: Recipe<
  typeof fields,
  (options?: IfFiniteOptions) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<IfFiniteF<F>>
> = combinator(
  "ifFinite",
  fields,
  { additive: {}, ...byGradient, scaleFree: {} },
  ({ tolerate }) =>
    <F extends StateFamily>(inner: Optimizer<F>) => {
      const stepping = optimizerOf(clocked(inner.motion))
      const { init, move } = stepping.motion
      return around<ClockedF<F>, IfFiniteF<F>>(stepping, {
        needs: needsOfAll([inner, { needs: ["loss"] }]),
        init: params => ({ inRow: zeroCount, skipped: zeroCount, inner: init(params) }),
        move: (grads, state, params, now) => {
          const { loss }: Clock & Partial<AtLoss> = now
          const finite = allFinite([grads, loss === undefined ? [] : loss])
          const inRow = where(finite, zeroCount, next(state.inRow))
          const apply = tolerate === Infinity ? finite : or(finite, gt(inRow, tolerate))
          const skipped = add(state.skipped, cast(not(apply), "i32"))
          const [moved, after] = move(grads, state.inner, params, now)
          return [select(apply, moved, noMove(params)), { inRow, skipped, inner: select(apply, after, state.inner) }]
        }
      })
    }
)
