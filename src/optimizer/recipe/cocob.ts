import { recipe, type Recipe } from "../../options/recipe.js"
import { stepByCocob, type CocobF, type CocobOptions } from "../../transform/step-by-cocob.js"
import { optimizer, type Optimizer } from "../optimizer.js"
import { apart } from "../traits.js"

/**
 * Makes COCOB, descent without a learning rate that bets what it won so far on the sign of each gradient:
 * `L = max(L, |g|)`, `G = G + |g|`, `R = max(R - g·(p - p₀), 0)`, `s = s + g`,
 * `p' = p₀ - s / (L·max(G + L, α·L)) · (L + R)`.
 *
 * `L` starts at ε, all else at 0; `0/0` is 0. The state holds the parameters at first and four more values for every
 * parameter. It has no rate: `rate` is 1. Defaults: α 100, ε 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0); the first step has length `1/α` in every coordinate (ε = 0,
 * g ≠ 0, α ≥ 2); odd around p₀ in the gradients; elementwise.
 * Source: Orabona & Tommasi 2017, arXiv 1705.07795, Algorithm 2 (COCOB-Backprop), which has no ε; optax's is 1e-8. Its
 * `learning_rate` multiplies the gradients, which only schedules and ε can feel: `onGradient(scale(η))`. Its decay is
 * coupled: `withL2`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { cocob } from "thalweg/optimizer"
 *
 * const opt = cocob({ alpha: 4 })
 * const p0 = { w: tensor([1]) }
 * const [p1, s1] = opt.step(p0, opt.init(p0), { w: tensor([8]) }) // by 1/4
 * const [p2] = opt.step(p1, s1, { w: tensor([8]) }) // to 1 - 16 / (8·32) · (8 + 2)
 * assert.deepStrictEqual([p1.w, p2.w].map(toArray), [[0.75], [0.375]])
 */
export const cocob: Recipe<typeof stepByCocob.fields, (options?: CocobOptions) => Optimizer<CocobF>> = recipe(
  "cocob",
  stepByCocob.fields,
  { additive: {}, ...apart, still: {}, scaleFree: { eps: 0 } },
  options => optimizer(stepByCocob(options))
)
