import type { Tensor } from "../dataflow/primitive.js"
import { flag } from "../options/fields.js"
import type { Recipe } from "../options/recipe.js"
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
import type { Layer, MaskContext, None } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  ...blockFields,
  /** Whether a place sees none that come after it. Default false. */
  causal: flag(false)
}

/** How an encoder's block attends, and how large it is. */
export interface TransformerBlockOptions extends BlockOptionsOf<typeof fields> {}

const encoder = <S extends object, C extends object>(attention: Attends<S, C>, of: Block) =>
  connect("transformerBlock", partsOf(attention, of), ({ norm1, attention, norm2, up, drop, down }, x: Tensor) => {
    const attended = withShortcut(of, drop, norm1, attention, x)
    return withShortcut(of, drop, norm2, feedForward(of, up, drop, down), attended)
  })

/**
 * Makes the block of which encoders, and models of language, are stacked: places attend to each other, then each goes through
 * two dense layers, both beside a shortcut. With `norm: "before"`, `y = x + attention(norm1(x))`, `z = y + down(f(up(norm2(y))))`;
 * with "after", `y = norm1(x + attention(x))`, `z = norm2(y + down(f(up(y))))`.
 *
 * Shapes: `[batch, places, width] → [batch, places, width]`. Context: `mask`, as of `multiHeadAttention`. Options: `heads`,
 * `keyValueHeads`, `rotary`, `causal`, `dropout`, `kernel` as there; `hidden`, the features between the dense layers (half of
 * them with a gated `activation`, such as `swiglu`); `norm`, `epsilon`. Errors as there.
 *
 * Laws: those of `multiHeadAttention`. Stack it by `repeat`.
 * Source: Vaswani et al. 2017, arXiv 1706.03762 ("after"); Xiong et al. 2020, arXiv 2002.04745 ("before"). PyTorch's
 * `TransformerEncoderLayer`, whose activation is relu and whose `norm_first` is false by default; after a stack of blocks that
 * normalize before comes a `layerNorm`.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { dense, embedding, layerNorm, positions, repeat, sequential, transformerBlock } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const model = sequential({
 *   embed: embedding({ tokens: 100, features: 16 }),
 *   places: positions({ length: 32 }),
 *   blocks: repeat(2)(transformerBlock({ heads: 4, hidden: 64, causal: true })),
 *   norm: layerNorm(),
 *   head: dense({ units: 100 })
 * })
 * const ids = zeros([1, 8], "i32")
 * const { params, state } = model.init(key(0), ids)
 * assert.deepStrictEqual(params.blocks.each.attention.query.kernel.shape, [2, 16, 16])
 * assert.deepStrictEqual(model.apply(params, state, ids, { training: false })[0].shape, [1, 8, 100])
 */
export const transformerBlock: Recipe<
  typeof fields,
  (
    options: TransformerBlockOptions
  ) => Layer<TransformerBlockParams, TransformerBlockState<None>, Tensor, Tensor, MaskContext>
> = /* @__PURE__ */ layerRecipe("transformerBlock", fields, ({ causal, ...of }) =>
  encoder(selfAttention(of, causal), of)
)

/**
 * Makes a causal `transformerBlock` that is told of its places a few at a time, by `cachedAttention`. Parameters are those of
 * `transformerBlock`; options too, but for `causal`, and `length`, how many places there may be. The mask is that of `cachedAttention`.
 *
 * Law: it gives what the causal `transformerBlock` gives for all places at once.
 *
 * @example
 * import assert from "node:assert"
 * import { zeros } from "thalweg"
 * import { cachedTransformerBlock, repeat, transformerBlock } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const size = { heads: 2, hidden: 16 }
 * const { params } = repeat(3)(transformerBlock({ ...size, causal: true })).init(key(0), zeros([1, 10, 8]))
 * const generator = repeat(3)(cachedTransformerBlock({ ...size, length: 10 }))
 * const { state } = generator.init(key(0), zeros([1, 1, 8])) // one text, place by place
 * const [y, after] = generator.apply(params, state, zeros([1, 1, 8]), { training: false })
 * assert.deepStrictEqual([y.shape, after.each.attention.keys.shape], [[1, 1, 8], [3, 1, 2, 10, 4]])
 */
export const cachedTransformerBlock: Recipe<
  typeof cachedBlockFields,
  (
    options: CachedBlockOptions
  ) => Layer<TransformerBlockParams, TransformerBlockState<AttentionCache>, Tensor, Tensor, MaskContext>
> = /* @__PURE__ */ layerRecipe("cachedTransformerBlock", cachedBlockFields, ({ length, ...of }) =>
  encoder(cachedSelfAttention(of, length), of)
)
