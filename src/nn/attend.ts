import { div, mul, sub, add } from "../dataflow/arithmetic.js"
import { checkFlag, checkOptions, checkTensor } from "../dataflow/check.js"
import { einsum } from "../dataflow/einsum.js"
import { requireFloat, stopGradient } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { and, eq, ge, isFinite, ne, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { repeat } from "../dataflow/rearrange.js"
import { any, max, sum } from "../dataflow/reduce.js"
import { iota } from "../dataflow/sequence.js"
import { softmax } from "../dataflow/statistics.js"
import { reshape, swapAxes } from "../dataflow/structure.js"
import { exp } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { checkNumber, finiteF32 } from "../options/range.js"

/**
 * Turns logits into probabilities where a mask is true: `e^x / Σ e^x` over those of the last axis, 0 elsewhere. Where it is
 * true nowhere, all are 0, and so are the derivatives.
 *
 * Shapes: logits `[…, n]` of `f32` or `f64`; mask `bool`, of a shape that broadcasts to theirs; others are a `DTypeError` or a
 * `ShapeError`.
 *
 * We deviate from PyTorch and jax, where a row that is masked everywhere is NaN, or an average of what is masked.
 *
 * @example
 * import assert from "node:assert"
 * import { cast, tensor, toArray } from "thalweg"
 * import { maskedSoftmax } from "thalweg/nn"
 *
 * const mask = cast(tensor([[1, 1, 0], [0, 0, 0]]), "bool")
 * assert.deepStrictEqual(toArray(maskedSoftmax(tensor([[5, 5, 7], [5, 5, 7]]), mask)), [[0.5, 0.5, 0], [0, 0, 0]])
 */
export const maskedSoftmax = (logits: Tensor, mask: Tensor): Tensor => {
  if (checkTensor("maskedSoftmax", mask, "a mask").dtype !== "bool")
    fail("DTypeError", "maskedSoftmax", "a mask of bool, true for what counts", showType(mask))
  if (requireFloat("maskedSoftmax", logits).shape.at(-1) === 0) return logits
  const last = { axes: -1, keepDims: true }
  const top = stopGradient(max(where(mask, logits, -Infinity), last))
  // what is masked is replaced twice: its power could be infinite, and 0 · ∞ would be the derivative
  const shifted = where(mask, sub(logits, where(isFinite(top), top, 0)), 0)
  const powers = where(mask, exp(shifted), 0)
  const total = sum(powers, last)
  return div(powers, where(eq(total, 0), 1, total))
}

/** Which keys each query may see: true or false, or numbers that are added to the scores, -∞ for what it may not. */
export interface AttentionOptions {
  /** `bool`, true for what is seen, or added to the scores; of a shape that broadcasts to `[batch, heads, queries, keys]`. */
  readonly mask?: Tensor | undefined
  /** Whether the i-th query sees no key after the i-th. Default false. */
  readonly causal?: boolean | undefined
  /** What scores are multiplied by, a finite number. Default `1 / √size`. */
  readonly scale?: number | undefined
}

/** `[queries, keys]`: true where the key is not after the query. */
const causalMask = (queries: number, keys: number): Tensor => ge(iota([queries, keys], 0), iota([queries, keys], 1))

/** Where a mask, with all axes of the scores, lets a query see a key: where it is true, or a number that is not -∞, be it NaN. */
const seenBy = (mask: Tensor): Tensor => (mask.dtype === "bool" ? mask : ne(mask, -Infinity))

/** The weights of scores `[batch, heads, queries, keys]`; a mask of numbers is added. */
const weightsOf = (scores: Tensor, mask: Tensor | undefined, causal: boolean): Tensor => {
  const [queries = 0, keys = 0] = scores.shape.slice(-2)
  const seen = mask && seenBy(mask)
  const ahead = causal ? causalMask(queries, keys) : undefined
  const all = seen && ahead ? and(seen, ahead) : (seen ?? ahead)
  if (all === undefined) return keys === 0 ? scores : softmax(scores)
  const isAdded = mask !== undefined && mask.dtype !== "bool"
  return maskedSoftmax(isAdded ? add(scores, where(seenBy(mask), mask, 0)) : scores, all)
}

/**
 * Keys or values `[batch, heads, keys, …]`, 0 where the mask hides them from all queries. Their weights are 0 already, but 0 · NaN
 * is NaN, in the products with values as in the derivatives.
 */
const withoutHidden = (x: Tensor, mask: Tensor | undefined): Tensor =>
  mask === undefined ? x : where(swapAxes(any(seenBy(mask), { axes: 2, keepDims: true }), 2, 3), x, 0)

/** Attention whose weights may be changed before values are averaged. */
export const attend = (
  [query, key, value]: readonly [Tensor, Tensor, Tensor],
  { mask, causal = false, scale }: AttentionOptions,
  change: (weights: Tensor) => Tensor = weights => weights
): Tensor => {
  const [, heads = 0, , size = 1] = query.shape
  const shared = heads / (key.shape[1] ?? 1)
  const wide = mask && reshape(mask, [...Array<number>(4 - mask.shape.length).fill(1), ...mask.shape])
  const shown = (x: Tensor): Tensor => withoutHidden(shared === 1 ? x : repeat(x, shared, 1), wide)
  const scores = mul(einsum("bhqd,bhkd->bhqk", query, shown(key)), scale ?? 1 / Math.sqrt(Math.max(1, size)))
  return einsum("bhqk,bhkd->bhqd", change(weightsOf(scores, wide, causal)), shown(value))
}

const checkShapes = (query: Tensor, key: Tensor, value: Tensor): void => {
  const [b, h = 0, , d] = requireFloat("scaledDotProductAttention", query).shape
  const [batch, heads = 0, places, size] = requireFloat("scaledDotProductAttention", key).shape
  const [, , ...others] = requireFloat("scaledDotProductAttention", value).shape
  const fits =
    [query, key, value].every(t => t.shape.length === 4 && t.dtype === query.dtype) &&
    [batch === b, size === d, h % heads === 0].every(Boolean)
  if (!fits || value.shape[0] !== b || value.shape[1] !== heads || others[0] !== places)
    fail(
      "ShapeError",
      "scaledDotProductAttention",
      "queries [batch, heads, queries, size], keys [batch, heads, keys, size], values [batch, heads, keys, features] of one dtype",
      [query, key, value].map(showType).join(", ")
    )
}

/** A mask that broadcasts to the scores, of booleans or of their dtype. */
const checkMask = (query: Tensor, key: Tensor, mask: Tensor): void => {
  const scores = [query.shape[0] ?? 0, query.shape[1] ?? 0, query.shape[2] ?? 0, key.shape[2] ?? 0]
  const shape = checkTensor("scaledDotProductAttention", mask, "a mask").shape
  const sizes = scores.slice(4 - shape.length)
  if (shape.length > 4 || shape.some((n, i) => n !== 1 && n !== sizes[i]))
    fail("ShapeError", "scaledDotProductAttention", `a mask that broadcasts to [${scores.join(", ")}]`, showType(mask))
  if (mask.dtype !== "bool" && mask.dtype !== query.dtype)
    fail("DTypeError", "scaledDotProductAttention", `a mask of bool or ${query.dtype}`, mask.dtype)
}

/**
 * Averages values, weighed by how well their keys fit each query: `softmax(q · kᵀ / √size) · v`, over the keys that the mask
 * lets a query see. A query that sees none gets zeros, and its gradients are zeros. Where the mask hides a key from all queries, it
 * and its value do not matter, to outputs and gradients, be they NaN; else they must be finite, as in PyTorch.
 *
 * Shapes: queries `[batch, heads, queries, size]`, keys `[batch, heads, keys, size]`, values `[batch, heads, keys, features]`;
 * result `[batch, heads, queries, features]`. Keys and values may have fewer heads, of which each then serves several
 * neighbouring heads of queries. Options: see `AttentionOptions`; a `mask` of numbers is added to the scores, and -∞ in it is as
 * false in a `bool` one. Throws a `ShapeError` or a `DTypeError` where these do not fit.
 *
 * What is masked does not matter, nor does the order of keys; outputs lie within the values.
 * Source: Vaswani et al. 2017, "Attention is all you need", arXiv 1706.03762, equation 1; Ainslie et al. 2023, arXiv 2305.13245,
 * for shared heads. PyTorch's agrees but for rows that are masked everywhere.
 *
 * @example
 * import assert from "node:assert"
 * import { cast, tensor, toArray } from "thalweg"
 * import { scaledDotProductAttention } from "thalweg/nn"
 *
 * const x = tensor([[[[100, 0], [0, 100]]]]) // one head, two places, which attend to themselves
 * const y = scaledDotProductAttention(x, x, tensor([[[[1], [2]]]]))
 * assert.deepStrictEqual(toArray(y), [[[[1], [2]]]])
 * const mask = cast(tensor([[1, 0], [0, 0]]), "bool")
 * assert.deepStrictEqual(toArray(scaledDotProductAttention(x, x, x, { mask })), [[[[100, 0], [0, 0]]]])
 */
export const scaledDotProductAttention = (
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {}
): Tensor => {
  const { mask, causal, scale } = checkOptions("scaledDotProductAttention", options, ["mask", "causal", "scale"])
  if (scale !== undefined) checkNumber("scaledDotProductAttention", "scale", finiteF32, scale)
  checkFlag("scaledDotProductAttention", "causal", causal)
  checkShapes(query, key, value)
  if (mask !== undefined) checkMask(query, key, mask)
  return attend([query, key, value], options)
}
