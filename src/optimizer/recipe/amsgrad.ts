import { hyper, type OptionsOf } from "../../options/fields.js"
import { nonNegative } from "../../options/range.js"
import { recipe, type Recipe } from "../../options/recipe.js"
import { scaleByAmsgrad, type AmsgradF, type AmsgradScaling } from "../../transform/scale-by-amsgrad.js"
import { scaleByLearningRate } from "../../transform/scale.js"
import { chain, type ChainF, type StatelessF } from "../../transform/transform.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { allButScaleFree } from "../traits.js"

const fields = {
  /** η ≥ 0, in units of the parameters. Default 1e-3. */
  learningRate: hyper(nonNegative, 1e-3),
  ...scaleByAmsgrad.fields
}

/** The options of AMSGrad. */
export interface AmsgradOptions extends AmsgradScaling, OptionsOf<typeof fields> {}

/**
 * Makes AMSGrad, Adam with the largest mean square so far: `p' = p - η · m / (√x + ε)` with `m = β₁·m + (1-β₁)·g`,
 * `v = β₂·v + (1-β₂)·g²`, `x = max(x, v)`.
 *
 * The state holds two moments and a maximum for every parameter. Defaults: η 1e-3, β₁ 0.9, β₂ 0.999, ε 1e-8, ε_root 0,
 * and the paper's form, in which nothing is debiased. The others debias: "debiasedAfter" is PyTorch's (`amsgrad=True`),
 * "debiasedBefore" optax's, "epsilonHat" Keras's (ε 1e-7); `scaleByAmsgrad` has their equations.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: the maximum never falls; odd in the gradients; elementwise; "debiasedAfter" ≡ `adam` where the mean square
 * never falls.
 * Source: Reddi, Kale & Kumar 2018, arXiv 1904.09237, Algorithm 2, which has no ε.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { amsgrad } from "thalweg/optimizer"
 *
 * const opt = amsgrad({ learningRate: 1, b1: 0, b2: 0, eps: 0 })
 * const p0 = { w: tensor([2]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([4]) }) // x = 16
 * const [p2] = opt.step(p1, s1, { w: tensor([1]) }) // still
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[1], [0.75]])
 */
export const amsgrad: Recipe<
  typeof fields,
  (options?: AmsgradOptions) => Optimizer<ChainF<readonly [AmsgradF, StatelessF]>>
> = recipe(
  "amsgrad",
  fields,
  { ...allButScaleFree, scaleFree: { eps: 0, epsRoot: 0 } },
  ({ learningRate, ...scaling }) => optimizer(chain(scaleByAmsgrad(scaling), scaleByLearningRate(learningRate)))
)
