import { add, div, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { ge, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { checkNumber, count as countRange } from "../../schedule/schedule.js"
import { like, lossAt, next, zeroCount } from "../../transform/common.js"
import { mapLoss, type Extra, type StateFamily, type StateOf } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { along, type Optimizer } from "../optimizer.js"
import { select } from "./select.js"

type AccumulateState<P extends Tree, I extends Tree> = {
  readonly seen: Tensor
  readonly mean: P
  readonly loss: Tensor
  readonly inner: I
}

/**
 * How many micro-batches were `seen` since the last step of the optimizer within, the mean of their gradients and of
 * their losses (0 where none is given), and the state of that optimizer (`inner`).
 */
export interface AccumulateF<F extends StateFamily> extends StateFamily {
  readonly type: AccumulateState<this["params"], StateOf<F, this["params"]>>
}

/** A mean to which one more value comes as the `n`-th. */
const meanWith =
  (n: Tensor) =>
  (mean: Tensor, value: Tensor): Tensor =>
    add(mean, div(sub(value, mean), like(n, mean)))

/** What is collected with one more gradient, whether it is enough, and what is kept then. */
const collecting =
  (k: number) =>
  <P extends Tree, X extends Extra>({ seen, mean, loss }: AccumulateState<P, Tree>, grads: P, extra: X) => {
    const n = next(seen)
    const full = ge(n, k)
    const grown = Tree.zipWith(meanWith(n))(mean, grads)
    const [given] = extra
    const level = given === undefined ? loss : meanWith(n)(loss, lossAt("accumulate", given))
    const kept = {
      seen: where(full, zeroCount, n),
      mean: select(full, Tree.zerosLike(grown), grown),
      loss: where(full, 0, level)
    }
    return { full, grown, handed: mapLoss(() => level, extra), kept }
  }

/**
 * Collects the gradients of `k` micro-batches and lets the inner optimizer make one step with their mean:
 * `m = m + (g - m)/n` for the n-th of them. Between, neither parameters nor the inner state change.
 *
 * Acts on the gradient. In a `pipe`, what stands before it (clips, decay, averages) acts once for `k` micro-batches,
 * what comes later once for each. An optimizer that needs the loss gets the mean of the losses. A schedule within
 * counts steps of the inner optimizer.
 *
 * `every`: k, a whole number from 1, else a `HyperparameterError`. A non-finite gradient makes its mean non-finite: with
 * `ifFinite` before it in a `pipe`, the k micro-batches are skipped together; with `ifFinite` after it, that one alone.
 *
 * Laws: over k micro-batches of one size ≡ the inner optimizer on the mean of their gradients, to rounding; `every` 1 ≡
 * the inner optimizer, exactly.
 * Source: optax's `MultiSteps`, Keras's `gradient_accumulation_steps`. PyTorch's habit of adding gradients up gives the
 * sum, unless each loss is divided by k.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { accumulate, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), accumulate(2))
 * const p0 = tensor([10])
 * const [p1, s1] = opt.step(p0, opt.init(p0), tensor([2]))
 * const [p2] = opt.step(p1, s1, tensor([4]))
 * assert.deepStrictEqual([p1, p2].map(toArray), [[10], [7]])
 */
export const accumulate = (every: number) => {
  const collect = collecting(checkNumber("accumulate", "every", countRange, every))
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) => {
    const init = <P extends Tree>(params: P) => ({
      seen: zeroCount,
      mean: Tree.zerosLike(params),
      loss: scalar(0, "f64"),
      inner: inner.init(params)
    })
    return along<F, AccumulateF<F>, X, X>(inner, { init }, ({ go, still }) => (grads, state, params, ...extra) => {
      const { full, grown, handed, kept } = collect(state, grads, extra)
      const [moved, after] = go(grown, state.inner, params, ...handed)
      return [select(full, moved, still(params)), { ...kept, inner: select(full, after, state.inner) }]
    })
  }
}
