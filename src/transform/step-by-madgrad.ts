import { add, mul, pow, square, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { hyper, resolve, type Fields } from "../schedule/fields.js"
import { decay, nonNegative, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { flatRoot, like, next, quotient, times, zeroCount } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

/** The options of MADGRAD. */
export interface MadgradOptions {
  /** η ≥ 0. Default 1e-2. */
  readonly learningRate?: Hyperparameter
  /** μ: how much of the parameters is kept in a step, `0 ≤ μ < 1`; the paper's `1 - c`. Default 0.9. */
  readonly momentum?: Hyperparameter
  /** ε ≥ 0, added to the cube root. Default 1e-6. */
  readonly eps?: Hyperparameter
}

/** The parameters at first, and the weighted sums of gradients and of their squares, after `count` updates. */
export type MadgradState<P extends Tree> = {
  readonly count: Tensor
  readonly start: P
  readonly sum: P
  readonly squares: P
}

/** A start and two sums for every parameter, in its dtype. */
export interface MadgradF extends StateFamily {
  readonly type: MadgradState<this["params"]>
}

/** What the options of MADGRAD may be. */
export const madgradFields: Fields<MadgradOptions> = {
  learningRate: hyper(nonNegative, 1e-2),
  momentum: hyper(decay, 0.9),
  eps: hyper(nonNegative, 1e-6)
}

const cubeRootOf = flatRoot(3, v => pow(v, 1 / 3))

/**
 * Goes part of the way to where all gradients so far lead from the start: with `λ = η·√t`, `t` from 1, `s = s + λ·g`,
 * `v = v + λ·g²`, `z = p₀ - s / (∛v + ε)`, gives the displacement `(1 - μ)·(z - p)`.
 *
 * What it gives is a displacement already; its `rate` is η. The sums start at 0; `0/0` is 0. The state keeps `p₀`.
 * Throws a `HyperparameterError` for options out of range.
 *
 * Laws: zero gradients from a fresh state move nothing; with gradients `a` times as large the steps are `a^⅓` times as
 * long (ε = 0); elementwise; depends on the parameters.
 * Source: Defazio & Jelassi 2021, arXiv 2101.11075, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { stepByMadgrad } from "thalweg/transform"
 *
 * const p = tensor([0], { dtype: "f64" })
 * const madgrad = stepByMadgrad({ learningRate: 1, momentum: 0.5, eps: 0 })
 * const [d] = madgrad.update(tensor([8], { dtype: "f64" }), madgrad.init(p), p) // z = -8 / ∛64
 * assert.ok(Math.abs((toArray(d) as number[])[0]! + 1) < 1e-12)
 */
export const stepByMadgrad = (options: MadgradOptions = {}): Transform<MadgradF> => {
  const { learningRate, momentum, eps } = resolve("stepByMadgrad", madgradFields, options)
  return {
    init: p => ({ count: zeroCount, start: p, sum: Tree.zerosLike(p), squares: Tree.zerosLike(p) }),
    update: (updates, { count, start, ...before }, params) => {
      const lambda = mul(learningRate(count), sqrt(cast(next(count), "f64")))
      const [share, e] = [sub(1, momentum(count)), eps(count)]
      const sum = Tree.zipWith((s: Tensor, g: Tensor) => add(s, times(g, lambda)))(before.sum, updates)
      const squares = Tree.zipWith((v: Tensor, g: Tensor) => add(v, mul(square(g), like(lambda, g))))(
        before.squares,
        updates
      )
      const displacement = Tree.zipWith((p0: Tensor, s: Tensor, v: Tensor, p: Tensor) => {
        const z = sub(p0, quotient(s, add(cubeRootOf(v), like(e, v))))
        return mul(sub(z, p), like(share, p))
      })(start, sum, squares, params)
      return [displacement, { count: next(count), start, sum, squares }]
    },
    rate: ({ count }) => learningRate(count)
  }
}
