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
import { hyper, resolve, type Fields } from "../../schedule/fields.js"
import { hyperparameter, positive, type Hyperparameter, type Range } from "../../schedule/schedule.js"
import { like, scaledBy } from "../../transform/common.js"
import { Tree } from "../../tree/index.js"
import { globalNorm, shortening } from "../../transform/norm.js"

/** The nearest point of a set, for a tree of parameters after `count` steps. */
export type Projection = <P extends Tree>(params: P, count: Tensor) => P

/**
 * Projects on the numbers from 0: `p' = max(p, 0)`, elementwise; NaN stays NaN.
 *
 * @example
 * import assert from "node:assert"
 * import { scalar, tensor, toArray } from "thalweg"
 * import { ontoNonNegative } from "thalweg/optimizer"
 *
 * assert.deepStrictEqual(toArray(ontoNonNegative(tensor([-1, 2]), scalar(0, "i32"))), [0, 2])
 */
export const ontoNonNegative: Projection = params => Tree.map(p => maximum(p, 0))(params)

/** Between what elements lie. */
export interface BoxOptions {
  /** The least value, a number or `-Infinity` (the default). */
  readonly lower?: Hyperparameter
  /** The largest value, a number or `Infinity` (the default). */
  readonly upper?: Hyperparameter
}

const bound: Range = { expected: "a number, or ±Infinity", holds: value => !Number.isNaN(value) }

/** What the options of `ontoBox` may be. */
export const boxFields: Fields<BoxOptions> = { lower: hyper(bound, -Infinity), upper: hyper(bound, Infinity) }

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
 * assert.deepStrictEqual(toArray(project(tensor([-3, 0, 2]), scalar(0, "i32"))), [-1, 0, 0.5])
 */
export const ontoBox = (options: BoxOptions): Projection => {
  const { lower, upper } = resolve("ontoBox", boxFields, options)
  const { lower: least = -Infinity, upper: most = Infinity } = options
  if (typeof least === "number" && typeof most === "number" && least > most)
    fail("HyperparameterError", "ontoBox", "lower to be at most upper", `${least} and ${most}`)
  return (params, count) => {
    const [low, high] = [lower(count), upper(count)]
    return Tree.map(p => clamp(p, like(low, p), like(high, p)))(params)
  }
}

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
 * assert.deepStrictEqual(toArray(ontoLInfBall(1)(tensor([-3, 0.5]), scalar(0, "i32"))), [-1, 0.5])
 */
export const ontoLInfBall = (radius: Hyperparameter): Projection => {
  const at = hyperparameter("ontoLInfBall", "radius", positive, radius)
  return (params, count) => {
    const r = at(count)
    return Tree.map(p => clamp(p, like(neg(r), p), like(r, p)))(params)
  }
}

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
 * assert.deepStrictEqual(toArray(ontoL2Ball(5)(tensor([6, 8]), scalar(0, "i32"))), [3, 4])
 */
export const ontoL2Ball = (radius: Hyperparameter): Projection => {
  const at = hyperparameter("ontoL2Ball", "radius", positive, radius)
  return (params, count) => {
    const r = at(count)
    return scaledBy(shortening(globalNorm(params), r))(params)
  }
}

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
  (params, count) =>
    Tree.size(params) === 0 ? params : projection(params, count)

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
 * assert.deepStrictEqual(toArray(ontoSimplex()(tensor([1, 0.5, -2]), scalar(0, "i32"))), [0.75, 0.25, 0])
 */
export const ontoSimplex = (total: Hyperparameter = 1): Projection => {
  const at = hyperparameter("ontoSimplex", "total", positive, total)
  return unlessEmpty((params, count) => {
    const theta = threshold(together(params), at(count))
    return Tree.map(p => maximum(sub(p, like(theta, p)), 0))(params)
  })
}

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
 * assert.deepStrictEqual(toArray(ontoL1Ball(1)(tensor([-1, 0.5, 0.125]), scalar(0, "i32"))), [-0.75, 0.25, 0])
 */
export const ontoL1Ball = (radius: Hyperparameter): Projection => {
  const at = hyperparameter("ontoL1Ball", "radius", positive, radius)
  return unlessEmpty((params, count) => {
    const r = at(count)
    const sizes = abs(together(params))
    const inside = le(sum(sizes), r)
    const theta = where(gt(sum(sizes), r), threshold(sizes, r), scalar(0, "f64"))
    return Tree.map(p => where(inside, p, mul(sign(p), maximum(sub(abs(p), like(theta, p)), 0))))(params)
  })
}
