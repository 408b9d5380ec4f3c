import { add, mul } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, quotient, rootOf, zeroCount } from "./common.js"
import { emaOfSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of Adadelta but for its rate. */
export interface AdadeltaScaling {
  /** ρ: decay of both averages, `0 ≤ ρ < 1`. Default 0.9. */
  readonly rho?: Hyperparameter
  /** ε ≥ 0, added under both roots; with 0 nothing ever moves. Default 1e-6. */
  readonly eps?: Hyperparameter
}

/** The averages of the squares of gradients (`nu`) and of what was given for them (`delta`), after `count` updates. */
export type AdadeltaState<P extends Tree> = { readonly count: Tensor; readonly nu: P; readonly delta: P }

/** Two averages for every parameter, in its dtype. */
export interface AdadeltaF extends StateFamily {
  readonly type: AdadeltaState<this["params"]>
}

/** What the options of Adadelta but for its rate may be. */
export const adadeltaScalingFields: Fields<AdadeltaScaling> = { rho: hyper(decay, 0.9), eps: hyper(nonNegative, 1e-6) }

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
 * import { scaleByAdadelta } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const adadelta = scaleByAdadelta({ rho: 0, eps: 9 })
 * const [u1, s1] = adadelta.update(tensor([4]), adadelta.init(p), p) // 4·√9 / √(16 + 9)
 * assert.deepStrictEqual([toArray(u1), toArray(s1.nu)], [[Math.fround(2.4)], [16]])
 */
export const scaleByAdadelta = (options: AdadeltaScaling = {}): Transform<AdadeltaF> => {
  const { rho, eps } = resolve("scaleByAdadelta", adadeltaScalingFields, options)
  return {
    init: params => ({ count: zeroCount, nu: Tree.zerosLike(params), delta: Tree.zerosLike(params) }),
    update: (updates, state) => {
      const [kept, e] = [rho(state.count), eps(state.count)]
      const root = Tree.map((v: Tensor) => rootOf(add(v, like(e, v))))
      const average = emaOfSquares(kept)
      const nu = average(state.nu, updates)
      const wide = Tree.zipWith((g: Tensor, x: Tensor) => mul(g, x))(updates, root(state.delta))
      const scaled = Tree.zipWith(quotient)(wide, root(nu))
      return [scaled, { count: next(state.count), nu, delta: average(state.delta, scaled) }]
    }
  }
}
