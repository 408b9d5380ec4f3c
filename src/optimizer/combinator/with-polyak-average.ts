import { maximum, sub } from "../../dataflow/arithmetic.js"
import { eq, ge, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { fixed, type OptionsOf } from "../../options/fields.js"
import { naturalI32 } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { next } from "../../transform/common.js"
import { meanWith } from "../../transform/moments.js"
import type { StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { preserving } from "../traits.js"
import { averaged, type AveragedF, type Averager } from "./averaging.js"
import { select } from "./select.js"

const fields = {
  /** How many steps are passed over before the average begins, a whole number from 0. Default 0. */
  skip: fixed(naturalI32, 0)
}

/** Which parameters are averaged. */
export interface PolyakAverageOptions extends OptionsOf<typeof fields> {}

type PolyakState<P extends Tree> = { readonly average: P }

/** The average of the parameters after each step. */
export interface PolyakAverageF extends StateFamily {
  readonly type: PolyakState<this["params"]>
}

/** The average, and the state of the optimizer within (`inner`). */
export type WithPolyakAverageF<F extends StateFamily> = AveragedF<PolyakAverageF, F>

/**
 * Averages the parameters of all steps alike: `a = a + (p' - a) / n` at the n-th step after the first `skip` ones;
 * `evalParams` gives `a`.
 *
 * Acts on parameters after each step, and changes neither them nor the inner optimizer. It averages what the inner
 * optimizer deploys. Placed last in a `pipe` it sees what the whole pipe did. The parameters at first do not count. As
 * long as nothing is averaged, `evalParams` gives what the inner optimizer does.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the run is that of the inner optimizer, exactly; parameters that do not move are their own average, exactly.
 * Source: Ruppert 1988; Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging"; with `skip`,
 * the suffix average of Rakhlin et al. 2012, arXiv 1109.5647. PyTorch's `AveragedModel` is `skip: 0`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { sgd, withPolyakAverage } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), withPolyakAverage())
 * const [p0, grads] = [{ w: tensor([0]) }, { w: tensor([-3]) }]
 * const [p1, s1] = opt.step(p0, opt.init(p0), grads)
 * const [p2, s2] = opt.step(p1, s1, grads)
 * assert.deepStrictEqual([p2.w, opt.evalParams(p2, s2).w].map(toArray), [[6], [4.5]])
 */
export const withPolyakAverage: Recipe<typeof fields, (options?: PolyakAverageOptions) => Averager<PolyakAverageF>> =
  combinator("withPolyakAverage", fields, preserving, ({ skip }) =>
    averaged<PolyakAverageF>({
      init: params => ({ average: params }),
      follow: ({ average }, deployed, { step }) => {
        const n = maximum(sub(next(step), skip), 1)
        const mean = Tree.zipWith((a: Tensor, p: Tensor) => where(eq(n, 1), p, meanWith(n)(a, p)))
        return { average: mean(average, deployed) }
      },
      deploy: ({ average }, deployed, { step }) => select(ge(step, skip + 1), average, deployed)
    })
  )
