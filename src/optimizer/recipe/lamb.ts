import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { addDecayedWeights } from "../../transform/add-decayed-weights.js"
import type { MomentsF } from "../../transform/moments.js"
import { scaleByAdam, type AdamScaling } from "../../transform/scale-by-adam.js"
import { scaleByTrustRatio } from "../../transform/scale-by-trust-ratio.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"

const fields = {
  /**
   * η ≥ 0, without a unit: the length of a step in every leaf, as a part of the length of its parameters. Default 1e-3.
   */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAdam.fields,
  /** ε ≥ 0, added to the root, in units of the gradient. Default 1e-6. */
  eps: hyper(nonNegative, 1e-6),
  /** λ ≥ 0: the decay. Default 0. */
  weightDecay: hyper(nonNegative, 0)
}

/** The options of LAMB. */
export interface LambOptions extends Omit<AdamScaling, "eps">, OptionsOf<typeof fields> {}

/** The states of `lamb`: the moments, and nothing for the decay, the ratio and the rate. */
export type LambF = ChainF<readonly [MomentsF, StatelessF, StatelessF, StatelessF]>

/**
 * Makes LAMB, Adam with steps as long as a part of the parameters, leaf by leaf: `r = U + λ·p` with the update `U` of
 * `adam`, `p' = p - η · (‖p‖/‖r‖)·r`; where `‖p‖` or `‖r‖` is 0, `p - η·r`.
 *
 * Looks across each leaf: reshaping or splitting one changes the run. Defaults: those of `adam` but for ε 1e-6, λ 0.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: a step is `η·‖p‖` long in every leaf (p ≠ 0, r ≠ 0); does not see the scale of the gradients of any leaf
 * (ε = ε_root = 0); odd in the gradients (λ = 0); not elementwise.
 * Source: You et al. 2019, arXiv 1904.00962, Algorithm 2, with φ the identity, as in optax. Keras decays the parameters
 * before the ratio is taken and leaves the decay out of it, which we do not offer; `withWeightDecay` over `lamb` comes
 * near. Biases and scales, which the authors leave out, are `partition`'s to choose.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { lamb } from "thalweg/optimizer"
 *
 * const opt = lamb({ learningRate: 0.5, b1: 0, b2: 0, eps: 0 }) // U = sign(g)
 * const params = { w: tensor([4, 4]), b: tensor([0]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([1000, -0.01]), b: tensor([1]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[2, 6], [-0.5]])
 */
export const lamb: Recipe<typeof fields, (options?: LambOptions) => Optimizer<LambF>> = recipe(
  "lamb",
  fields,
  {
    additive: {},
    leafwise: {},
    odd: { weightDecay: 0 },
    still: { weightDecay: 0 },
    scaleFree: { eps: 0, epsRoot: 0 }
  },
  ({ learningRate, weightDecay, ...scaling }) =>
    byDepth(
      optimizer(
        chain(
          scaleByAdam(scaling),
          addDecayedWeights(weightDecay),
          scaleByTrustRatio(),
          scaleByLearningRate(learningRate)
        )
      )
    )
)
