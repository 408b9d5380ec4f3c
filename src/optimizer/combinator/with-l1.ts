import { add, sign } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, maskField, type OptionsOf } from "../../options/fields.js"
import type { Hyperparameter, Schedule } from "../../options/hyperparameter.js"
import { nonNegative } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { applyingWhere, type ApplyWhereF } from "../../transform/apply-where.js"
import { times } from "../../transform/common.js"
import type { StatelessF, Transform } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { onGradient, type OnGradient } from "../lift.js"
import { apartIfAll } from "../traits.js"
import { combinatorOf } from "./recipe.js"

const fields = {
  /** λ ≥ 0: how strong it is. */
  strength: hyper(nonNegative),
  /** Which parameters are regularized: a `Mask`. Default: all. */
  mask: maskField("**")
}

/** Which parameters are regularized. */
export interface L1Options extends Omit<OptionsOf<typeof fields>, "strength"> {}

/** `u' = u + λ·sign(p)`. */
const addSigns = (strength: Schedule): Transform<StatelessF> => ({
  init: () => [],
  update: (updates, state, params, { step }) => {
    const lambda = strength(step)
    const pull = Tree.zipWith((u: Tensor, p: Tensor) => add(u, times(sign(p), lambda)))
    return [pull(updates, params), state]
  }
})

/**
 * Adds L1 regularization, `λ‖p‖₁`, by its gradient: `g' = g + λ·sign(p)`, of which that of 0 is 0.
 *
 * Acts on the gradient, as `withL2` does; both together are the elastic net: `pipe(sgd(…), withL1(λ₁), withL2(λ₂))`. Parameters
 * come near 0 and change signs there; they do not stay at 0.
 *
 * `strength`: λ, a finite number ≥ 0, else a `HyperparameterError`. `mask`: which parameters are regularized, a `Mask`
 * such as `"**\/kernel"` (default all); one that does not fit them is a `TreeError` at `init` and `step`.
 *
 * Laws: `withL1(0)` changes nothing; equal to the gradient of the loss with `λ‖p‖₁` added.
 * Source: Tibshirani 1996, "Regression shrinkage and selection via the lasso"; of both: Zou & Hastie 2005.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { sgd, withL1, withL2 } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 0.5 }), withL1(1), withL2(0.5, { mask: "kernel" }))
 * const params = { kernel: tensor([8]), bias: tensor([-8]) }
 * const [{ kernel, bias }] = opt.step(params, opt.init(params), { kernel: tensor([2]), bias: tensor([2]) })
 * assert.deepStrictEqual([kernel, bias].map(toArray), [[4.5], [-8.5]]) // 8 - 0.5·(2 + 1 + 0.5·8) and -8 - 0.5·(2 - 1)
 */
export const withL1: Recipe<
  typeof fields,
  (strength: Hyperparameter, options?: L1Options) => OnGradient<ApplyWhereF<StatelessF>>
> = combinatorOf("withL1", "strength", fields, { additive: {}, ...apartIfAll }, ({ strength, mask }) =>
  onGradient(applyingWhere("withL1", mask)(addSigns(strength)))
)
