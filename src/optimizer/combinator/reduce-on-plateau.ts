import { add, div, maximum, mul, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { and, ge, gt, lt, not, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { fixed, hyper, resolve, type Fields, type Resolved } from "../../schedule/fields.js"
import { count, decay, fraction, natural, nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import { lossAt, next, scaledBy, zeroCount } from "../../transform/common.js"
import type { AtLoss, Extra, StateFamily, StateOf } from "../../transform/transform.js"
import type { Tree } from "../../tree/index.js"
import { around, type Optimizer } from "../optimizer.js"
import { select } from "./select.js"

/** When and how far the rate is reduced. */
export interface PlateauOptions {
  /** By what the rate is multiplied, from 0 to 1. Default 0.1. */
  readonly factor?: Hyperparameter
  /** How many losses in a row may be no better before the rate is reduced, a whole number from 1. Default 10. */
  readonly patience?: number
  /** How much better a loss must be, relative to the best so far, `0 ≤ rtol < 1`. Default 1e-4. */
  readonly rtol?: Hyperparameter
  /** How much better a loss must be, ≥ 0, in its units. Default 0. */
  readonly atol?: Hyperparameter
  /** For how many losses after a reduction none is counted, a whole number from 0. Default 0. */
  readonly cooldown?: number
  /** Of how many losses the mean counts as one, such as those of an epoch, a whole number from 1. Default 1. */
  readonly accumulationSize?: number
  /** Below what the multiple does not fall, from 0 (the default) to 1. */
  readonly minScale?: Hyperparameter
}

/** What the options of `reduceOnPlateau` may be. */
export const plateauFields: Fields<PlateauOptions> = {
  factor: hyper(fraction, 0.1),
  patience: fixed(count, 10),
  rtol: hyper(decay, 1e-4),
  atol: hyper(nonNegative, 0),
  cooldown: fixed(natural, 0),
  accumulationSize: fixed(count, 1),
  minScale: hyper(fraction, 0)
}

/** What is remembered of the losses, all scalars. */
type Plateau = {
  readonly count: Tensor
  readonly scale: Tensor
  readonly best: Tensor
  readonly bad: Tensor
  readonly cooling: Tensor
  readonly seen: Tensor
  readonly mean: Tensor
}

type PlateauState<I extends Tree> = { readonly plateau: Plateau; readonly inner: I }

/** What is remembered of the losses (`plateau`), and the state of the optimizer within (`inner`). */
export interface ReduceOnPlateauF<F extends StateFamily> extends StateFamily {
  readonly type: PlateauState<StateOf<F, this["params"]>>
}

const start: Plateau = {
  count: zeroCount,
  scale: scalar(1, "f64"),
  best: scalar(Infinity, "f64"),
  bad: zeroCount,
  cooling: zeroCount,
  seen: zeroCount,
  mean: scalar(0, "f64")
}

type Watch = (before: Plateau, loss: Tensor) => Plateau

/** After one more loss that counts. */
const judging =
  ({ factor, patience, rtol, atol, cooldown, minScale }: Resolved<PlateauOptions>): Watch =>
  (before, loss) => {
    const { count, scale, best } = before
    const better = lt(loss, sub(mul(sub(1, rtol(count)), best), atol(count)))
    const bad = where(better, zeroCount, next(before.bad))
    const cool = gt(before.cooling, 0)
    const reduces = and(not(cool), ge(bad, patience))
    return {
      ...before,
      scale: where(reduces, maximum(mul(scale, factor(count)), minScale(count)), scale),
      best: where(better, loss, best),
      bad: where(cool, zeroCount, where(reduces, zeroCount, bad)),
      cooling: where(reduces, scalar(cooldown, "i32"), maximum(sub(before.cooling, 1), 0)),
      seen: start.seen,
      mean: start.mean
    }
  }

/** After one more loss, of which the mean of several may count. */
const watching = (options: Resolved<PlateauOptions>): Watch => {
  const judge = judging(options)
  return (before, loss) => {
    const seen = next(before.seen)
    const mean = add(before.mean, div(sub(loss, before.mean), cast(seen, "f64")))
    const after = select(ge(seen, options.accumulationSize), judge(before, mean), { ...before, seen, mean })
    return { ...after, count: next(before.count) }
  }
}

/**
 * Reduces the rate of an optimizer when the loss stops falling: after `patience` losses in a row that are no better than
 * the best so far, `s = max(s · factor, minScale)`; `p' = p + s·Δ`. `rate` is `s·η`.
 *
 * Better is `loss < (1 - rtol)·best - atol`. Its `step` takes `{ loss }` last, a float scalar; `trainStep` gives it. A
 * loss that reduces the rate does so for the very step that it is given to. A NaN loss is no better than any.
 *
 * Acts on the displacement, as `withSchedule` does. `accumulationSize` makes the mean of several losses count as one.
 * During a cooldown losses lower the best, and none is counted. Options out of range are a `HyperparameterError`.
 *
 * Laws: as long as losses fall enough, the inner optimizer, exactly (over `lookahead`, to rounding); the rate never
 * rises.
 * Source: optax's `contrib.reduce_on_plateau`, of which this is the form. PyTorch's `ReduceLROnPlateau` and Keras's
 * reduce from the step after the loss; PyTorch's `patience` is one less than ours, for it waits for one more.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, scalar, tensor, toArray } from "thalweg"
 * import { reduceOnPlateau, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), reduceOnPlateau({ factor: 0.5, patience: 1 }))
 * const [p0, grads] = [tensor([4]), tensor([1])]
 * const [p1, s1] = opt.step(p0, opt.init(p0), grads, { loss: scalar(3) })
 * const [p2] = opt.step(p1, s1, grads, { loss: scalar(3) })
 * assert.deepStrictEqual([p1, p2].map(toArray), [[3], [2.5]])
 */
export const reduceOnPlateau = (options: PlateauOptions = {}) => {
  const watch = watching(resolve("reduceOnPlateau", plateauFields, options))
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) =>
    around<F, ReduceOnPlateauF<F>, X, readonly [AtLoss]>(inner, {
      init: params => ({ plateau: start, inner: inner.init(params) }),
      update: (grads, { plateau, inner: before }, params, atLoss) => {
        const [displacement, after] = (inner as Optimizer<F, Extra>).update(grads, before, params, atLoss)
        const watched = watch(plateau, lossAt("reduceOnPlateau", atLoss))
        return [scaledBy(watched.scale)(displacement), { plateau: watched, inner: after }]
      },
      rate: ({ plateau, inner: within }) => mul(inner.rate(within), plateau.scale)
    })
}
