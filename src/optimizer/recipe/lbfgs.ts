import { recipe, type Recipe } from "../../options/recipe.js"
import { stepByLbfgs, type LbfgsOptions, type SearchedLbfgsF } from "../../transform/step-by-lbfgs.js"
import { optimizer, type Optimizer } from "../optimizer.js"

/**
 * Makes L-BFGS with a line search: `p' = p - α·H·g`, with an `H` that is made of the last m steps `s` and changes `y` of the gradient, `H' =
 * (I - ρ·s·yᵀ)·H·(I - ρ·y·sᵀ) + ρ·s·sᵀ`, `ρ = 1/sᵀy`, beginning with `γ·I`, `γ = sᵀy/yᵀy` of the newest, and an `α` that satisfies the
 * strong Wolfe conditions on the objective.
 *
 * Needs the objective: `step(params, state, grads, { objective })`; `trainStep` hands over that of the batch. A step takes some
 * values and gradients of it, mostly one of each; one and the same batch at every step, as large as can be, is what it is made for. To end the
 * training of a network there is nothing quicker; from the start, or on small batches, Adam is better. Looks across all
 * leaves. Its `rate` is `α` of the last step, at first 0. The state holds 2m + 2 vectors of all parameters. Defaults: m
 * (`memory`) 10, c₁ (`sufficient`) 1e-4, c₂ (`curvature`) 0.9; the others are those of the line search, `strongWolfe`. Throws a
 * `HyperparameterError` for options out of range, or c₁ ≥ c₂.
 *
 * To minimize a function that is no network's loss, `minimize` of `thalweg/minimize` is at hand, whose method of the same name this
 * is, step by step: it says when it has converged. With a fixed rate in place of a search,
 * `optimizer(chain(scaleByLbfgs(), scaleByLearningRate(η)))`, nothing is needed but gradients.
 *
 * Laws: no step raises the objective (up to `roundings` units of rounding); the steps are those of `minimize`; does not see how the
 * parameters are divided into leaves.
 * Source: Liu & Nocedal 1989, Math. Programming 45; Nocedal & Wright 2006, Algorithms 7.4 and 7.5. As optax's `lbfgs`, where both searches take
 * the same length; its zoom line search cuts brackets elsewhere. PyTorch's makes up to 20 iterations in a step.
 *
 * @example
 * import assert from "node:assert"
 * import { add, item, mul, square, sub, tensor, valueAndGrad, type Tensor } from "thalweg"
 * import { lbfgs } from "thalweg/optimizer"
 *
 * const rosenbrock = ({ x, y }: { x: Tensor; y: Tensor }) =>
 *   add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))
 * const opt = lbfgs()
 * const slope = valueAndGrad(rosenbrock)
 * let params = { x: tensor(-1.2, { dtype: "f64" }), y: tensor(1, { dtype: "f64" }) }
 * let state = opt.init(params)
 * for (let step = 0; step < 40; step++)
 *   [params, state] = opt.step(params, state, slope(params)[1], { objective: rosenbrock })
 * assert.ok(item(rosenbrock(params)) < 1e-12)
 */
export const lbfgs: Recipe<typeof stepByLbfgs.fields, (options?: LbfgsOptions) => Optimizer<SearchedLbfgsF>> = recipe(
  "lbfgs",
  stepByLbfgs.fields,
  { additive: {}, still: {} },
  options => optimizer(stepByLbfgs(options))
)
