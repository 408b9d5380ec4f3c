import { add, div, mul } from "../../dataflow/arithmetic.js"
import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByAdagrad, type SquareSumF, type AdagradScaling } from "../../transform/scale-by-adagrad.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters: the length of the first step. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  /** d ≥ 0, per step: the rate in force is `η / (1 + d·t)`, `t` from 0. Default 0; PyTorch's `lr_decay`. */
  rateDecay: hyper(nonNegative, 0),
  ...scaleByAdagrad.fields
}

/** The options of AdaGrad. */
export interface AdagradOptions extends AdagradScaling, OptionsOf<typeof fields> {}

/** The states of `adagrad`: the sums of squared gradients, and nothing for the rate. */
export type AdagradF = ChainF<readonly [SquareSumF, StatelessF]>

/**
 * Makes AdaGrad: `a = a + g²`, `p' = p - η · g / √(a + ε)`.
 *
 * The state holds a sum for every parameter. Defaults: η 1e-2, a₀ 0, ε 1e-8, no decay of the rate.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the sums never fall; no step is longer than η; constant gradients give steps of η/√t (a₀ = ε = 0); does not see
 * the scale of the gradients (a₀ = ε = 0); odd in the gradients; elementwise.
 * Source: Duchi, Hazan & Singer 2011, JMLR 12, Figure 1 (diagonal), whose δ is outside the root. PyTorch:
 * `epsPlace: "outside"`, ε 1e-10, and `rateDecay`. optax and Keras: a₀ 0.1, ε 1e-7.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adagrad } from "thalweg/optimizer"
 *
 * const opt = adagrad({ learningRate: 5, eps: 0 })
 * const p0 = { w: tensor([10]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([3]) }) // a = 9
 * const [p2] = opt.step(p1, s1, { w: tensor([-4]) }) // a = 25
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[5], [9]])
 */
export const adagrad: Recipe<typeof fields, (options?: AdagradOptions) => Optimizer<AdagradF>> = recipe(
  "adagrad",
  fields,
  { ...allButScaleFree, scaleFree: { initialAccumulator: 0, eps: 0 } },
  ({ learningRate, rateDecay, ...scaling }) => {
    const rate = scaleByLearningRate(step => div(learningRate(step), add(1, mul(rateDecay(step), step))))
    return optimizer(chain(scaleByAdagrad(scaling), rate))
  }
)
