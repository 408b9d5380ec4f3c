import { abs, sign } from "../dataflow/arithmetic.js"
import { lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { tanh } from "../dataflow/transcendental.js"
import { choice, hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, positive, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { next, times, zeroCount } from "./common.js"
import { ema, emaOf } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

/** What is made of the interpolation `x`: `sign(x)`, `tanh(β·x)`, or `x` itself where `|x| < 1` and else its sign. */
export type LionMode = "hard" | "smooth" | "refined"

/** The options of Lion but for its rate and its decay. */
export interface LionScaling {
  /** β₁: how much of the average the update keeps, `0 ≤ β₁ < 1`. Default 0.9. */
  readonly b1?: Hyperparameter
  /** β₂: decay of the average, `0 ≤ β₂ < 1`. Default 0.99. */
  readonly b2?: Hyperparameter
  /** Default "hard", the paper's; "smooth" and "refined" are optax's. */
  readonly mode?: LionMode
  /** β > 0: the slope at 0 of the mode "smooth", per unit of the gradient. Default 1. */
  readonly smoothBeta?: Hyperparameter
}

/** The average of gradients after `count` updates, not debiased. */
export type LionState<P extends Tree> = { readonly count: Tensor; readonly mu: P }

/** An average for every parameter, in its dtype. */
export interface LionF extends StateFamily {
  readonly type: LionState<this["params"]>
}

/** What the options of Lion but for its rate and its decay may be. */
export const lionScalingFields: Fields<LionScaling> = {
  b1: hyper(decay, 0.9),
  b2: hyper(decay, 0.99),
  mode: choice(["hard", "smooth", "refined"], "hard"),
  smoothBeta: hyper(positive, 1)
}

/**
 * Takes the sign of a gradient mixed with the average of those before: `u = sign(β₁·m + (1-β₁)·g)`, and then
 * `m = β₂·m + (1-β₂)·g`, from `m = 0`.
 *
 * With other modes, `tanh(β·x)` or `clamp(x, -1, 1)` of the mixture `x` in place of its sign. Throws a
 * `HyperparameterError` for options out of range.
 *
 * Laws: no element exceeds 1; does not see the scale of the gradients ("hard"); odd; elementwise; β₁ = 0 is
 * `scaleBySign`, exactly.
 * Source: Chen et al. 2023, arXiv 2302.06675, Algorithm 2; the other modes as in optax.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { scaleByLion } from "thalweg/transform"
 *
 * const p = tensor([0])
 * const lion = scaleByLion({ b1: 0.75, b2: 0.5 })
 * const [u1, s1] = lion.update(tensor([4]), lion.init(p), p) // m = 2
 * const [u2] = lion.update(tensor([-5]), s1, p) // 0.75·2 - 0.25·5
 * assert.deepStrictEqual([u1, u2].map(toArray), [[1], [1]])
 */
export const scaleByLion = (options: LionScaling = {}): Transform<LionF> => {
  const { b1, b2, mode, smoothBeta } = resolve("scaleByLion", lionScalingFields, options)
  return {
    init: params => ({ count: zeroCount, mu: Tree.zerosLike(params) }),
    update: (updates, { count, mu }) => {
      const [beta1, beta2, slope] = [b1(count), b2(count), smoothBeta(count)]
      const limited: Readonly<Record<LionMode, (x: Tensor) => Tensor>> = {
        hard: sign,
        smooth: x => tanh(times(x, slope)),
        refined: x => where(lt(abs(x), 1), x, sign(x))
      }
      const signs = Tree.zipWith((m: Tensor, g: Tensor) => limited[mode](ema(beta1, m, g)))(mu, updates)
      const after = emaOf(beta2)(mu, updates)
      return [signs, { count: next(count), mu: after }]
    }
  }
}
