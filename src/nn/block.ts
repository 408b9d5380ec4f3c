import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, fixed, named, type OptionsOf, type Resolved } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { gelu } from "./activation/smooth.js"
import { activationTable } from "./activation/catalogue.js"
import type { Affine } from "./affine.js"
import { attentionFields, rotaryField, type AttentionParams } from "./attention.js"
import { cachedAttention, type AttentionCache, type CachedAttentionOptions } from "./cached-attention.js"
import { dense } from "./dense.js"
import { dropout } from "./dropout.js"
import { featuresOf } from "./input.js"
import { specOf, type Layer, type MaskContext, type None } from "./layer.js"
import { layerNorm } from "./layer-norm.js"
import { multiHeadAttention } from "./multi-head-attention.js"
import type { ScaleAndBias } from "./normalize.js"

const { heads, keyValueHeads, dropout: rate, kernel } = attentionFields

/** The options of all blocks. */
export const blockFields = {
  heads,
  keyValueHeads,
  ...rotaryField,
  /** How many features there are between the two dense layers, a whole number from 1. */
  hidden: fixed(positiveInteger),
  /** What is applied between them, which may halve the features. Default `gelu`. */
  activation: named<(x: Tensor) => Tensor, (x: Tensor) => Tensor>(activationTable, gelu),
  /** Whether each part normalizes what it takes, or what it gives and the input together. Default "before". */
  norm: choice(["before", "after"], "before"),
  /** ε > 0 of the normalizations. Default 1e-5. */
  epsilon: layerNorm.fields.epsilon,
  /** The share that is dropped while training: of weights of attention, of hidden features, of what each part gives. Default 0. */
  dropout: rate,
  /** How all kernels are drawn. Default `glorotUniform`. */
  kernel
}

/** The options of blocks that are told of their places a few at a time. */
export const cachedBlockFields = { ...blockFields, length: cachedAttention.fields.length }

/** What the fields of a block describe; those that come from elsewhere have their words there. */
export type BlockOptionsOf<Fs extends typeof blockFields> = OptionsOf<
  Pick<typeof attentionFields, "heads" | "keyValueHeads"> & typeof rotaryField & typeof blockFields & Fs
>

/** How a block attends, how many places there may be, and how large it is. */
export interface CachedBlockOptions
  extends Pick<CachedAttentionOptions, "length">, BlockOptionsOf<typeof cachedBlockFields> {}

/** The parameters of an encoder's block. */
export type TransformerBlockParams = {
  readonly norm1: ScaleAndBias
  readonly attention: AttentionParams
  readonly norm2: ScaleAndBias
  readonly up: Affine
  readonly down: Affine
  readonly drop: None
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

/** The options of a block, with their defaults. */
export type Block = Resolved<typeof blockFields>

/** What places attend by. */
export type Attends<S extends object, C extends object> = Layer<AttentionParams, S, Tensor, Tensor, C>

type Apply = (x: Tensor) => Tensor
type ToWidth = { readonly x: Tensor; readonly like: Tensor }

/** A dense layer to as many features as another tensor has. */
const denseLike = (kernel: Block["kernel"]): Layer<Affine, None, ToWidth> => {
  const toWidth = (units: number) => dense({ units, kernel })
  return {
    name: "dense",
    spec: specOf("dense", { kernel }), // the units are the input's to say
    init: (key, { x, like }) => toWidth(featuresOf("dense", like)).init(key, x),
    apply: (params, state, { x, like }, mode) => toWidth(featuresOf("dense", like)).apply(params, state, x, mode)
  }
}

/** The parts of a block: what attends, and what all blocks have. */
export const partsOf = <S extends object, C extends object>(attention: Attends<S, C>, of: Block) => ({
  norm1: layerNorm({ epsilon: of.epsilon }),
  attention,
  norm2: layerNorm({ epsilon: of.epsilon }),
  up: dense({ units: of.hidden, kernel: of.kernel }),
  down: denseLike(of.kernel),
  drop: dropout({ rate: of.dropout })
})

/** A part of a block beside its shortcut. */
export const withShortcut = ({ norm: place }: Block, drop: Apply, norm: Apply, part: Apply, x: Tensor): Tensor =>
  place === "before" ? add(x, drop(part(norm(x)))) : norm(add(x, drop(part(x))))

/** The two dense layers of a block. */
export const feedForward =
  ({ activation }: Block, up: Apply, drop: Apply, down: (x: ToWidth) => Tensor): Apply =>
  x =>
    down({ x: drop(activation(up(x))), like: x })

/** What a block hands on to what attends. */
const attentionOptions = ({ heads, keyValueHeads, rotary, dropout, kernel }: Block) => ({
  heads,
  keyValueHeads,
  rotary,
  dropout,
  kernel
})

/** Attention to all places at once. */
export const selfAttention = (of: Block, causal: boolean): Attends<None, MaskContext> =>
  multiHeadAttention({ ...attentionOptions(of), causal })

/** Attention that is told of its places a few at a time. */
export const cachedSelfAttention = (of: Block, length: number): Attends<AttentionCache, MaskContext> =>
  cachedAttention({ ...attentionOptions(of), length })
