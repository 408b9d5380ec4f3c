import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleBySm3, type Sm3F, type Sm3Scaling } from "../../transform/scale-by-sm3.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { byGradient } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters. */
  learningRate: hyper(nonNegative),
  ...scaleBySm3.fields
}

/** The options of SM3. */
export interface Sm3Options extends Sm3Scaling, OptionsOf<typeof fields> {}

/**
 * Makes SM3, AdaGrad in little memory: `v = minᵢ aᵢ + g²`, `aᵢ = max of v over all axes but i`,
 * `m = β·m + (1-β)·g/√(v + ε)`, `p' = p - η·m`.
 *
 * Looks across each leaf: reshaping one changes the run. Beside the average `m` the state holds, for a leaf of shape
 * `[n₁, …, nₖ]`, only `n₁ + … + nₖ` numbers. Defaults: β 0.9, ε 0. Throws a `HyperparameterError` for options out of
 * range.
 *
 * Laws: the bounds `aᵢ` never fall; no step is longer than η in any coordinate; for vectors and β = 0, `adagrad` with
 * ε 0; does not see the scale of the gradients (ε = 0); odd in the gradients; not elementwise.
 * Source: Anil et al. 2019, arXiv 1901.11150, SM3-II, with the average of the authors' code. optax: ε 1e-8.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { sm3 } from "thalweg/optimizer"
 *
 * const opt = sm3({ learningRate: 5, momentum: 0 })
 * const p0 = { w: tensor([10]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([3]) }) // v = 9
 * const [p2] = opt.step(p1, s1, { w: tensor([-4]) }) // v = 25
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[5], [9]])
 */
export const sm3: Recipe<typeof fields, (options: Sm3Options) => Optimizer<ChainF<readonly [Sm3F, StatelessF]>>> =
  recipe(
    "sm3",
    fields,
    { additive: {}, leafwise: {}, ...byGradient, scaleFree: { eps: 0 } },
    ({ learningRate, ...scaling }) => byDepth(optimizer(chain(scaleBySm3(scaling), scaleByLearningRate(learningRate))))
  )
