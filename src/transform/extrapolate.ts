import { add, mul, sub } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, times } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** α ≥ 0: the weight of an update. Default 1. */
  alpha: hyper(nonNegative, 1),
  /** β ≥ 0: the weight of its change. Default 1. */
  beta: hyper(nonNegative, 1),
  /** What the first update is compared with: its "own" value (the default), so that it has no change, or "zero". */
  start: choice(["own", "zero"], "own")
}

/** The last updates. */
export type LastState<P extends Tree> = { readonly last: P }

/** An update for every parameter, in its dtype. */
export interface LastF extends StateFamily {
  readonly type: LastState<this["params"]>
}

/** How updates are extrapolated. */
export interface ExtrapolationOptions extends OptionsOf<typeof fields> {}

/**
 * Extrapolates updates by their last change: `u' = α·u + β·(u - u_last)`; the first is its own last, or with
 * `start: "zero"` comes after 0.
 *
 * The state is the last updates. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: β = 0 is `scale(α)`, exactly; constant updates are scaled by α (start "own"); linear; elementwise.
 * Source: Mokhtari, Ozdaglar & Pattathil 2019, arXiv 1901.08511.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, extrapolate } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const ahead = extrapolate()
 * const [u1, s1] = ahead.update(tensor([2]), ahead.init(p), p, clockAt(0))
 * const [u2] = ahead.update(tensor([3]), s1, p, clockAt(1))
 * assert.deepStrictEqual([u1, u2].map(toArray), [[2], [4]])
 */
export const extrapolate: Recipe<typeof fields, (options?: ExtrapolationOptions) => Transform<LastF>> = recipe(
  "extrapolate",
  fields,
  {},
  ({ alpha, beta, start }) => ({
    init: params => ({ last: Tree.zerosLike(params) }),
    update: (updates, { last }, _, { step }) => {
      const [a, b] = [alpha(step), beta(step)]
      const ahead = Tree.zipWith((u: Tensor, before: Tensor) => {
        const change = start === "own" ? where(eq(step, 0), 0, sub(u, before)) : sub(u, before)
        return add(times(u, a), mul(change, castLike(b, u)))
      })
      return [ahead(updates, last), { last: updates }]
    }
  })
)
