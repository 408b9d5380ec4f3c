export type * from "../options/types.js"
export type { Affine, AffineOf, AffineOptions, Bias, BiasOption, Kernel } from "./affine.js"
export { bidirectional, type BidirectionalOptions, type Directions } from "./bidirectional.js"
export type { CellParams, Hidden } from "./cell.js"
export { adaptiveAveragePool, adaptiveMaxPool, type AdaptivePoolOptions } from "./adaptive-pool.js"
export { batchNorm, type BatchNormOptions, type RunningStatistics } from "./batch-norm.js"
export { activation } from "./activation.js"
export * from "./activation/index.js"
export { branch, parallel, providing, residual } from "./combine.js"
export { connect, type Calls, type ContextsOf, type PartsParams, type PartsState } from "./connect.js"
export { conv1d, conv2d, type ConvOptions } from "./conv.js"
export { convTranspose1d, convTranspose2d, type ConvTransposeOptions } from "./conv-transpose.js"
export { maskedSoftmax, scaledDotProductAttention, type AttentionOptions } from "./attend.js"
export type { AttentionParams } from "./attention.js"
export { cachedAttention, type AttentionCache, type CachedAttentionOptions } from "./cached-attention.js"
export { crossAttention, type CrossAttentionOptions, type MemoryContext } from "./cross-attention.js"
export type { CachedBlockOptions, TransformerBlockParams, TransformerBlockState } from "./block.js"
export {
  cachedDecoderBlock,
  decoderBlock,
  type DecoderBlockOptions,
  type DecoderBlockParams,
  type DecoderBlockState
} from "./decoder-block.js"
export { dense, type DenseOptions } from "./dense.js"
export { depthwiseConv2d, type DepthwiseConvOptions } from "./depthwise-conv.js"
export { dropout, spatialDropout, type DropoutOptions } from "./dropout.js"
export { gruCell, type GruCellOptions, type GruParams } from "./gru-cell.js"
export { flatten } from "./flatten.js"
export { globalAveragePool, globalMaxPool } from "./global-pool.js"
export { groupNorm, instanceNorm, type GroupNormOptions, type InstanceNormOptions } from "./group-norm.js"
export { embedding, type EmbeddingOptions, type Table } from "./embedding.js"
export {
  constantInitializer,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  initializers,
  lecunNormal,
  lecunUniform,
  zerosInitializer,
  type Initializer
} from "./initializer.js"
export { identityInitializer, orthogonal, type GainOptions } from "./orthogonal.js"
export {
  normalInitializer,
  truncatedNormalInitializer,
  uniformInitializer,
  varianceScaling,
  type NormalInitializerOptions,
  type TruncatedNormalInitializerOptions,
  type UniformInitializerOptions,
  type VarianceScalingOptions
} from "./random-initializer.js"
export {
  stateless,
  type Closed,
  type ContextOf,
  type GivesOther,
  type Initial,
  type InputOf,
  type Layer,
  type LayerSpec,
  type MaskContext,
  type Mode,
  type NeedsNone,
  type None,
  type OfTensors,
  type OnTensors,
  type OntoItself,
  type OutputOf,
  type ParamsOf,
  type Parts,
  type SomeLayer,
  type Stateless,
  type StateOf
} from "./layer.js"
export { lengthMask } from "./length-mask.js"
export { lstmCell, type LstmCellOptions, type LstmState } from "./lstm-cell.js"
export { layerNorm, type LayerNormOptions } from "./layer-norm.js"
export * from "./loss/index.js"
export type { Scale, ScaleAndBias, ScaleOf } from "./normalize.js"
export { multiHeadAttention, type MultiHeadAttentionOptions } from "./multi-head-attention.js"
export * from "./metric/index.js"
export { observe, type Observed } from "./observe.js"
export {
  recurrent,
  stateful,
  type Give,
  type GivenBy,
  type InitialContext,
  type RecurrentOptions,
  type WithState
} from "./recurrent.js"
export {
  cachedPositions,
  cachedSinusoidalPositions,
  positions,
  sinusoidalPositions,
  type PlaceCount,
  type PositionsOptions,
  type SinusoidalPositionsOptions
} from "./positions.js"
export { inference } from "./inference.js"
export { pretrained } from "./pretrained.js"
export { prelu, type PreluOptions } from "./prelu.js"
export { repeat, type Stacked } from "./repeat.js"
export { rnnCell, type RnnCellOptions } from "./rnn-cell.js"
export { averagePool, maxPool, type PoolOptions } from "./pool.js"
export { reshape, type ReshapeOptions } from "./reshape.js"
export { separableConv2d, type SeparableConvOptions } from "./separable-conv.js"
export { rmsNorm, type RmsNormOptions } from "./rms-norm.js"
export { rotary, type RotaryOptions } from "./rotary.js"
export { sequential, type Sequential } from "./sequential.js"
export { summary, type SummaryOptions } from "./summary.js"
export { upsample, type UpsampleOptions } from "./upsample.js"
export { cachedTransformerBlock, transformerBlock, type TransformerBlockOptions } from "./transformer-block.js"
export { withParams } from "./with-params.js"
