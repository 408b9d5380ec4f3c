import { abs, add, clamp, div, maximum, mul, neg, sign, sub } from "../../dataflow/arithmetic.js"
import { iota } from "../../dataflow/sequence.js"
import { scalar } from "../../dataflow/create.js"
import { cast } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { gt, le, where } from "../../dataflow/logic.js"
import { concat } from "../../dataflow/concat.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { cumSum, max, sort, sum } from "../../dataflow/reduce.js"
import { flatten, flip } from "../../dataflow/structure.js"
import { hyper, type OptionsOf } from "../../options/fields.js"
import type { Hyperparameter } from "../../options/hyperparameter.js"
import { positive, type Range } from "../../options/range.js"
import { recipe, recipeAs, recipeOf, type Recipe } from "../../options/recipe.js"
import { castLike } from "../../transform/common.js"
import { shortened, globalNorm } from "../../transform/norm.js"
import { Tree } from "../../tree/index.js"

/** The nearest point of a set, for a tree of parameters after so many steps, an f64 scalar. */
export type Projection = <P extends Tree>(params: P, step: Tensor) => P

/**
 * Projects on the numbers from 0: `p' = max(p, 0)`, elementwise; NaN stays NaN.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { ontoNonNegative } from "thalweg/optimizer"
 *
 * assert.deepStrictEqual(toArray(ontoNonNegative(tensor([-1, 2]), scalar(0))), [0, 2])
 */
export const ontoNonNegative: Projection = params => Tree.map(p => maximum(p, 0))(params)

const bound: Range = { expected: "a number, or ±Infinity", holds: value => !Number.isNaN(value) }

const boxFields = {
  /** The least value, a number or `-Infinity` (the default). */
  lower: hyper(bound, -Infinity),
  /** The largest value, a number or `Infinity` (the default). */
  upper: hyper(bound, Infinity)
}

/** Between what elements lie. */
export interface BoxOptions extends OptionsOf<typeof boxFields> {}

/**
 * Makes the projection on a box: `p' = min(max(p, lower), upper)`, elementwise.
 *
 * Throws a `HyperparameterError` for bounds that are NaN, or numbers of which the lower is above the upper.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { ontoBox } from "thalweg/optimizer"
 *
 * const project = ontoBox({ lower: -1, upper: 0.5 })
 * assert.deepStrictEqual(toArray(project(tensor([-3, 0, 2]), scalar(0))), [-1, 0, 0.5])
 */
export const ontoBox: Recipe<typeof boxFields, (options?: BoxOptions) => Projection> = recipe(
  "ontoBox",
  boxFields,
  {},
  ({ lower, upper }, { lower: least = -Infinity, upper: most = Infinity }): Projection => {
    if (typeof least === "number" && typeof most === "number" && least > most)
      fail("HyperparameterError", "ontoBox", "lower to be at most upper", `${least} and ${most}`)
    return (params, step) => {
      const [low, high] = [lower(step), upper(step)]
      return Tree.map(p => clamp(p, castLike(low, p), castLike(high, p)))(params)
    }
  }
)

const ballFields = {
  /** r > 0: the size of the ball, in units of the parameters. */
  radius: hyper(positive)
}

type Ball = Recipe<typeof ballFields, (radius: Hyperparameter) => Projection>

/**
 * Makes the projection on the ball `max |p| ≤ radius` of all leaves: each element is cut to ±radius.
 *
 * `radius`: a finite number > 0, else a `HyperparameterError`.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { ontoLInfBall } from "thalweg/optimizer"
 *
 * assert.deepStrictEqual(toArray(ontoLInfBall(1)(tensor([-3, 0.5]), scalar(0))), [-1, 0.5])
 */
export const ontoLInfBall: Ball = recipeOf(
  "ontoLInfBall",
  "radius",
  ballFields,
  {},
  ({ radius }): Projection =>
    (params, step) => {
      const r = radius(step)
      return Tree.map(p => clamp(p, castLike(neg(r), p), castLike(r, p)))(params)
    }
)

