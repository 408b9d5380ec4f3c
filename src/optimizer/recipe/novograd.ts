import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByNovograd, type NovogradF, type NovogradScaling } from "../../transform/scale-by-novograd.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { byDepth } from "../by-depth.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { decaying } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters: the length of the first step in every leaf. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  ...scaleByNovograd.fields
}

/** The options of NovoGrad. */
export interface NovogradOptions extends NovogradScaling, OptionsOf<typeof fields> {}

/**
 * Makes NovoGrad, momentum on gradients that are normalized leaf by leaf: `v = β₂·v + (1-β₂)·‖g‖²`, at first `‖g‖²`,
 * `m = β₁·m + g/(√(v + ε_root) + ε) + λ·p`, `p' = p - η·m`.
 *
 * Looks across each leaf: reshaping or splitting one changes the run. The state holds a velocity for every parameter
 * and one number for every leaf. Defaults: η 1e-2, β₁ 0.95, β₂ 0.98, ε 1e-8, ε_root 0, λ 0.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the first step is η long in every leaf (g ≠ 0, ε = ε_root = λ = 0); does not see the scale of the gradients of
 * any leaf (ε = ε_root = 0); odd in the gradients (λ = 0); not elementwise.
 * Source: Ginsburg et al. 2019, arXiv 1905.11286, Algorithm 1. optax: β₁ 0.9, β₂ 0.25, ε 1e-6.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { novograd } from "thalweg/optimizer"
 *
 * const opt = novograd({ learningRate: 5, eps: 0 })
 * const params = { w: tensor([1, 1]), b: tensor([1]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([3, 4]), b: tensor([-100]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[-2, -3], [6]])
 */
export const novograd: Recipe<
  typeof fields,
  (options?: NovogradOptions) => Optimizer<ChainF<readonly [NovogradF, StatelessF]>>
> = recipe(
  "novograd",
  fields,
  { additive: {}, leafwise: {}, ...decaying, scaleFree: { eps: 0, epsRoot: 0 } },
  ({ learningRate, ...scaling }) =>
    byDepth(optimizer(chain(scaleByNovograd(scaling), scaleByLearningRate(learningRate))))
)
