import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByAdadelta, type AdadeltaF, type AdadeltaScaling } from "../../transform/scale-by-adadelta.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const fields = {
  /** η ≥ 0, without a unit. Default 1, the paper's, which has none. */
  learningRate: hyper(nonNegative, 1),
  ...scaleByAdadelta.fields
}

/** The options of Adadelta. */
export interface AdadeltaOptions extends AdadeltaScaling, OptionsOf<typeof fields> {}

/**
 * Makes Adadelta: `v = ρ·v + (1-ρ)·g²`, `d = g · √(x + ε) / √(v + ε)`, `x = ρ·x + (1-ρ)·d²`, `p' = p - η·d`.
 *
 * The steps have the units of the parameters, so that it needs no rate; they begin at about √ε. The state holds two
 * averages for every parameter. Defaults: ρ 0.9, ε 1e-6, η 1. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: odd in the gradients; elementwise; zero gradients from a fresh state move nothing.
 * Source: Zeiler 2012, arXiv 1212.5701, Algorithm 1. PyTorch and optax agree; Keras has η 1e-3, ρ 0.95, ε 1e-7.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { adadelta } from "thalweg/optimizer"
 *
 * const opt = adadelta({ rho: 0, eps: 9 })
 * const params = { w: tensor([0]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([4]) })
 * assert.deepStrictEqual(toArray(w), [-Math.fround(2.4)]) // 4·√9 / √(16 + 9)
 */
export const adadelta: Recipe<
  typeof fields,
  (options?: AdadeltaOptions) => Optimizer<ChainF<readonly [AdadeltaF, StatelessF]>>
> = recipe("adadelta", fields, allButScaleFree, ({ learningRate, ...scaling }) =>
  optimizer(chain(scaleByAdadelta(scaling), scaleByLearningRate(learningRate)))
)
