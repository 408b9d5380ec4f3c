import { add, clamp, sub } from "../dataflow/arithmetic.js"
import { scalar, zeros } from "../dataflow/create.js"
import { take, takeFor } from "../dataflow/indexing.js"
import { and, ge, lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { iota } from "../dataflow/sequence.js"
import { expandDims, reshape } from "../dataflow/structure.js"
import { fixed } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import type { AffineOf, AffineOptions, Bias } from "./affine.js"
import type { Initializer } from "./initializer.js"
import {
  attentionFields,
  checkHeads,
  drawAttention,
  gather,
  headsOf,
  maskOf,
  project,
  rotaryField,
  turn,
  type AttentionParams
} from "./attention.js"
import { entryOf, floatOf } from "./input.js"
import type { Layer, MaskContext } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  ...attentionFields,
  ...rotaryField,
  /** How many places there may be, a whole number from 1. */
  length: fixed(positiveInteger)
}

/** How many heads attend, to how many places at most, and how parameters are drawn. */
export interface CachedAttentionOptions<B extends Bias = Bias> extends AffineOptions<
  typeof attentionFields & typeof rotaryField & typeof fields,
  B
> {}

/** Keys and values so far, `[batch, heads, length, size]`, and of how many places. */
export type AttentionCache = { readonly keys: Tensor; readonly values: Tensor; readonly count: Tensor }

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(
  options: CachedAttentionOptions<B>
) => Layer<AttentionParams<AffineOf<B>>, AttentionCache, Tensor, Tensor, MaskContext>

/** Of how many places there was a state. */
export const countOf = (layer: string, state: { readonly count: Tensor }): Tensor => entryOf(layer, state, "count", [])

/** The numbers of the places that come next; one beyond the length is an `IndexError`, since it is looked up. */
export const nextPlaces = (layer: string, length: number, count: Tensor, places: number): Tensor =>
  takeFor({ caller: { operation: layer, indices: "places" } }, iota([length], 0), add(count, iota([places], 0)))

/** What was kept, `[batch, heads, length, size]`, with what is new in its place. */
const kept = (old: Tensor, now: Tensor, count: Tensor): Tensor => {
  const [length = 0, places = 0] = [old.shape[2], now.shape[2]]
  if (places === 0) return old
  const since = sub(iota([length], 0), count)
  const isNew = reshape(and(ge(since, 0), lt(since, places)), [length, 1])
  return where(isNew, places === 1 ? now : take(now, clamp(since, 0, places - 1), 2), old)
}

/**
 * Makes a causal `multiHeadAttention` that is told of its places a few at a time: keys and values so far are state. Its
 * parameters are those of `multiHeadAttention`, so that what was trained on whole texts can go on with one, place by place.
 *
 * Shapes: `[batch, places, width] → [batch, places, width]`, of the places that come next, one or several. State: keys and values
 * `[batch, heads, length, size]`, for the batch that `init` was told (another is a `ShapeError`), and the count of places. Options as of
 * `multiHeadAttention`, and `length`, how many places there may be; one more is an `IndexError` when the output is computed. All
 * texts of a batch have the same places; a smaller count forgets what comes after. Context: `mask` as of `multiHeadAttention`, over
 * all `length` places: `bool` `[batch, length]`, false for what fills up before a shorter text.
 *
 * Law: it gives what the causal `multiHeadAttention` gives for all places at once.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, item, max, sliceAxis, sub } from "thalweg"
 * import { cachedAttention, multiHeadAttention } from "thalweg/nn"
 * import { key, normal } from "thalweg/random"
 *
 * const [x, still] = [normal(key(1), [1, 4, 8]), { training: false } as const]
 * const layer = cachedAttention({ heads: 2, length: 16 })
 * const { params, state } = layer.init(key(0), x)
 * const [, after] = layer.apply(params, state, sliceAxis(x, 1, 0, 3), still)
 * const [last] = layer.apply(params, after, sliceAxis(x, 1, 3, 4), still)
 * const [whole] = multiHeadAttention({ heads: 2, causal: true }).apply(params, [], x, still)
 * assert.ok(item(max(abs(sub(last, sliceAxis(whole, 1, 3, 4))))) < 1e-6)
 */
export const cachedAttention: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "cachedAttention",
  fields,
  ({ length, rotary, ...options }) => {
    const of = checkHeads("cachedAttention", options)
    return {
      init: (key, input) => {
        const { keyValueHeads, size } = headsOf(of, input)
        const none = zeros([input.shape[0] ?? 0, keyValueHeads, length, size], floatOf(of.layer, input))
        const state = { keys: none, values: none, count: scalar(0, "i32") }
        return { params: drawAttention(of, key, input), state }
      },
      apply: (params, before, input, mode) => {
        const [query, key, value] = project(of, params, input, input)
        const count = countOf(of.layer, before)
        const [batch = 0, heads = 0, , size = 0] = key.shape
        const [keys, values] = (["keys", "values"] as const).map(name =>
          entryOf(of.layer, before, name, [batch, heads, length, size], input)
        ) as [Tensor, Tensor]
        const places = nextPlaces(of.layer, length, count, input.shape[1] ?? 0)
        const [turned, turnedKey] = turn(rotary, [query, key] as const, places)
        const state = {
          keys: kept(keys, turnedKey, count),
          values: kept(values, value, count),
          count: add(count, input.shape[1] ?? 0)
        }
        const reached = ge(expandDims(places, -1), iota([length], 0))
        const shown = maskOf(of.layer, "mask", mode.mask, input, length, of.heads)
        const mask = shown === undefined ? reached : shown.dtype === "bool" ? and(shown, reached) : where(reached, shown, -Infinity) // prettier-ignore
        return [gather(of, params, [turned, state.keys, state.values], { mask }, mode), state]
      }
    }
  }
)
