import { add, round } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { ge, gt, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { hyper } from "../../options/fields.js"
import type { Hyperparameter } from "../../options/hyperparameter.js"
import { positiveI32 } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { lossAt, next, zeroCount } from "../../transform/common.js"
import { meanWith } from "../../transform/moments.js"
import { changeNeeds } from "../../transform/needs.js"
import {
  checkGoesByGradient,
  type AtLoss,
  type Clock,
  type NeedsOf,
  type Now,
  type StateFamily,
  type StateOf
} from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { clocked, type Clocked, type ClockedF } from "../clock.js"
import { noMove } from "../motion.js"
import { around, optimizerOf, type Optimizer } from "../optimizer.js"
import { preserving } from "../traits.js"
import { select } from "./select.js"

const fields = {
  /**
   * k: of how many micro-batches a step is made, a whole number from 1. A schedule sees the count of steps made so far:
   * `linear({ start: 1, end: 4, steps: 3 })` makes them of 1, 2, 3, 4, 4, ….
   */
  every: hyper(positiveI32)
}

type AccumulateState<P extends Tree, I extends Tree> = {
  readonly seen: Tensor
  readonly mean: P
  readonly loss: Tensor
  readonly inner: Clocked<I>
}

/**
 * How many micro-batches were `seen` since the last step of the optimizer within, the mean of their gradients and of
 * their losses (0 where none is given), and the state of that optimizer with the count of its own steps (`inner`).
 */
export interface AccumulateF<F extends StateFamily> extends StateFamily {
  readonly type: AccumulateState<this["params"], StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}

/**
 * Collects the gradients of `k` micro-batches and lets the inner optimizer make one step with their mean:
 * `m = m + (g - m)/n` for the n-th of them. Between, neither parameters nor the inner state change.
 *
 * Windows are means of gradients of equal weight, so batches should be of one size: examples of a short last batch count
 * for more than others, by the factor that it is shorter. What a last, partial window holds is applied by `finish`, as a
 * window of that size; `fit` deploys what is finished.
 *
 * Acts on the gradient. In a `pipe`, what stands before it (clips, decay, averages) acts once for `k` micro-batches,
 * what comes later once for each. An optimizer that needs the loss gets the mean of the losses. A schedule within
 * counts steps of the inner optimizer.
 *
 * `every`: k, a whole number from 1 to 2³¹ - 1, else a `HyperparameterError`; a schedule gives that of each window by the
 * count of windows before, and what is no whole number is rounded. An optimizer that needs the objective or the gradient
 * of each example, of which only those of the last micro-batch are known, is a `HyperparameterError` too. A non-finite gradient makes its mean non-finite:
 * with `ifFinite` before it in a `pipe`, the k micro-batches are skipped together; with `ifFinite` after it, that one alone.
 *
 * Laws: over k micro-batches ≡ the inner optimizer on the mean of their gradients, to rounding; `every` 1 ≡ the inner
 * optimizer, exactly; `finish` after a partial window ≡ a window of its size, exactly, and to rounding through what stands
 * around and is linear in displacements.
 * Source: optax's `MultiSteps` and its `every_k_schedule`, Keras's `gradient_accumulation_steps`. PyTorch's habit of
 * adding gradients up gives the sum, unless each loss is divided by k.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { accumulate, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), accumulate(2))
 * const p0 = tensor([10])
 * const [p1, s1] = opt.step(p0, opt.init(p0), tensor([2]))
 * const [p2, s2] = opt.step(p1, s1, tensor([4]))
 * const [p3, s3] = opt.step(p2, s2, tensor([5]))
 * const [last] = opt.finish(p3, s3)
 * assert.deepStrictEqual([p1, p2, p3, last].map(toArray), [[10], [7], [7], [2]])
 */
export const accumulate: Recipe<
  typeof fields,
  (every: Hyperparameter) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<AccumulateF<F>>
> = combinatorOf(
  "accumulate",
  "every",
  fields,
  preserving,
  ({ every }) =>
    <F extends StateFamily>(inner: Optimizer<F>) => {
      checkGoesByGradient("accumulate", inner)
      if (inner.needs.includes("objective"))
        fail("HyperparameterError", "accumulate", "an optimizer that does not need the objective", "one that does")
      const stepping = optimizerOf(clocked(inner.motion))
      const { init, move, rate, finish } = stepping.motion
      return around<ClockedF<F>, AccumulateF<F>>(stepping, {
        rate: ({ inner: within }, { step }) => rate(within, { step }), // one loss is not that of the window
        init: params => ({
          seen: zeroCount,
          mean: Tree.zerosLike(params),
          loss: scalar(0, "f64"),
          inner: init(params)
        }),
        move: (grads, state, params, now) => {
          const n = next(state.seen)
          const full = ge(cast(n, "f64"), round(every(state.inner.count)))
          const mean = Tree.zipWith(meanWith(n))(state.mean, grads)
          const { loss: given }: Clock & Partial<AtLoss> = now
          const loss = given === undefined ? state.loss : meanWith(n)(state.loss, lossAt("accumulate", { loss: given }))
          const told = changeNeeds<F, typeof params>(now, { loss: () => loss })
          const [moved, after] = move(mean, state.inner, params, told)
          return [
            select(full, moved, noMove(params)),
            {
              seen: where(full, zeroCount, n),
              mean: select(full, Tree.zerosLike(mean), mean),
              loss: where(full, 0, loss),
              inner: select(full, after, state.inner)
            }
          ]
        },
        finish: <P extends Tree>(params: P, state: AccumulateState<P, StateOf<F, P>>, now: Clock) => {
          const open = gt(state.seen, 0)
          const told = (inner.needs.includes("loss") ? { ...now, loss: state.loss } : now) as Now<F, P>
          const [moved, after] = move(state.mean, state.inner, params, told)
          const [first, within] = [select(open, moved, noMove(params)), select(open, after, state.inner)]
          const [second, last] = finish?.(first.to, within, now) ?? [noMove(params), within]
          const whole = { by: Tree.zipWith(add)(first.by, second.by), to: finish ? second.to : first.to }
          return [
            whole,
            { seen: zeroCount, mean: Tree.zerosLike(params), loss: scalar(0, "f64"), inner: last }
          ] as const
        }
      })
    }
)
