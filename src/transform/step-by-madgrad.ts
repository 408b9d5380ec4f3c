import { add, mul, pow, sub } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { decay, nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, flatRoot, next, plusEps, quotient, times } from "./common.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** η ≥ 0. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  /** μ: how much of the parameters is kept in a step, `0 ≤ μ < 1`; the paper's `1 - c`. Default 0.9. */
  momentum: hyper(decay, 0.9),
  /** ε ≥ 0, added to the cube root. Default 1e-6. */
  eps: hyper(nonNegative, 1e-6)
}

/** The options of MADGRAD. */
export interface MadgradOptions extends OptionsOf<typeof fields> {}

/** The parameters at first, and the weighted sums of gradients and of their squares. */
export type MadgradState<P extends Tree> = {
  readonly start: P
  readonly sum: P
  readonly squares: P
}

/** A start and two sums for every parameter, in its dtype. */
export interface MadgradF extends StateFamily {
  readonly type: MadgradState<this["params"]>
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
 * import { clockAt, stepByMadgrad } from "thalweg/transform"
 *
 * const p = tensor([0], { dtype: "f64" })
 * const madgrad = stepByMadgrad({ learningRate: 1, momentum: 0.5, eps: 0 })
 * const [d] = madgrad.update(tensor([8], { dtype: "f64" }), madgrad.init(p), p, clockAt(0)) // z = -8 / ∛64
 * assert.ok(Math.abs((toArray(d) as number[])[0]! + 1) < 1e-12)
 */
export const stepByMadgrad: Recipe<typeof fields, (options?: MadgradOptions) => Transform<MadgradF>> = recipe(
  "stepByMadgrad",
  fields,
  {},
  ({ learningRate, momentum, eps }) => ({
    init: p => ({ start: p, sum: Tree.zerosLike(p), squares: Tree.zerosLike(p) }),
    update: (updates, { start, ...before }, params, { step }) => {
      const lambda = mul(learningRate(step), sqrt(next(step)))
      const [share, e] = [sub(1, momentum(step)), eps(step)]
      const sum = Tree.zipWith((s: Tensor, g: Tensor) => add(s, times(g, lambda)))(before.sum, updates)
      const squares = Tree.zipWith((v: Tensor, g: Tensor) => add(v, mul(times(g, lambda), g)))(before.squares, updates)
      const displacement = Tree.zipWith((p0: Tensor, s: Tensor, v: Tensor, p: Tensor) => {
        const z = sub(p0, quotient(s, plusEps(cubeRootOf(v), e), e))
        return mul(sub(z, p), castLike(share, p))
      })(start, sum, squares, params)
      return [displacement, { start, sum, squares }]
    },
    rate: (_, { step }) => learningRate(step)
  })
)
