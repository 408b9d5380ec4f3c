import type { Tensor } from "../dataflow/primitive.js"
import type { Recipe } from "../options/recipe.js"
import type { AttentionParams } from "./attention.js"
import {
  withShortcut,
  blockFields,
  cachedSelfAttention,
  cachedBlockFields,
  feedForward,
  partsOf,
  selfAttention,
  type Attends,
  type Block,
  type BlockOptionsOf,
  type CachedBlockOptions,
  type TransformerBlockParams,
  type TransformerBlockState
} from "./block.js"
import type { AttentionCache } from "./cached-attention.js"
import { connect } from "./connect.js"
import { crossAttention, type MemoryContext } from "./cross-attention.js"
import type { Layer, MaskContext, None } from "./layer.js"
import { layerNorm } from "./layer-norm.js"
import type { ScaleAndBias } from "./normalize.js"
import { layerRecipe } from "./recipe.js"

/** How a decoder's block attends, and how large it is. */
export interface DecoderBlockOptions extends BlockOptionsOf<typeof blockFields> {}

/** The parameters of a decoder's block. */
export type DecoderBlockParams = TransformerBlockParams & {
  readonly cross: AttentionParams
  readonly norm3: ScaleAndBias
}

/** The state of a decoder's block. */
export type DecoderBlockState<S> = TransformerBlockState<S> & { readonly cross: None; readonly norm3: None }

const decoder = <S extends object, C extends object>(attention: Attends<S, C>, of: Block) => {
  const { heads, keyValueHeads, dropout, kernel, epsilon } = of
  const cross: Attends<None, MemoryContext> = crossAttention({ heads, keyValueHeads, dropout, kernel })
  const parts = { ...partsOf(attention, of), cross, norm3: layerNorm({ epsilon }) }
  return connect("decoderBlock", parts, (call, x: Tensor) => {
    const { norm1, attention, norm2, cross, norm3, up, drop, down } = call
    const attended = withShortcut(of, drop, norm1, attention, x)
    const informed = withShortcut(of, drop, norm2, cross, attended)
    return withShortcut(of, drop, norm3, feedForward(of, up, drop, down), informed)
  })
}

/**
 * Makes the block of which decoders are stacked: a causal `transformerBlock` in which places, after they attended to each other,
 * attend to a memory, also beside a shortcut, with `norm2`; the dense layers then have `norm3`.
 *
 * Shapes: `[batch, places, width] → [batch, places, width]`. Context: `memory` and `memoryMask` as of `crossAttention`, `mask` as of
 * `multiHeadAttention`. Options and errors as of `transformerBlock`, but for `causal`, which it always is.
 *
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.1; PyTorch's `TransformerDecoderLayer`, under a causal `tgt_mask`.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { decoderBlock } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const [layer, x, memory] = [decoderBlock({ heads: 2, hidden: 16 }), zeros([1, 3, 8]), zeros([1, 5, 8])]
 * const { params, state } = layer.init(key(0), x, { memory })
 * assert.deepStrictEqual(layer.apply(params, state, x, { training: false, memory })[0].shape, [1, 3, 8])
 */
export const decoderBlock: Recipe<
  typeof blockFields,
  (
    options: DecoderBlockOptions
  ) => Layer<DecoderBlockParams, DecoderBlockState<None>, Tensor, Tensor, MaskContext & MemoryContext>
> = /* @__PURE__ */ layerRecipe("decoderBlock", blockFields, of => decoder(selfAttention(of, true), of))

/**
 * Makes a `decoderBlock` that is told of its places a few at a time, by `cachedAttention`. Parameters are those of
 * `decoderBlock`; options too, and `length`, how many places there may be. The mask is that of `cachedAttention`.
 *
 * Law: it gives what `decoderBlock` gives for all places at once.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { cachedDecoderBlock } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = cachedDecoderBlock({ heads: 2, hidden: 16, length: 10 })
 * const [x, memory] = [zeros([1, 1, 8]), zeros([1, 5, 8])]
 * const { params, state } = layer.init(key(0), x, { memory })
 * const [, after] = layer.apply(params, state, x, { training: false, memory })
 * assert.deepStrictEqual(after.attention.values.shape, [1, 2, 10, 4])
 */
export const cachedDecoderBlock: Recipe<
  typeof cachedBlockFields,
  (
    options: CachedBlockOptions
  ) => Layer<DecoderBlockParams, DecoderBlockState<AttentionCache>, Tensor, Tensor, MaskContext & MemoryContext>
> = /* @__PURE__ */ layerRecipe("cachedDecoderBlock", cachedBlockFields, ({ length, ...of }) =>
  decoder(cachedSelfAttention(of, length), of)
)
