import { maximum, mul, sign, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { and, ge, gt, lt, not, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { choice, fixed, hyper, type OptionsOf, type Resolved } from "../../options/fields.js"
import { naturalI32, decay, fraction, nonNegative, positiveI32 } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { lossAt, next, scaledBy, zeroCount } from "../../transform/common.js"
import { meanWith } from "../../transform/moments.js"
import { needsOfAll, type AtLoss, type NeedsOf, type StateFamily, type StateOf } from "../../transform/transform.js"
import type { Tree } from "../../tree/index.js"
import { moveLate } from "../finish.js"
import { moveBy } from "../motion.js"
import { around, type Optimizer } from "../optimizer.js"
import { byGradient } from "../traits.js"
import { select } from "./select.js"

const fields = {
  /**
   * Of what there is a loss: `"step"`, the default, of every step, which is that of its batch; `"epoch"`, of every epoch, which
   * is what `endEpoch` is told, as `fit` does with what it monitors (the validation loss, say).
   */
  per: choice(["step", "epoch"], "step"),
  /** By what the rate is multiplied, from 0 to 1. Default 0.1. */
  factor: hyper(fraction, 0.1),
  /** How many losses in a row may be no better before the rate is reduced, a whole number from 1. Default 10. */
  patience: fixed(positiveI32, 10),
  /** How much better a loss must be, relative to the best so far, `0 ≤ rtol < 1`. Default 1e-4. */
  rtol: hyper(decay, 1e-4),
  /** How much better a loss must be, ≥ 0, in its units. Default 0. */
  atol: hyper(nonNegative, 0),
  /** For how many losses after a reduction none is counted, a whole number from 0. Default 0. */
  cooldown: fixed(naturalI32, 0),
  /** Of how many losses the mean counts as one, a whole number from 1. Default 1. */
  accumulationSize: fixed(positiveI32, 1),
  /** Below what the multiple does not fall, from 0 (the default) to 1. */
  minScale: hyper(fraction, 0)
}

/** When and how far the rate is reduced. */
export interface PlateauOptions extends OptionsOf<typeof fields> {}

/** What is remembered of the losses, all scalars. */
type Plateau = {
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
  readonly needs: NeedsOf<F, this["params"]> & AtLoss
}

const start: Plateau = {
  scale: scalar(1, "f64"),
  best: scalar(Infinity, "f64"),
  bad: zeroCount,
  cooling: zeroCount,
  seen: zeroCount,
  mean: scalar(0, "f64")
}

type Watch = (before: Plateau, loss: Tensor, step: Tensor) => Plateau

/** After one more loss that counts. */
const judging =
  ({ factor, patience, rtol, atol, cooldown, minScale }: Resolved<typeof fields>): Watch =>
  (before, loss, step) => {
    const { scale, best } = before
    const less = sub(1, mul(rtol(step), sign(best))) // of a negative loss, more
    const better = lt(loss, sub(mul(less, best), atol(step)))
    const bad = where(better, zeroCount, next(before.bad))
    const cool = gt(before.cooling, 0)
    const reduces = and(not(cool), ge(bad, patience))
    return {
      scale: where(reduces, maximum(mul(scale, factor(step)), minScale(step)), scale),
      best: where(better, loss, best),
      bad: where(cool, zeroCount, where(reduces, zeroCount, bad)),
      cooling: where(reduces, scalar(cooldown, "i32"), maximum(sub(before.cooling, 1), 0)),
      seen: start.seen,
      mean: start.mean
    }
  }

/** After one more loss, of which the mean of several may count. */
const watching = (options: Resolved<typeof fields>): Watch => {
  const judge = judging(options)
  return (before, loss, step) => {
    const seen = next(before.seen)
    const mean = meanWith(seen)(before.mean, loss)
    return select(ge(seen, options.accumulationSize), judge(before, mean, step), { ...before, seen, mean })
  }
}

/**
 * Reduces the rate of an optimizer when the loss stops falling: after `patience` losses in a row that are no better than
 * the best so far, `s = max(s · factor, minScale)`; `p' = p + s·Δ`. `rate` is `s·η`.
 *
 * Better is `loss < best - rtol·|best| - atol`, so that what is to become large may be monitored by its negative. Its `step` takes `{ loss }` last, a float scalar; `trainStep` gives it. Losses of
 * batches are noisy, and there are many: for those of epochs, as other libraries are used, say `per: "epoch"`. `fit` and
 * `epochs` then tell it what they `monitor`, and a loop of one's own calls `endEpoch`; the loss of a step, which is given all
 * the same, is not looked at. A loss that reduces the rate does so for the very step that it is given to, that of an epoch from
 * the next step. A NaN loss is no better than any.
 *
 * Acts on the displacement, as `withSchedule` does. `accumulationSize` makes the mean of several losses count as one.
 * During a cooldown losses lower the best, and none is counted. Options out of range are a `HyperparameterError`.
 *
 * Laws: as long as losses fall enough, the inner optimizer, exactly (over `lookahead`, to rounding); the rate never
 * rises; `per: "epoch"` reduces it as those steps would of which each is given what an epoch came to.
 * Source: optax's `contrib.reduce_on_plateau`, of which this is the form, but that negative losses count there as better when they are not. PyTorch's `ReduceLROnPlateau` and Keras's
 * are `per: "epoch"`; `patience` is that of Keras, and PyTorch's one less, for it waits for one more.
 *
 * @example
 * import assert from "node:assert"
 * import { item, pipe, scalar, tensor, toArray } from "thalweg"
 * import { reduceOnPlateau, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), reduceOnPlateau({ factor: 0.5, patience: 1 }))
 * const [p0, grads] = [tensor([4]), tensor([1])]
 * const [p1, s1] = opt.step(p0, opt.init(p0), grads, { loss: scalar(3) })
 * const [p2] = opt.step(p1, s1, grads, { loss: scalar(3) })
 * assert.deepStrictEqual([p1, p2].map(toArray), [[3], [2.5]])
 *
 * const slow = pipe(sgd({ learningRate: 1 }), reduceOnPlateau({ per: "epoch", factor: 0.5, patience: 1 }))
 * const first = slow.endEpoch(slow.init(p0), scalar(3)) // the validation loss of the first epoch
 * assert.deepStrictEqual([first, slow.endEpoch(first, scalar(3))].map(s => item(slow.rate(s))), [1, 0.5])
 */
export const reduceOnPlateau: Recipe<
  typeof fields,
  (options?: PlateauOptions) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<ReduceOnPlateauF<F>>
> = combinator("reduceOnPlateau", fields, { additive: {}, ...byGradient }, options => {
  const watch = watching(options)
  const byStep = options.per === "step"
  return <F extends StateFamily>(inner: Optimizer<F>) => {
    const { init, move, rate, finish, endEpoch } = inner.motion
    return around<F, ReduceOnPlateauF<F>>(inner, {
      needs: needsOfAll([inner, { needs: ["loss"] }]),
      init: params => ({ plateau: start, inner: init(params) }),
      move: (grads, state, params, now) => {
        const [{ by }, after] = move(grads, state.inner, params, now)
        const loss = lossAt("reduceOnPlateau", now)
        const plateau = byStep ? watch(state.plateau, loss, now.step) : state.plateau
        return [moveBy(params, scaledBy(plateau.scale)(by)), { plateau, inner: after }]
      },
      rate: ({ plateau, inner }, now) => {
        const { scale } = byStep && now.loss !== undefined ? watch(plateau, now.loss, now.step) : plateau
        return mul(rate(inner, now), scale)
      },
      ...(!byStep && {
        endEpoch: ({ plateau, inner: within }, monitored, now) => ({
          plateau: watch(plateau, monitored, now.step),
          inner: endEpoch?.(within, monitored, now) ?? within
        })
      }),
      ...(finish && {
        finish: (params, { plateau, inner: within }, now) => {
          const [{ by }, after] = finish(params, within, now)
          return [moveLate(params, scaledBy(plateau.scale)(by)), { plateau, inner: after }]
        }
      })
    })
  }
})
