import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { describeValue } from "../dataflow/describe.js"
import { showType } from "../dataflow/type.js"
import type { Recipe } from "../options/recipe.js"
import type { AffineOf, AffineOptions, Bias } from "./affine.js"
import type { Initializer } from "./initializer.js"
import {
  attentionFields,
  checkHeads,
  checkSequences,
  drawAttention,
  gather,
  maskOf,
  project,
  type AttentionParams
} from "./attention.js"
import type { Layer, None } from "./layer.js"
import { layerRecipe } from "./recipe.js"

/** How many heads attend to a memory, and how parameters are drawn. */
export interface CrossAttentionOptions<B extends Bias = Bias> extends AffineOptions<typeof attentionFields, B> {}

/** What is attended to instead of the input, and which of its places are there. */
export type MemoryContext = { readonly memory: Tensor; readonly memoryMask?: Tensor }

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(
  options: CrossAttentionOptions<B>
) => Layer<AttentionParams<AffineOf<B>>, None, Tensor, Tensor, MemoryContext>

/** The memory of a context, one for each example of the batch. */
const memoryOf = (context: Partial<MemoryContext> | undefined, input: Tensor): Tensor => {
  const memory = context?.memory
  if (!isTensor(memory))
    return fail("DataError", "crossAttention", "a memory in the context, { memory }", describeValue(memory))
  if (checkSequences("crossAttention", memory, "a memory").shape[0] !== input.shape[0])
    fail("ShapeError", "crossAttention", `a memory of a batch of ${input.shape[0] ?? 0}`, showType(memory))
  return memory
}

/**
 * Makes a layer in which places attend to a memory, as a decoder does to what an encoder gives: as `multiHeadAttention`, with
 * keys and values of the memory.
 *
 * Shapes: `[batch, places, width] → [batch, places, width]`. Context: `memory`, `[batch, keys, features]`, and `memoryMask`, `bool
 * [batch, keys]`, true for what is there, or any that `mask` of `multiHeadAttention` may be. Options and errors as there, but for
 * `causal` and `rotary`; a memory that is missing is a `DataError`.
 *
 * Laws: what is masked does not matter; the order of the memory does not matter.
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2.3.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { crossAttention } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = crossAttention({ heads: 2 })
 * const [x, memory] = [zeros([1, 3, 8]), zeros([1, 5, 6])]
 * const { params, state } = layer.init(key(0), x, { memory })
 * assert.deepStrictEqual(params.key.kernel.shape, [6, 8])
 * assert.deepStrictEqual(layer.apply(params, state, x, { training: false, memory })[0].shape, [1, 3, 8])
 */
export const crossAttention: Recipe<typeof attentionFields, Call> = /* @__PURE__ */ layerRecipe<
  typeof attentionFields,
  Call
>("crossAttention", attentionFields, options => {
  const of = checkHeads("crossAttention", options)
  return {
    init: (key, input, context) => ({ params: drawAttention(of, key, input, memoryOf(context, input)), state: [] }),
    apply: (params, state, input, mode) => {
      const memory = memoryOf(mode, checkSequences(of.layer, input))
      const mask = maskOf(of.layer, "memoryMask", mode.memoryMask, input, memory.shape[1] ?? 0, of.heads)
      return [gather(of, params, project(of, params, input, memory), { mask }, mode), state]
    }
  }
})
