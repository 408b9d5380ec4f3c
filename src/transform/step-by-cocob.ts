import { abs, add, maximum, mul, sub } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative, positive } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { filledLike, quotient, times, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** α > 0: the first step is 1/α long; for about as many steps bets are held back. Default 100. */
  alpha: hyper(positive, 100),
  /** ε ≥ 0: the least scale of the gradients at first (a schedule: its value at 0). Default 0. */
  eps: hyper(nonNegative, 0)
}

/** The options of COCOB. */
export interface CocobOptions extends OptionsOf<typeof fields> {}

/**
 * The parameters at first, the largest gradient (`scale`), the sum of gradients (`sum`) and of their sizes (`size`), and
 * what was won (`reward`).
 */
export type CocobState<P extends Tree> = {
  readonly start: P
  readonly scale: P
  readonly sum: P
  readonly size: P
  readonly reward: P
}

/** Five values for every parameter, in its dtype. */
export interface CocobF extends StateFamily {
  readonly type: CocobState<this["params"]>
}

/**
 * Steps by betting on the sign of each gradient what was won so far: with `L = max(L, |g|)`, `G = G + |g|`,
 * `R = max(R - g·(p - p₀), 0)`, `s = s + g`, goes to `p₀ - s / (L·max(G + L, α·L)) · (L + R)`.
 *
 * What it gives is a displacement already; there is no rate. `L` starts at ε, all else at 0; `0/0` is 0. The state keeps
 * `p₀`. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: does not see the scale of the gradients (ε = 0); the first displacement is `1/α` long in every coordinate (ε =
 * 0, g ≠ 0, α ≥ 2); elementwise; depends on the parameters.
 * Source: Orabona & Tommasi 2017, arXiv 1705.07795, Algorithm 2 (COCOB-Backprop), which has no ε.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByCocob } from "thalweg/transform"
 *
 * const p0 = tensor([1])
 * const cocob = stepByCocob({ alpha: 4 })
 * const [d1, s1] = cocob.update(tensor([8]), cocob.init(p0), p0, clockAt(0)) // -8 / (8·max(16, 32)) · 8
 * const p1 = tensor([0.75])
 * const [d2] = cocob.update(tensor([8]), s1, p1, clockAt(1)) // p₀ - 16 / (8·max(24, 32)) · (8 + 2) = 0.375
 * assert.deepStrictEqual([d1, d2].map(toArray), [[-0.25], [-0.375]])
 */
export const stepByCocob: Recipe<typeof fields, (options?: CocobOptions) => Transform<CocobF>> = recipe(
  "stepByCocob",
  fields,
  {},
  ({ alpha, eps }) => ({
    init: params => {
      const [zeros, scale] = [Tree.zerosLike(params), filledLike(eps(zeroCount))(params)]
      return { start: params, scale, sum: zeros, size: zeros, reward: zeros }
    },
    update: (updates, { start, ...before }, params, { step }) => {
      const a = alpha(step)
      const scale = Tree.zipWith((l: Tensor, g: Tensor) => maximum(l, abs(g)))(before.scale, updates)
      const size = Tree.zipWith((s: Tensor, g: Tensor) => add(s, abs(g)))(before.size, updates)
      const sum = Tree.zipWith(add)(before.sum, updates)
      const reward = Tree.zipWith((r: Tensor, g: Tensor, p: Tensor, p0: Tensor) =>
        maximum(sub(r, mul(g, sub(p, p0))), 0)
      )(before.reward, updates, params, start)
      const bet = Tree.zipWith((s: Tensor, l: Tensor, g: Tensor, r: Tensor) =>
        mul(quotient(s, l), quotient(add(l, r), maximum(add(g, l), times(l, a))))
      )(sum, scale, size, reward)
      const displacement = Tree.zipWith((p: Tensor, p0: Tensor, b: Tensor) => sub(sub(p0, p), b))(params, start, bet)
      return [displacement, { start, scale, sum, size, reward }]
    }
  })
)
