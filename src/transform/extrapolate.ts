import { add, mul, sub } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, times, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** How updates are extrapolated. */
export interface ExtrapolationOptions {
  /** α ≥ 0: the weight of an update. Default 1. */
  readonly alpha?: Hyperparameter
  /** β ≥ 0: the weight of its change. Default 1. */
  readonly beta?: Hyperparameter
  /** What the first update is compared with: its "own" value (the default), so that it has no change, or "zero". */
  readonly start?: ExtrapolationStart
}

/** What was before the first update: the same, or nothing. */
export type ExtrapolationStart = "own" | "zero"

/** The last updates, after `count`. */
export type LastState<P extends Tree> = { readonly count: Tensor; readonly last: P }

/** An update for every parameter, in its dtype. */
export interface LastF extends StateFamily {
  readonly type: LastState<this["params"]>
}

/** What the options of extrapolation may be. */
export const extrapolationFields: Fields<ExtrapolationOptions> = {
  alpha: hyper(nonNegative, 1),
  beta: hyper(nonNegative, 1),
  start: choice(["own", "zero"], "own")
}

/**
 * Extrapolates updates by their last change: `u' = α·u + β·(u - u_last)`; the first is its own last, or with
 * `start: "zero"` comes after 0.
 *
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: β = 0 is `scale(α)`, exactly; constant updates are scaled by α (start "own"); linear; elementwise.
 * Source: Mokhtari, Ozdaglar & Pattathil 2019, arXiv 1901.08511.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { extrapolate } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const ahead = extrapolate()
 * const [u1, s1] = ahead.update(tensor([2]), ahead.init(p), p)
 * const [u2] = ahead.update(tensor([3]), s1, p)
 * assert.deepStrictEqual([u1, u2].map(toArray), [[2], [4]])
 */
export const extrapolate = (options: ExtrapolationOptions = {}): Transform<LastF> => {
  const { alpha, beta, start } = resolve("extrapolate", extrapolationFields, options)
  return {
    init: params => ({ count: zeroCount, last: Tree.zerosLike(params) }),
    update: (updates, { count, last }) => {
      const [a, b] = [alpha(count), beta(count)]
      const ahead = Tree.zipWith((u: Tensor, before: Tensor) => {
        const change = start === "own" ? where(eq(count, 0), 0, sub(u, before)) : sub(u, before)
        return add(times(u, a), mul(change, like(b, u)))
      })
      return [ahead(updates, last), { count: next(count), last: updates }]
    }
  }
}
