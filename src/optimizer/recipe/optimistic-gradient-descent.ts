import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { extrapolate, type LastF, type ExtrapolationOptions } from "../../transform/extrapolate.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters per unit of the gradient. */
  learningRate: hyper(nonNegative),
  ...extrapolate.fields
}

/** The options of optimistic gradient descent. */
export interface OptimisticOptions extends ExtrapolationOptions, OptionsOf<typeof fields> {}

/**
 * Makes optimistic gradient descent, for games: `p' = p - η·(α·g + β·(g - g_last))`; the first gradient is its own
 * last.
 *
 * Where plain descent circles the saddle of a game, it converges. The state holds a gradient for every parameter.
 * Defaults: α 1, β 1. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: α = 1, β = 0 ≡ `sgd`, exactly; linear in the gradients; elementwise.
 * Source: Daskalakis et al. 2018, arXiv 1711.00141; the weights as in Mokhtari, Ozdaglar & Pattathil 2019,
 * arXiv 1901.08511.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { optimisticGradientDescent } from "thalweg/optimizer"
 *
 * const opt = optimisticGradientDescent({ learningRate: 0.5 })
 * const p0 = { w: tensor([4]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([2]) })
 * const [p2] = opt.step(p1, s1, { w: tensor([3]) }) // by 0.5·(3 + 1)
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[3], [1]])
 */
export const optimisticGradientDescent: Recipe<
  typeof fields,
  (options: OptimisticOptions) => Optimizer<ChainF<readonly [LastF, StatelessF]>>
> = recipe("optimisticGradientDescent", fields, allButScaleFree, ({ learningRate, ...weights }) =>
  optimizer(chain(extrapolate(weights), scaleByLearningRate(learningRate)))
)
