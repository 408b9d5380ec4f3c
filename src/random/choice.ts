import { add, minimum, mul, sub } from "../dataflow/arithmetic.js"
import { checkFlag, checkOptions } from "../dataflow/check.js"
import { zeros } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat, type FloatDType } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { at, take } from "../dataflow/indexing.js"
import { lt } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { topK } from "../dataflow/quantile.js"
import { cumSum } from "../dataflow/reduce.js"
import { checkShape, range, sameShape, showShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { sliceAxis } from "../dataflow/slice.js"
import { reshape } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { log } from "../dataflow/transcendental.js"
import { gumbel, permutation } from "./categorical.js"
import { randint, uniform } from "./uniform.js"

/** How is chosen. */
export interface ChoiceOptions {
  /** Whether one may be chosen several times. Default yes. */
  readonly replace?: boolean
  /** Probabilities, or what is proportional to them: `f32` or `f64` of shape `[n]`. Default all are equally likely. */
  readonly p?: Tensor
}

/** Where the sum of probabilities first reaches a share of all, found by halving. */
const byShares = (key: Tensor, p: Tensor, shape: Shape): Tensor => {
  const sums = cumSum(p)
  const share = mul(at(sums, -1), sub(1, uniform(key, shape, { dtype: p.dtype as FloatDType })))
  const last = sizeOf(p.shape) - 1
  const steps = range(31).map(i => 2 ** (30 - i))
  // so many sums are known to be below the share; the last never is
  const further = (below: Tensor, step: number): Tensor => {
    const isBelow = lt(take(sums, minimum(add(below, step - 1), last)), share)
    return add(below, mul(cast(isBelow, "i32"), step))
  }
  return steps.filter(step => step <= last).reduce(further, zeros(shape, "i32"))
}

/** The places of the largest after noise of Gumbel's was added. */
const byNoise = (key: Tensor, p: Tensor, count: number): Tensor =>
  topK(add(gumbel(key, p.shape, { dtype: p.dtype as FloatDType }), log(p)), count)[1]

const checkProbabilities = (p: Tensor, n: number): Tensor => {
  if (!isTensor(p)) return fail("DataError", "choice", "p as a tensor", describeValue(p))
  if (!isFloat(p.dtype)) fail("DTypeError", "choice", "p of f32 or f64", p.dtype)
  return sameShape(p.shape, [n]) ? p : fail("ShapeError", "choice", `p of shape [${n}]`, showShape(p.shape))
}

const placesOf = (key: Tensor, n: number, shape: Shape, replace: boolean, p: Tensor | undefined): Tensor => {
  if (replace) return p === undefined ? randint(key, shape, { max: n }) : byShares(key, p, shape)
  const count = sizeOf(shape)
  return reshape(p === undefined ? sliceAxis(permutation(key, n), 0, 0, count) : byNoise(key, p, count), shape)
}

/**
 * Chooses among `0 … n-1` (an `i32`), or among the slices of a tensor along its first axis; with or without replacement,
 * with equal probabilities or given ones.
 *
 * Shape: `shape`, and after it that of a slice. Nothing to choose from, or without replacement more than there is, is a
 * `ShapeError`, and so is a `p` of another length; its values are not looked at.
 *
 * With replacement, the time is that of `n` and of the draws, by `p` times `log n`.
 *
 * Source: `jax.random.choice`, its draws; with `p`, but for those that the last digits of the sums or of `gumbel` decide.
 *
 * @example
 * import assert from "node:assert"
 * import { sort, tensor, toArray } from "thalweg"
 * import { choice, key } from "thalweg/random"
 *
 * const p = tensor([0, 1, 0])
 * assert.deepStrictEqual(toArray(choice(key(0), tensor([5, 6, 7]), [2], { p })), [6, 6])
 * assert.deepStrictEqual(toArray(sort(choice(key(0), 3, [3], { replace: false }))), [0, 1, 2])
 */
export const choice = (key: Tensor, from: number | Tensor, shape: Shape, options: ChoiceOptions = {}): Tensor => {
  const { p } = checkOptions("choice", options, ["replace", "p"])
  const replace = checkFlag("choice", "replace", options.replace ?? true)
  const n = isTensor(from)
    ? (from.shape[0] ?? fail("ShapeError", "choice", "a tensor with a first axis", "a scalar"))
    : from
  const count = sizeOf(checkShape("choice", shape))
  if (!Number.isInteger(n) || n < 1 || n > 2 ** 31)
    fail("ShapeError", "choice", "something to choose from, at most 2^31", describeValue(n))
  if (!replace && count > n) fail("ShapeError", "choice", `at most ${n} without replacement`, showShape(shape))
  const places = placesOf(key, n, shape, replace, p === undefined ? p : checkProbabilities(p, n))
  return isTensor(from) ? take(from, places) : places
}
