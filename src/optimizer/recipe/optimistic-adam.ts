import { choice, type OptionsOf } from "../../options/fields.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { extrapolate, type LastF, type ExtrapolationOptions } from "../../transform/extrapolate.js"
import type { MomentsF } from "../../transform/moments.js"
import { scaleByAdam } from "../../transform/scale-by-adam.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"
import { adam, type AdamOptions } from "./adam.js"

const fields = {
  ...adam.fields,
  ...extrapolate.fields,
  /** What is before the first update: "zero" (the default), which doubles it, or its "own" value. */
  start: choice(["own", "zero"], "zero")
}

/** The options of optimistic Adam. */
export interface OptimisticAdamOptions
  extends AdamOptions, Omit<ExtrapolationOptions, "start">, OptionsOf<typeof fields> {}

/** The states of `optimisticAdam`: the moments, the last update, and nothing for the rate. */
export type OptimisticAdamF = ChainF<readonly [MomentsF, LastF, StatelessF]>

/**
 * Makes optimistic Adam, for games: with the update `U` of `adam`, `p' = p - η·(α·U + β·(U - U_last))`, so that with
 * α = β = 1 twice the update is taken and the last one undone.
 *
 * Where Adam circles the saddle of a game, it converges. `U_last` is 0 at first, so that the first step is twice as
 * long, or with `start: "own"` the first update. The state holds two moments and an update for every parameter.
 * Defaults: those of `adam`, α 1, β 1, start "zero". Throws a `HyperparameterError` for options out of range.
 *
 * Laws: α = 1, β = 0 ≡ `adam`, exactly; does not see the scale of the gradients (ε = ε_root = 0); odd in the gradients;
 * elementwise.
 * Source: Daskalakis et al. 2018, arXiv 1711.00141, Algorithm 1, whose first `U_last` is 0/0 and 0 in the authors'
 * code. optax has the weights α and β, `start: "own"` and, against the paper, `nesterov: true` unless told otherwise:
 * that is `optimistic_adam_v2`. Its older `optimistic_adam` with the rate `η` and the `optimism` `o`
 * is `learningRate: η`, `beta: o / η`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { optimisticAdam } from "thalweg/optimizer"
 *
 * const opt = optimisticAdam({ learningRate: 0.5, b1: 0, b2: 0, eps: 0 })
 * const p0 = { w: tensor([4]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([7]) }) // by 0.5·(1 + 1)
 * const [p2] = opt.step(p1, s1, { w: tensor([-5]) }) // by 0.5·(-1 - 2)
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[3], [4.5]])
 */
export const optimisticAdam: Recipe<typeof fields, (options?: OptimisticAdamOptions) => Optimizer<OptimisticAdamF>> =
  recipe(
    "optimisticAdam",
    fields,
    { ...allButScaleFree, scaleFree: { eps: 0, epsRoot: 0 } },
    ({ learningRate, alpha, beta, start, ...scaling }) =>
      optimizer(chain(scaleByAdam(scaling), extrapolate({ alpha, beta, start }), scaleByLearningRate(learningRate)))
  )
