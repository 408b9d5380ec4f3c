import { recipe, type Recipe } from "../../options/recipe.js"
import { stepByFromage, type FromageOptions } from "../../transform/step-by-fromage.js"
import type { StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/**
 * Makes Fromage: `p' = (p - η·(‖p‖/‖g‖)·g) / √(1 + η²)`, norms leaf by leaf, each at least `minNorm`; the ratio is 1
 * where either is 0.
 *
 * Looks across each leaf: reshaping or splitting one changes the run. It keeps no state. Its `rate` is η.
 * Defaults: η 1e-2, `minNorm` 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients of any leaf (p ≠ 0); a gradient at right angles to its leaf keeps the norm
 * of that; zero gradients do move `p`, to `p/√(1 + η²)`, as in the paper; not elementwise.
 * Source: Bernstein et al. 2020, arXiv 2002.03432, Algorithm 1; the ratio at norms of 0 as in the authors' code. optax
 * has a `minNorm` of 1e-6.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { fromage } from "thalweg/optimizer"
 *
 * const opt = fromage({ learningRate: 0.75 })
 * const params = { w: tensor([5, 0]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([0, -8]) })
 * assert.deepStrictEqual(toArray(w), [4, 3]) // ([5, 0] + 0.75·5·[0, 1]) / 1.25
 */
export const fromage: Recipe<typeof stepByFromage.fields, (options?: FromageOptions) => Optimizer<StatelessF>> = recipe(
  "fromage",
  stepByFromage.fields,
  { additive: {}, leafwise: {} },
  options => byDepth(optimizer(stepByFromage(options)))
)