/**
 * Makes the projection on the ball `√Σp² ≤ radius` of all leaves together: `p' = p · r / max(‖p‖, r)`.
 *
 * `radius`: r, a finite number > 0, else a `HyperparameterError`. Parameters within pass unchanged, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { ontoL2Ball } from "thalweg/optimizer"
 *
 * assert.deepStrictEqual(toArray(ontoL2Ball(5)(tensor([6, 8]), scalar(0))), [3, 4])
 */
export const ontoL2Ball: Ball = recipeOf(
  "ontoL2Ball",
  "radius",
  ballFields,
  {},
  ({ radius }): Projection =>
    (params, step) => {
      const [length, most] = [globalNorm(params), radius(step)]
      return Tree.map(p => shortened(p, length, most))(params)
    }
)

/** All elements of all leaves, as one f64 vector. */
const together = (tree: Tree): Tensor => concat(Tree.leaves(tree).map(t => cast(flatten(t), "f64")))

/**
 * What must be taken off every element so that those which stay above 0 sum to `total`: `(Σ of the ρ largest - total)/ρ`
 * for the largest ρ whose least element stays above 0.
 */
const threshold = (elements: Tensor, total: Tensor): Tensor => {
  const falling = flip(sort(elements))
  const rank = add(cast(iota(falling.shape, 0, "i32"), "f64"), 1)
  const levels = div(sub(cumSum(falling), total), rank)
  // the level rises as long as elements lie above it, and falls afterwards: the right one is the largest
  return max(levels)
}

/** No elements have no sum: a tree without any is its own projection. */
const unlessEmpty =
  (projection: Projection): Projection =>
  (params, step) =>
    Tree.size(params) === 0 ? params : projection(params, step)

const simplexFields = {
  /** What the elements sum to, > 0, in units of the parameters. Default 1. */
  total: hyper(positive, 1)
}

/**
 * Makes the projection on the simplex `p ≥ 0, Σp = total` of all leaves together: `p' = max(p - θ, 0)`, θ such that the
 * sum is right.
 *
 * `total`: a finite number > 0 (default 1), else a `HyperparameterError`.
 * Source: Duchi et al. 2008, "Efficient projections onto the l1-ball", Figure 1.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { ontoSimplex } from "thalweg/optimizer"
 *
 * assert.deepStrictEqual(toArray(ontoSimplex()(tensor([1, 0.5, -2]), scalar(0))), [0.75, 0.25, 0])
 */
export const ontoSimplex: Recipe<typeof simplexFields, (total?: Hyperparameter) => Projection> = recipeAs(
  "ontoSimplex",
  simplexFields,
  {},
  ({ total }): Projection =>
    unlessEmpty((params, step) => {
      const theta = threshold(together(params), total(step))
      return Tree.map(p => maximum(sub(p, castLike(theta, p)), 0))(params)
    }),
  make => total => make(total === undefined ? {} : { total })
)

/**
 * Makes the projection on the ball `Σ|p| ≤ radius` of all leaves together: `p' = sign(p)·max(|p| - θ, 0)`, which makes
 * small elements 0.
 *
 * `radius`: a finite number > 0, else a `HyperparameterError`. Parameters within pass unchanged, exactly.
 * Source: Duchi et al. 2008, "Efficient projections onto the l1-ball", section 4.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { ontoL1Ball } from "thalweg/optimizer"
 *
 * assert.deepStrictEqual(toArray(ontoL1Ball(1)(tensor([-1, 0.5, 0.125]), scalar(0))), [-0.75, 0.25, 0])
 */
export const ontoL1Ball: Ball = recipeOf("ontoL1Ball", "radius", ballFields, {}, ({ radius }) =>
  unlessEmpty((params, step) => {
    const r = radius(step)
    const sizes = abs(together(params))
    const inside = le(sum(sizes), r)
    const theta = where(gt(sum(sizes), r), threshold(sizes, r), scalar(0, "f64"))
    return Tree.map(p => where(inside, p, mul(sign(p), maximum(sub(abs(p), castLike(theta, p)), 0))))(params)
  })
)
