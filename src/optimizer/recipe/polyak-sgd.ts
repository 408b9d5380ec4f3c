import { recipe, type Recipe } from "../../options/recipe.js"
import { stepByPolyak, type PolyakF, type PolyakOptions } from "../../transform/step-by-polyak.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/**
 * Makes gradient descent with Polyak's step: `p' = p - η·g` with `η = min((f - f*) / (c·‖g‖² + ε), η_max)`, the norm
 * over all leaves; a gap `f - f*` below 0 counts as 0.
 *
 * Needs the loss at which the gradient was taken: `step(params, state, grads, { loss })`. Looks across all leaves. Its
 * `rate` is that of the last step, at first 0. Defaults: η_max 1, c 1, f* 0, ε 0. Throws a `HyperparameterError` for
 * options out of range, a `ShapeError` for a loss that is no float scalar.
 *
 * Laws: the rate is never above η_max; nothing moves at the least loss; does not see how the parameters are divided into
 * leaves; with losses and gradients scaled alike the steps are the same (f* = ε = 0) until η_max bounds them.
 * Source: Polyak 1987; Loizou et al. 2021, arXiv 2002.10542 (SPS_max). optax's variant "sps+" is
 * ours, its default "sps" `below: "ascend"`; with its `scaling` s, take `scaling: s`, `maxLearningRate: s·max` and
 * `eps: ε/s`.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { polyakSgd } from "thalweg/optimizer"
 *
 * const opt = polyakSgd()
 * const params = { w: tensor([3, 4]) } // of ½‖w‖², whose gradient is w
 * const [{ w }] = opt.step(params, opt.init(params), params, { loss: scalar(12.5) })
 * assert.deepStrictEqual(toArray(w), [1.5, 2]) // half the way
 */
export const polyakSgd: Recipe<typeof stepByPolyak.fields, (options?: PolyakOptions) => Optimizer<PolyakF>> = recipe(
  "polyakSgd",
  stepByPolyak.fields,
  { additive: {}, odd: {}, still: {} },
  options => optimizer(stepByPolyak(options))
)
