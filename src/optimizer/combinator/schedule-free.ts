import { add, mul, pow, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../../schedule/schedule.js"
import { Tree } from "../../tree/index.js"
import { like, next, quotient, zeroCount } from "../../transform/common.js"
import type { Extra, StateFamily, StateOf } from "../../transform/transform.js"
import { around, type Optimizer } from "../optimizer.js"

/** How gradients are placed and iterates averaged. */
export interface ScheduleFreeOptions {
  /** β₁: where gradients are taken, from 0 at the iterate to the average, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** r ≥ 0: an iterate has the weight `ηʳ` in the average. Default 2; 0 weighs all alike, as Keras does. */
  readonly weightLrPower?: Hyperparameter
}

/** What the options of schedule-free learning may be. */
export const scheduleFreeFields: Fields<ScheduleFreeOptions> = {
  b1: hyper(decay, 0.9),
  weightLrPower: hyper(nonNegative, 2)
}

type ScheduleFreeState<P extends Tree, I extends Tree> = {
  readonly count: Tensor
  readonly average: P
  readonly weights: Tensor
  readonly inner: I
}

/** The average of the iterates, the sum of their weights, and the state of the optimizer within (`inner`). */
export interface ScheduleFreeF<F extends StateFamily> extends StateFamily {
  readonly type: ScheduleFreeState<this["params"], StateOf<F, this["params"]>>
}

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
export const scheduleFree = (options: ScheduleFreeOptions = {}) => {
  const { b1, weightLrPower } = resolve("scheduleFree", scheduleFreeFields, options)
  const towards = (share: Tensor) =>
    Tree.zipWith((from: Tensor, to: Tensor) => add(from, mul(sub(to, from), like(share, from))))
  return <F extends StateFamily, X extends Extra = readonly []>(inner: Optimizer<F, X>) =>
    around<F, ScheduleFreeF<F>, X, X>(inner, {
      init: params => ({
        count: zeroCount,
        average: params,
        weights: scalar(0, "f64"),
        inner: inner.init(params)
      }),
      update: (grads, { count, average, weights, inner: before }, params, ...extra) => {
        const point = towards(b1(count))(params, average)
        const weight = pow(inner.rate(before), weightLrPower(count))
        const total = add(weights, weight)
        const [displacement, after] = inner.update(grads, before, point, ...extra)
        const iterate = Tree.zipWith(add)(params, displacement)
        const averaged = towards(quotient(weight, total))(average, iterate)
        return [displacement, { count: next(count), average: averaged, weights: total, inner: after }]
      },
      gradientPoint: (params, { count, average }) => towards(b1(count))(params, average),
      evalParams: (_, { average }) => average
    })
}
