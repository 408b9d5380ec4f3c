import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, fixed, flag, named, type OptionsOf, type Resolved } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { gelu } from "./activation.js"
import { activations } from "./activation-catalogue.js"
import type { Affine, Bias, BiasOption } from "./affine.js"
import { attentionFields, rotaryField, type AttentionParams, type MaskContext } from "./attention.js"
import { cachedAttention, type CachedAttentionOptions, type AttentionCache } from "./cached-attention.js"
import { connect } from "./connect.js"
import { crossAttention, type MemoryContext } from "./cross-attention.js"
import { dense } from "./dense.js"
import { dropout } from "./dropout.js"
import { featuresOf } from "./input.js"
import type { Layer, None } from "./layer.js"
import { layerNorm } from "./layer-norm.js"
import type { ScaleAndBias } from "./normalize.js"
import { multiHeadAttention } from "./multi-head-attention.js"
import { layerRecipe } from "./recipe.js"

const { heads, keyValueHeads, dropout: rate, kernel } = attentionFields

const blockFields = {
  heads,
  keyValueHeads,
  ...rotaryField,
  /** How many features there are between the two dense layers, a whole number from 1. */
  hidden: fixed(positiveInteger),
  /** What is applied between them, which may halve the features. Default `gelu`. */
  activation: named<(x: Tensor) => Tensor, (x: Tensor) => Tensor>(activations, gelu),
  /** Whether each part normalizes what it takes, or what it gives and the input together. Default "before". */
  norm: choice(["before", "after"], "before"),
  /** ε > 0 of the normalizations. Default 1e-5. */
  epsilon: layerNorm.fields.epsilon,
  /** The share that is dropped while training: of weights of attention, of hidden features, of what each part gives. */
  dropout: rate,
  kernel
}
const blockWithMask = {
  ...blockFields,
  /** Whether a place sees none that come after it. Default false. */
  causal: flag(false)
}
const cachedFields = { ...blockFields, length: cachedAttention.fields.length }

/** How an encoder's block attends, and how large it is. */
export interface TransformerBlockOptions
  extends
    Pick<OptionsOf<typeof attentionFields>, "heads" | "keyValueHeads">,
    OptionsOf<typeof rotaryField>,
    Pick<BiasOption<Bias>, "kernel">,
    OptionsOf<typeof blockWithMask> {}
/** How a decoder's block attends, and how large it is. */
export interface DecoderBlockOptions
  extends
    Pick<OptionsOf<typeof attentionFields>, "heads" | "keyValueHeads">,
    OptionsOf<typeof rotaryField>,
    Pick<BiasOption<Bias>, "kernel">,
    OptionsOf<typeof blockFields> {}
/** The same, and how many places there may be. */
export interface CachedBlockOptions
  extends
    Pick<OptionsOf<typeof attentionFields>, "heads" | "keyValueHeads">,
    OptionsOf<typeof rotaryField>,
    Pick<BiasOption<Bias>, "kernel">,
    Pick<CachedAttentionOptions, "length">,
    OptionsOf<typeof cachedFields> {}

/** The parameters of an encoder's block. */
export type TransformerBlockParams = {
  readonly norm1: ScaleAndBias
  readonly attention: AttentionParams
  readonly norm2: ScaleAndBias
  readonly up: Affine
  readonly down: Affine
  readonly drop: None
}
/** The parameters of a decoder's block. */
export type DecoderBlockParams = TransformerBlockParams & {
  readonly cross: AttentionParams
  readonly norm3: ScaleAndBias
}
/** The state of an encoder's block: that of what attends. */
export type TransformerBlockState<S> = {
  readonly norm1: None
  readonly attention: S
  readonly norm2: None
  readonly up: None
  readonly down: None
  readonly drop: None
}
/** The state of a decoder's block. */
export type DecoderBlockState<S> = TransformerBlockState<S> & { readonly cross: None; readonly norm3: None }

type Block = Resolved<typeof blockFields>
type Apply = (x: Tensor) => Tensor
type Attends<S extends object, C extends object> = Layer<AttentionParams, S, Tensor, Tensor, C>

