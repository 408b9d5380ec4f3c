import { add, clamp, mul, neg, pow, sub } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike, filledLike, one, plusEps, quotient, times, zero, zeroCount } from "./common.js"
import { squareFor, zeroSquares } from "./moments.js"
import type { StateFamily, Transform } from "./transform.js"

const fields = {
  /** η ≥ 0, in units of the parameters; the paper's α. Default 1e-2. */
  learningRate: hyper(nonNegative, 1e-2),
  /** β ≥ 0, in units of the gradient to the power 2ρ: what keeps the first steps short. Default 1; Keras 0. */
  beta: hyper(nonNegative, 1),
  /** λ₁ ≥ 0, in units of the gradient: how far a sum of gradients may be from 0 while its parameter is 0. Default 0. */
  lambda1: hyper(nonNegative, 0),
  /** λ₂ ≥ 0: the weight of `½‖p‖²`. Default 0; Keras's is half of it. */
  lambda2: hyper(nonNegative, 0),
  /** λ ≥ 0: a decay that is added to the gradients of the sum. Default 0; Keras's "l2 shrinkage" is half of it. */
  shrinkage: hyper(nonNegative, 0),
  /** ρ ≥ 0: rates fall with the sum of squares to this power. Default 0.5; with 0 they are constant. */
  power: hyper(nonNegative, 0.5),
  /** n₀ ≥ 0: what the sums of squares begin with (a schedule: its value at 0). Default 0; Keras 0.1. */
  initialAccumulator: hyper(nonNegative, 0)
}

/** The options of FTRL-Proximal. */
export interface FtrlOptions extends OptionsOf<typeof fields> {}

/** The sums of squared gradients (`squares`), and those of gradients, each at its rate, less what was reached (`sum`). */
export type FtrlState<P extends Tree> = { readonly squares: P; readonly sum: P }

/** Two sums for every parameter, in its dtype; that of squares in f64 where β is below 2⁻⁵⁰. */
export interface FtrlF extends StateFamily {
  readonly type: FtrlState<this["params"]>
}

/** A power of what is never negative, which is flat where that is 0. */
const powerOf = (rho: Tensor, n: Tensor): Tensor => {
  const none = eq(n, 0)
  return where(none, castLike(where(eq(rho, 0), one, zero), n), pow(where(none, 1, n), castLike(rho, n)))
}

/**
 * Steps to where all gradients so far, the regularization and the distance to every former step are least together: with
 * `n' = n + g²`, `z = z + η·g - (n'^ρ - n^ρ)·p`, gives the displacement to
 * `p' = -(z - clip(z, -η·λ₁, η·λ₁)) / (β + n'^ρ + η·λ₂)`, which is 0 where `|z| ≤ η·λ₁`.
 *
 * With `shrinkage`, `g + λ·p` for `g` in `z`. Where nothing holds a parameter, as all of `β + n'^ρ + η·λ₂` is 0, it stays.
 * Both sums start at 0, or `n` at n₀: parameters that are not 0 at first are drawn there by β and n₀, as the paper's, which begin
 * at 0, are not. What it gives is a displacement already; its `rate` is η. Throws a `HyperparameterError` for options out of
 * range.
 *
 * Laws: without β, n₀ and regularization it is AdaGrad without ε; elementwise; depends on the parameters.
 * Source: McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", Algorithm 1. We keep `η·z` for its `z`, so that
 * each gradient counts at the rate of its step: under a constant rate that is the same; under a schedule, the paper does not
 * say, and Keras, which takes the rate in force for all of them, draws parameters to 0 as the rate falls.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, stepByFtrl } from "thalweg/transform"
 *
 * const p = tensor([0, 0])
 * const ftrl = stepByFtrl({ learningRate: 1, lambda1: 1 })
 * const [d] = ftrl.update(tensor([3, -0.5]), ftrl.init(p), p, clockAt(0)) // -(3 - 1) / (1 + 3), and a gradient below λ₁
 * assert.deepStrictEqual(toArray(d), [-0.5, 0])
 */
export const stepByFtrl: Recipe<typeof fields, (options?: FtrlOptions) => Transform<FtrlF>> = recipe(
  "stepByFtrl",
  fields,
  {},
  ({ learningRate, beta, lambda1, lambda2, shrinkage, power, initialAccumulator }) => ({
    init: params => ({
      squares: filledLike(initialAccumulator(zeroCount))(zeroSquares(beta)(params)),
      sum: Tree.zerosLike(params)
    }),
    update: (updates, before, params, { step }) => {
      const [eta, lambda, rho] = [learningRate(step), shrinkage(step), power(step)]
      const [threshold, held] = [mul(eta, lambda1(step)), add(beta(step), mul(eta, lambda2(step)))]
      const squares = Tree.zipWith((n: Tensor, g: Tensor) => add(n, squareFor(n, g)))(before.squares, updates)
      const roots = Tree.map(n => powerOf(rho, n))
      const [now, then] = [roots(squares), roots(before.squares)]
      const sum = Tree.zipWith((z: Tensor, g: Tensor, p: Tensor, root: Tensor, last: Tensor) => {
        const decayed = times(add(g, times(p, lambda)), eta)
        return sub(add(z, decayed), mul(castLike(sub(root, last), p), p))
      })(before.sum, updates, params, now, then)
      const displacement = Tree.zipWith((z: Tensor, p: Tensor, root: Tensor) => {
        const [most, weight] = [castLike(threshold, z), plusEps(root, held)]
        const reached = quotient(sub(clamp(z, neg(most), most), z), weight)
        return where(eq(weight, 0), 0, sub(reached, p))
      })(sum, params, now)
      return [displacement, { squares, sum }]
    },
    rate: (_, { step }) => learningRate(step)
  })
)
