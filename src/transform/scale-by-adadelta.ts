import { mul } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { plusEps, quotient, rootOf } from "./common.js"
import { emaOfSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** ρ: decay of both averages, `0 ≤ ρ < 1`. Default 0.9. */
  rho: hyper(decay, 0.9),
  /** ε ≥ 0, added under both roots; with 0 nothing ever moves. Default 1e-6. */
  eps: hyper(nonNegative, 1e-6)
}

/** The options of Adadelta but for its rate. */
export interface AdadeltaScaling extends OptionsOf<typeof fields> {}

/** The averages of the squares of gradients (`nu`) and of what was given for them (`delta`). */
export type AdadeltaState<P extends Tree> = { readonly nu: P; readonly delta: P }

/** Two averages for every parameter, in its dtype. */
export interface AdadeltaF extends StateFamily {
  readonly type: AdadeltaState<this["params"]>
}

/**
 * Gives gradients the units of the parameters: with `v = ρ·v + (1-ρ)·g²`, gives `d = g · √(x + ε) / √(v + ε)`, then
 * `x = ρ·x + (1-ρ)·d²`.
 *
 * Both averages start at 0; `0/0` is 0. Throws a `HyperparameterError` for options out of range.
 *
 * Laws: odd; elementwise; zero gradients give zero.
 * Source: Zeiler 2012, arXiv 1212.5701, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, scaleByAdadelta } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const adadelta = scaleByAdadelta({ rho: 0, eps: 9 })
 * const [u1, s1] = adadelta.update(tensor([4]), adadelta.init(p), p, clockAt(0)) // 4·√9 / √(16 + 9)
 * assert.deepStrictEqual([toArray(u1), toArray(s1.nu)], [[Math.fround(2.4)], [16]])
 */
export const scaleByAdadelta: Recipe<typeof fields, (options?: AdadeltaScaling) => Transform<AdadeltaF>> = recipe(
  "scaleByAdadelta",
  fields,
  {},
  ({ rho, eps }) => ({
    init: params => ({ nu: Tree.zerosLike(params), delta: Tree.zerosLike(params) }),
    update: (updates, state, _, { step }) => {
      const [kept, e] = [rho(step), eps(step)]
      const root = Tree.map((v: Tensor) => rootOf(plusEps(v, e)))
      const average = emaOfSquares(kept)
      const nu = average(state.nu, updates)
      const scaled = Tree.zipWith((g: Tensor, below: Tensor, above: Tensor) => mul(quotient(g, below, e), above))(
        updates,
        root(nu),
        root(state.delta)
      )
      return [scaled, { nu, delta: average(state.delta, scaled) }]
    }
  })
)