/** A dense layer to as many features as another tensor has. */
const denseLike = (kernel: Block["kernel"]): Layer<Affine, None, { readonly x: Tensor; readonly like: Tensor }> => {
  const toWidth = (units: number) => dense({ units, kernel })
  return {
    name: "dense",
    init: (key, { x, like }) => toWidth(featuresOf("dense", like)).init(key, x),
    apply: (params, state, { x, like }, mode) => toWidth(featuresOf("dense", like)).apply(params, state, x, mode)
  }
}

/** What blocks share. */
const commonParts = ({ hidden, dropout: rate, kernel, epsilon }: Block) => ({
  norm1: layerNorm({ epsilon, bias: true }),
  norm2: layerNorm({ epsilon, bias: true }),
  up: dense({ units: hidden, kernel }),
  down: denseLike(kernel),
  drop: dropout({ rate })
})

/** A part of a block beside its shortcut. */
const beside = ({ norm: place }: Block, drop: Apply, norm: Apply, part: Apply, x: Tensor): Tensor =>
  place === "before" ? add(x, drop(part(norm(x)))) : norm(add(x, drop(part(x))))

const encoder = <S extends object, C extends object>(attention: Attends<S, C>, of: Block) =>
  connect("transformerBlock", { ...commonParts(of), attention }, (call, x: Tensor) => {
    const { norm1, attention, norm2, up, down, drop } = call
    const forward: Apply = z => down({ x: drop(of.activation(up(z))), like: z })
    const attended = beside(of, drop, norm1, attention, x)
    return beside(of, drop, norm2, forward, attended)
  })

const decoder = <S extends object, C extends object>(attention: Attends<S, C>, of: Block) => {
  const { heads, keyValueHeads, dropout: rate, kernel, epsilon } = of
  const cross: Attends<None, MemoryContext> = crossAttention({ heads, keyValueHeads, dropout: rate, kernel })
  const parts = { ...commonParts(of), attention, cross, norm3: layerNorm({ epsilon, bias: true }) }
  return connect("decoderBlock", parts, (call, x: Tensor) => {
    const { norm1, attention, norm2, cross, norm3, up, down, drop } = call
    const forward: Apply = z => down({ x: drop(of.activation(up(z))), like: z })
    const attended = beside(of, drop, norm1, attention, x)
    const informed = beside(of, drop, norm2, cross, attended)
    return beside(of, drop, norm3, forward, informed)
  })
}

/** What a block hands on to what attends. */
const attending = ({ heads, keyValueHeads, rotary, dropout, kernel }: Block) => ({
  heads,
  keyValueHeads,
  rotary,
  dropout,
  kernel
})

const whole = (of: Block, causal: boolean): Attends<None, MaskContext> =>
  multiHeadAttention({ ...attending(of), causal })
const cached = (of: Block, length: number): Attends<AttentionCache, object> =>
  cachedAttention({ ...attending(of), length })

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
  typeof blockWithMask,
  (
    options: TransformerBlockOptions
  ) => Layer<TransformerBlockParams, TransformerBlockState<None>, Tensor, Tensor, MaskContext>
> = /* @__PURE__ */ layerRecipe("transformerBlock", blockWithMask, ({ causal, ...of }) =>
  encoder(whole(of, causal), of)
)

/**
 * Makes a causal `transformerBlock` that is told of its places a few at a time, by `cachedAttention`. Parameters are those of
 * `transformerBlock`; options too, but for `causal`, and `length`, how many places there may be.
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
  typeof cachedFields,
  (options: CachedBlockOptions) => Layer<TransformerBlockParams, TransformerBlockState<AttentionCache>>
> = /* @__PURE__ */ layerRecipe("cachedTransformerBlock", cachedFields, ({ length, ...of }) =>
  encoder(cached(of, length), of)
)

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
> = /* @__PURE__ */ layerRecipe("decoderBlock", blockFields, of => decoder(whole(of, true), of))

/**
 * Makes a `decoderBlock` that is told of its places a few at a time, by `cachedAttention`. Parameters are those of
 * `decoderBlock`; options too, and `length`, how many places there may be.
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
  typeof cachedFields,
  (
    options: CachedBlockOptions
  ) => Layer<DecoderBlockParams, DecoderBlockState<AttentionCache>, Tensor, Tensor, MemoryContext>
> = /* @__PURE__ */ layerRecipe("cachedDecoderBlock", cachedFields, ({ length, ...of }) =>
  decoder(cached(of, length), of)
)
