import { add, mul, pow, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../../options/fields.js"
import { decay, nonNegative } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { castLike, quotient } from "../../transform/common.js"
import type { NeedsOf, StateFamily, StateOf } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { madeUp } from "../finish.js"
import { moveBy } from "../motion.js"
import { around, type Optimizer } from "../optimizer.js"
import { apart } from "../traits.js"

const fields = {
  /** β₁: where gradients are taken, from 0 at the iterate to the average, `0 ≤ β₁ < 1`. Default 0.9. */
  b1: hyper(decay, 0.9),
  /** r ≥ 0: an iterate has the weight `ηʳ` in the average. Default 2; 0 weighs all alike, as Keras does. */
  weightLrPower: hyper(nonNegative, 2)
}

/** How gradients are placed and iterates averaged. */
export interface ScheduleFreeOptions extends OptionsOf<typeof fields> {}

type ScheduleFreeState<P extends Tree, I extends Tree> = {
  readonly average: P
  readonly weights: Tensor
  readonly inner: I
}

/** The average of the iterates, the sum of their weights, and the state of the optimizer within (`inner`). */
export interface ScheduleFreeF<F extends StateFamily> extends StateFamily {
  readonly type: ScheduleFreeState<this["params"], StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}

/** From one tree towards another, by a share of the way. */
const towards = (share: Tensor) =>
  Tree.zipWith((from: Tensor, to: Tensor) => add(from, mul(sub(to, from), castLike(share, from))))

/**
 * Averages the iterates of an optimizer and takes gradients between iterate and average, in place of a schedule of the
 * rate: `y = (1-β₁)·z + β₁·x`, `z' = z + Δ(g(y), y)`, `w = ηʳ`, `W = W + w`, `x' = x + (w/W)·(z' - x)`, from `x = z`.
 *
 * The parameters are the iterates `z`. Gradients are to be taken at `gradientPoint`, `y`; `evalParams` gives the average
 * `x`, which is to be deployed. The inner optimizer sees `y` as its parameters, so that its decay is that of `y`, and
 * should have no momentum of its own. Acts on parameters: place it last in a `pipe`. `η` is the inner rate; while it is
 * 0, iterates have no weight. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: with β₁ = 0 the iterates are those of the inner optimizer, exactly; with r = 0 `x` is their mean
 * (Polyak–Ruppert); `x` after the first step is `z`; before it `x = y = z`, exactly.
 * Source: Defazio et al. 2024, arXiv 2405.15682, Algorithm 1. optax and the authors' code weigh by
 * the largest rate so far, which is the same until the rate falls, and keep `y` as the parameters.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { scheduleFree, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), scheduleFree({ b1: 0.5 }))
 * const p0 = { w: tensor([8]) } // of ½w², whose gradient is w
 * const [p1, s1] = opt.step(p0, opt.init(p0), opt.gradientPoint(p0, opt.init(p0)))
 * const [p2, s2] = opt.step(p1, s1, opt.gradientPoint(p1, s1))
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[4], [2]])
 * assert.deepStrictEqual(toArray(opt.evalParams(p2, s2).w), [3]) // the mean of 4 and 2
 */
export const scheduleFree: Recipe<
  typeof fields,
  (options?: ScheduleFreeOptions) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<ScheduleFreeF<F>>
> = combinator(
  "scheduleFree",
  fields,
  { additive: {}, ...apart, blind: {}, still: {}, scaleFree: {} },
  ({ b1, weightLrPower }) =>
    <F extends StateFamily>(inner: Optimizer<F>) => {
      const { init, move, rate, finish } = inner.motion
      return around<F, ScheduleFreeF<F>>(inner, {
        init: params => ({ average: params, weights: scalar(0, "f64"), inner: init(params) }),
        move: (grads, { average, weights, inner: before }, params, now) => {
          const point = towards(b1(now.step))(params, average)
          const weight = pow(rate(before, now), weightLrPower(now.step))
          const total = add(weights, weight)
          const [{ by }, after] = move(grads, before, point, now)
          const moved = moveBy(params, by)
          const averaged = towards(quotient(weight, total))(average, moved.to)
          return [moved, { average: averaged, weights: total, inner: after }]
        },
        gradientPoint: (params, { average }, now) => towards(b1(now.step))(params, average),
        evalParams: (_, { average }) => average,
        ...(finish && {
          finish: (params, { average, weights, inner: before }, now) => {
            const [moved, after] = finish(params, before, now)
            const share = quotient(pow(rate(before, now), weightLrPower(now.step)), weights)
            const along = towards(share)
            const caughtUp = madeUp(average, along(average, moved.to), along(average, params))
            return [moved, { average: caughtUp, weights, inner: after }]
          }
        })
      })
    }
)
