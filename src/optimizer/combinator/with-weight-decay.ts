import { mul, sub } from "../../dataflow/arithmetic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { hyper, maskField, type OptionsOf } from "../../options/fields.js"
import type { Hyperparameter } from "../../options/hyperparameter.js"
import { nonNegative } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { times } from "../../transform/common.js"
import { hide, merge } from "../../transform/mask.js"
import type { StateFamily } from "../../transform/transform.js"
import { Tree } from "../../tree/index.js"
import { chosen } from "../../tree/mask.js"
import { moveBy } from "../motion.js"
import { altered, type Optimizer } from "../optimizer.js"
import { apartIfAll } from "../traits.js"

const fields = {
  /** λ ≥ 0: the decay. */
  weightDecay: hyper(nonNegative),
  /** Which parameters decay: a `Mask`. Default: all. */
  mask: maskField("**")
}

/** Which parameters decay. */
export interface DecayOptions extends Omit<OptionsOf<typeof fields>, "weightDecay"> {}

/**
 * Shrinks the parameters at every step, apart from the gradient: `p' = p + Δ - η·λ·p`, with the rate `η` in force and
 * `p` before the step.
 *
 * Acts on the displacement. Over `adam` it is AdamW. Under `withMomentum` the decay enters the velocity; over it, it
 * does not. Over `partition` the rate in force is the largest of its optimizers', and over `freeze` what is frozen
 * decays too: decay belongs inside of both.
 *
 * `weightDecay`: λ, a finite number ≥ 0, else a `HyperparameterError`. `mask`: which parameters decay, a `Mask`
 * such as `"**\/kernel"` (default all); one that does not fit them is a `TreeError` at `init` and `step`.
 *
 * Laws: `withWeightDecay(0)` changes nothing (over `lookahead`, to rounding); with zero gradients from a fresh state,
 * `n` steps at a constant rate scale `p` by `(1 - ηλ)ⁿ`; over plain `sgd` equal to L2 regularization, over momentum or
 * Adam not.
 * Source: Loshchilov & Hutter 2019, arXiv 1711.05101, Algorithm 2. We deviate, as PyTorch and optax do: their decay is
 * not multiplied by the base rate, only by the schedule; for theirs, divide λ by the base rate.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { adam, withWeightDecay } from "thalweg/optimizer"
 *
 * const adamw = pipe(adam({ learningRate: 0.5, eps: 0 }), withWeightDecay(0.25))
 * const params = { w: tensor([8]) }
 * const [{ w }] = adamw.step(params, adamw.init(params), { w: tensor([100]) })
 * assert.deepStrictEqual(toArray(w), [6.5]) // 8 - 0.5·1 - 0.5·0.25·8
 */
export const withWeightDecay: Recipe<
  typeof fields,
  (weightDecay: Hyperparameter, options?: DecayOptions) => <F extends StateFamily>(inner: Optimizer<F>) => Optimizer<F>
> = combinatorOf(
  "withWeightDecay",
  "weightDecay",
  fields,
  { additive: {}, ...apartIfAll },
  ({ weightDecay, mask }) =>
    inner => {
      const { init, move, rate } = inner.motion
      const decaying = (params: Tree): readonly boolean[] => chosen("withWeightDecay", mask, params)
      return altered(inner, {
        init: params => {
          decaying(params)
          return init(params)
        },
        move: (grads, state, params, now) => {
          const [{ by }, after] = move(grads, state, params, now)
          const decay = mul(rate(state, now), weightDecay(now.step))
          const decayed = Tree.zipWith((d: Tensor, p: Tensor) => sub(d, times(p, decay)))(by, params)
          const keep = decaying(params)
          return [moveBy(params, merge(keep, by, hide(keep, decayed))), after]
        }
      })
    }
)
