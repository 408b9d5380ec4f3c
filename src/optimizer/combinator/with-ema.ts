import { add, div, mul, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { eq, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../../options/fields.js"
import type { Hyperparameter } from "../../options/hyperparameter.js"
import { decay as decayRange } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { castLike } from "../../transform/common.js"
import { emaOf } from "../../transform/moments.js"
import type { StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { preserving } from "../traits.js"
import { averaged, type AveragedF, type Averager } from "./averaging.js"

const fields = {
  /** β: how much of the average is kept at each step, `0 ≤ β < 1`. */
  decay: hyper(decayRange),
  /**
   * "debiased" (the default): from nothing, corrected, so that the parameters at first do not count; "params": from the
   * parameters at first, before any step; "zero": from 0, not corrected.
   */
  start: choice(["debiased", "params", "zero"], "debiased")
}

/** How the average begins. */
export interface EmaOptions extends Omit<OptionsOf<typeof fields>, "decay"> {}

type EmaState<P extends Tree> = { readonly average: P; readonly weight: Tensor }

/** The average, and how much of it the parameters weigh together (`weight`, an f64 scalar). */
export interface EmaF extends StateFamily {
  readonly type: EmaState<this["params"]>
}

/** The state of the average, and that of the optimizer within (`inner`). */
export type WithEmaF<F extends StateFamily> = AveragedF<EmaF, F>

/**
 * Averages the parameters exponentially: `a = β·a + (1-β)·p'` from `a = 0`, `w = β·w + (1-β)` from `w = 0`; `evalParams`
 * gives `a / w`, the debiased average.
 *
 * Acts on parameters after each step, and changes neither them nor the inner optimizer. It averages what the inner
 * optimizer deploys: over `lookahead`, the slow weights. Placed last in a `pipe` it sees what the whole pipe did.
 * Before the first step `evalParams` gives what the inner optimizer does.
 *
 * `decay`: β, `0 ≤ β < 1`, may be scheduled. `start`: how it begins, see `EmaOptions`. Others are a
 * `HyperparameterError`. The average is kept in the dtype of each leaf.
 *
 * Laws: the run is that of the inner optimizer, exactly; `withEma(0)` deploys the last parameters; parameters that do
 * not move are their own average, to rounding.
 * Source: Polyak & Juditsky 1992 for averaging; the correction of Kingma & Ba 2015, arXiv 1412.6980, section 3.
 * PyTorch's `get_ema_multi_avg_fn` and Keras's `use_ema` start from the parameters after the first step, which is a
 * decay that is 0 at first, `t => mul(minimum(t, 1), β)`; optax's `ema` is `start: "debiased"` or `"zero"`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { sgd, withEma } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), withEma(0.5))
 * const [p0, grads] = [{ w: tensor([0]) }, { w: tensor([-3]) }]
 * const [p1, s1] = opt.step(p0, opt.init(p0), grads)
 * const [p2, s2] = opt.step(p1, s1, grads)
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[3], [6]])
 * assert.deepStrictEqual(toArray(opt.evalParams(p2, s2).w), [5]) // (0.25·3 + 0.5·6) / 0.75
 */
export const withEma: Recipe<typeof fields, (decay: Hyperparameter, options?: EmaOptions) => Averager<EmaF>> =
  combinatorOf("withEma", "decay", fields, preserving, ({ decay, start }) =>
    averaged<EmaF>({
      init: params => ({
        average: start === "params" ? params : Tree.zerosLike(params),
        weight: scalar(start === "debiased" ? 0 : 1, "f64")
      }),
      follow: ({ average, weight }, deployed, { step }) => {
        const beta = decay(step)
        return { average: emaOf(beta)(average, deployed), weight: add(mul(beta, weight), sub(1, beta)) }
      },
      deploy: ({ average, weight }, deployed, { step }) => {
        const whole = where(eq(weight, 0), 1, weight)
        const debiased = (a: Tensor, p: Tensor): Tensor => where(eq(step, 0), p, div(a, castLike(whole, a)))
        return Tree.zipWith(debiased)(average, deployed)
      }
    })
  )
