import { add, div, maximum, mul, neg, square, sub } from "../dataflow/arithmetic.js"
import { and, eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"
import { choice, hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative, positive } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { quotient, rootOf, scaledBy, zeroCount, zero } from "./common.js"
import { globalNorm } from "./norm.js"
import type { StateFamily, Transform } from "./transform.js"

/** The parameters at first, how far they went at most, the sum below, and the last rate. */
export type DistanceState<P extends Tree> = {
  readonly start: P
  readonly distance: Tensor
  readonly sum: Tensor
  readonly eta: Tensor
}

/** A start for every parameter, in its dtype, and three f64 scalars. */
export interface DistanceF extends StateFamily {
  readonly type: DistanceState<this["params"]>
}

const dogFields = {
  /** c ≥ 0: what the found rate is multiplied by. Default 1. */
  learningRate: hyper(nonNegative, 1),
  /**
   * What the first step is made of: a distance `value·(1 + ‖p₀‖)` ("relative", the default), a distance `value`
   * ("distance"), or a rate `value` ("rate").
   */
  initStep: choice(["relative", "distance", "rate"], "relative"),
  /** The value for the first step, above 0 (a schedule: its value at 0). Default 1e-6. */
  initValue: hyper(positive, 1e-6),
  /** ε ≥ 0, added under the root, in units of the squared gradient. Default 1e-8. */
  eps: hyper(nonNegative, 1e-8)
}

/** The options of DoG. */
export interface DogOptions extends OptionsOf<typeof dogFields> {}

const started = <P extends Tree>(params: P, distance: Tensor): DistanceState<P> => ({
  start: params,
  distance,
  sum: zero,
  eta: zero
})

const farthest = <P extends Tree>({ start, distance }: DistanceState<P>, params: P): Tensor =>
  maximum(distance, globalNorm(Tree.zipWith(sub)(params, start)))

/**
 * Steps by a rate that is the distance over the gradients: with `r = max(r, ‖p - p₀‖)`, `G = G + ‖g‖²`, the displacement
 * `-c·r/√(G + ε)·g`, norms over all leaves.
 *
 * `r` starts at `value·(1 + ‖p₀‖)`, or at `value` ("distance"), or at 0, and then the first rate is `c·value` ("rate").
 * Looks across all leaves; norms are taken in f64. What it gives is a displacement already; its `rate` is that of the
 * last step, at first 0, since the next depends on the gradient. Throws a `HyperparameterError` for options out of
 * range.
 *
 * Laws: does not see the scale of the gradients (ε = 0; not "rate"); `r` and `G` never fall; depends on the parameters;
 * not elementwise, but does not see how the parameters are divided into leaves.
 * Source: Ivgi, Hinder & Carmon 2023, arXiv 2302.12022; ε as in the authors' code.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByDog } from "thalweg/transform"
 *
 * const p0 = tensor([0, 0])
 * const dog = stepByDog({ initStep: "distance", initValue: 5, eps: 0 })
 * const [d] = dog.update(tensor([30, -40]), dog.init(p0), p0, clockAt(0))
 * assert.deepStrictEqual(toArray(d), [-3, 4]) // 5 long
 */
export const stepByDog: Recipe<typeof dogFields, (options?: DogOptions) => Transform<DistanceF>> = recipe(
  "stepByDog",
  dogFields,
  {},
  ({ learningRate, initStep, initValue, eps }) => ({
    init: params => {
      const value = initValue(zeroCount)
      const relative = mul(value, add(1, globalNorm(params)))
      return started(params, { relative, distance: value, rate: zero }[initStep])
    },
    update: (updates, state, params, { step }) => {
      const { start } = state
      const [distance, sum] = [farthest(state, params), add(state.sum, square(globalNorm(updates)))]
      const found = quotient(distance, rootOf(add(sum, eps(step))))
      const first = and(eq(step, 0), initStep === "rate")
      const eta = mul(learningRate(step), where(first, initValue(step), found))
      return [scaledBy(neg(eta))(updates), { start, distance, sum, eta }]
    },
    rate: ({ eta }) => eta
  })
)

const dowgFields = {
  /** c ≥ 0: what the found rate is multiplied by. Default 1. */
  learningRate: hyper(nonNegative, 1),
  /** r₀² > 0: the square of the distance at first (a schedule: its value at 0). Default 1e-4. */
  initEstimSqDist: hyper(positive, 1e-4),
  /** ε ≥ 0, added to the root. Default 1e-4. */
  eps: hyper(nonNegative, 1e-4)
}

/** The options of DoWG. */
export interface DowgOptions extends OptionsOf<typeof dowgFields> {}

/**
 * Steps by a rate that is the distance over gradients weighted by it: with `r = max(r, ‖p - p₀‖)`, `v = v + r²·‖g‖²`,
 * the displacement `-c·r²/(√v + ε)·g`, norms over all leaves.
 *
 * Looks across all leaves; norms are taken in f64. What it gives is a displacement already; its `rate` is that of the
 * last step, at first 0, since the next depends on the gradient. Throws a `HyperparameterError` for options out of
 * range.
 *
 * Laws: does not see the scale of the gradients (ε = 0); `r` and `v` never fall; depends on the parameters; not
 * elementwise, but does not see how the parameters are divided into leaves.
 * Source: Khaled, Mishchenko & Jin 2023, arXiv 2305.16284, Algorithm 1, which has no ε.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByDowg } from "thalweg/transform"
 *
 * const p0 = tensor([0, 0])
 * const dowg = stepByDowg({ initEstimSqDist: 25, eps: 0 })
 * const [d] = dowg.update(tensor([30, -40]), dowg.init(p0), p0, clockAt(0))
 * assert.deepStrictEqual(toArray(d), [-3, 4]) // 5 long
 */
export const stepByDowg: Recipe<typeof dowgFields, (options?: DowgOptions) => Transform<DistanceF>> = recipe(
  "stepByDowg",
  dowgFields,
  {},
  ({ learningRate, initEstimSqDist, eps }) => ({
    init: params => started(params, sqrt(initEstimSqDist(zeroCount))),
    update: (updates, state, params, { step }) => {
      const { start } = state
      const distance = farthest(state, params)
      const sum = add(state.sum, square(mul(distance, globalNorm(updates))))
      const below = add(rootOf(sum), eps(step))
      const eta = mul(learningRate(step), div(square(distance), where(eq(below, 0), 1, below)))
      return [scaledBy(neg(eta))(updates), { start, distance, sum, eta }]
    },
    rate: ({ eta }) => eta
  })
)
