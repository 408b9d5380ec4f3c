import { checkOptions, rankOf } from "../dataflow/check.js"
import { iota } from "../dataflow/sequence.js"
import { add, neg } from "../dataflow/arithmetic.js"
import { smallestNormal } from "../dataflow/dtype.js"
import { log } from "../dataflow/transcendental.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { argMax, argSort } from "../dataflow/reduce.js"
import {
  broadcastShapes,
  checkShape,
  normalizeAxis,
  removeAxes,
  sameShape,
  showShape,
  type Shape
} from "../dataflow/shape.js"
import { take } from "../dataflow/indexing.js"
import { isTensor } from "../dataflow/tensor.js"
import * as approximate from "./approximations.js"
import { bits, split } from "./key.js"
import { floatOf, uniform, type FloatOptions } from "./uniform.js"

/**
 * Draws from the Gumbel distribution: `-log(-log u)`, `u` uniform on `(0, 1)`.
 *
 * Shape: `shape`. A `KeyError` if `key` is not `u32` of shape `[2]`.
 *
 * Source: `jax.random.gumbel`. In `f32` its approximation of log, rounded step by step: its bits on machines without
 * fused multiply-add; with it, XLA differs in the last digit. In `f64` its values, but for the last digit of either log.
 *
 * @example
 * import assert from "node:assert"
 * import { item } from "thalweg"
 * import { gumbel, key } from "thalweg/random"
 *
 * assert.strictEqual(item(gumbel(key(0), [])), 2.923372507095337)
 */
export const gumbel = (key: Tensor, shape: Shape, options: FloatOptions = {}): Tensor => {
  const dtype = floatOf("gumbel", options)
  const minusLog = (x: Tensor): Tensor => neg(dtype === "f32" ? approximate.log(x) : log(x))
  return minusLog(minusLog(uniform(key, shape, { min: smallestNormal[dtype], dtype })))
}

/** Where the categories are, and the shape of what is drawn. */
export interface CategoricalOptions {
  /** The axis of the categories. Default the last. */
  readonly axis?: number
  /** The shape of the result. Default that of the logits without the axis, which must broadcast to its last axes. */
  readonly shape?: Shape
}

/**
 * Draws categories with probabilities `softmax(logits)`: `argMax(logits + gumbel)`.
 *
 * Shapes: `logits` `[…batch, categories]` (`axis` says where the categories are); the result is `i32` of `shape`,
 * `[…samples, …batch]`. Throws a `ShapeError` if the batch does not broadcast to the end of `shape`, a `DTypeError`
 * unless the logits are `f32` or `f64`.
 *
 * Source: `jax.random.categorical`, the same draws (but for two categories that differ by no more than the last digits
 * of `gumbel`); the Gumbel-max trick (Gumbel 1954).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { categorical, key } from "thalweg/random"
 *
 * const logits = tensor([0.1, -1.2, 2, 0.5])
 * assert.deepStrictEqual(toArray(categorical(key(0), logits, { shape: [3] })), [0, 2, 2])
 */
export const categorical = (key: Tensor, logits: Tensor, options: CategoricalOptions = {}): Tensor => {
  const rank = rankOf("categorical", logits)
  checkOptions("categorical", options, ["axis", "shape"])
  const axis = normalizeAxis("categorical", options.axis ?? -1, rank)
  if (logits.dtype !== "f32" && logits.dtype !== "f64")
    return fail("DTypeError", "categorical", "f32 or f64", logits.dtype)
  const batch = removeAxes(logits.shape, [axis])
  const shape = checkShape("categorical", options.shape ?? batch)
  if (!sameShape(broadcastShapes("categorical", batch, shape), shape))
    fail("ShapeError", "categorical", `a shape to which the batch ${showShape(batch)} broadcasts`, showShape(shape))
  const along = axis + shape.length - batch.length
  const noise = gumbel(key, shape.toSpliced(along, 0, logits.shape[axis] ?? 0), { dtype: logits.dtype })
  return argMax(add(noise, logits), along)
}

const LARGEST = 2 ** 32 - 1

/**
 * How many sorts make ties between random bits, which would keep the order of what they shuffle, negligible:
 * `⌈3 log n / log(2³² - 1)⌉`.
 */
const rounds = (n: number): number => [1, LARGEST, LARGEST * LARGEST].filter(power => power < n * n * n).length

/**
 * Shuffles: a random permutation of `0 … n-1` (an `i32` of shape `[n]`), or of a tensor along its first axis. It sorts
 * by random bits, in `⌈3 log n / log(2³² - 1)⌉` rounds.
 *
 * `n`: a non-negative integer, or a tensor with at least one axis; else a `ShapeError`.
 *
 * Source: the bits of `jax.random.permutation`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { key, permutation } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(permutation(key(0), 5)), [0, 1, 4, 3, 2])
 * assert.deepStrictEqual(toArray(permutation(key(0), tensor([5, 6, 7, 8, 9]))), [5, 6, 9, 8, 7])
 */
export const permutation = (key: Tensor, n: number | Tensor): Tensor => {
  if (isTensor(n)) {
    const size = n.shape[0] ?? fail("ShapeError", "permutation", "a tensor with a first axis", "a scalar")
    return take(n, permutation(key, size))
  }
  let order = iota(checkShape("permutation", [n]), 0)
  let next = key
  for (let round = 0; round < rounds(n); round++) {
    const [rest, now] = split(next)
    order = take(order, argSort(bits(now, [n])))
    next = rest
  }
  return order
}
