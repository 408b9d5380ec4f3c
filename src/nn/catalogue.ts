import { isList } from "../dataflow/describe.js"
import { underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import {
  layerField,
  layersField,
  fixed,
  named,
  type AnyFields,
  type OptionsOf,
  type Resolved
} from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Described } from "../options/recipe.js"
import { resolve } from "../options/resolve.js"
import { activation } from "./activation.js"
import { activationTable } from "./activation/catalogue.js"
import { bidirectional, bidirectionalFields } from "./bidirectional.js"
import { branch, parallel, residual } from "./combine.js"
import { dense } from "./dense.js"
import { depthwiseConv2d } from "./depthwise-conv.js"
import { dropout, spatialDropout } from "./dropout.js"
import { gruCell } from "./gru-cell.js"
import { lstmCell } from "./lstm-cell.js"
import { rnnCell } from "./rnn-cell.js"
import { convTranspose1d, convTranspose2d } from "./conv-transpose.js"
import { conv1d, conv2d } from "./conv.js"
import { separableConv2d } from "./separable-conv.js"
import { adaptiveAveragePool, adaptiveMaxPool } from "./adaptive-pool.js"
import { flatten } from "./flatten.js"
import { globalAveragePool, globalMaxPool } from "./global-pool.js"
import { groupNorm, instanceNorm } from "./group-norm.js"
import { inference } from "./inference.js"
import { averagePool, maxPool } from "./pool.js"
import { reshape } from "./reshape.js"
import { upsample } from "./upsample.js"
import { batchNorm } from "./batch-norm.js"
import { embedding } from "./embedding.js"
import { layerNorm } from "./layer-norm.js"
import { multiHeadAttention } from "./multi-head-attention.js"
import { cachedPositions, cachedSinusoidalPositions, positions, sinusoidalPositions } from "./positions.js"
import { rmsNorm } from "./rms-norm.js"
import { cachedAttention } from "./cached-attention.js"
import { crossAttention } from "./cross-attention.js"
import { cachedDecoderBlock, decoderBlock } from "./decoder-block.js"
import { cachedTransformerBlock, transformerBlock } from "./transformer-block.js"
import { prelu } from "./prelu.js"
import { frozen, type Parts, type SomeLayer, type Stateless } from "./layer.js"
import { givenSpec } from "./recipe.js"
import { recurrent, recurrentFields, stateful } from "./recurrent.js"
import { repeat } from "./repeat.js"
import { sequential } from "./sequential.js"

/** A layer that is made of other layers or of a function, as it would be made of a record of options, which it keeps. */
const made = <Fs extends AnyFields>(
  title: string,
  fields: Fs,
  make: (options: Resolved<Fs>) => SomeLayer
): Described<Fs, SomeLayer> => ({
  title,
  fields,
  traits: {},
  make: (options: OptionsOf<Fs>) => {
    const checked = resolve(title, fields, options)
    return frozen({ ...make(checked), spec: givenSpec(title, checked, options) })
  }
})

/** Says of mistakes in parts that they are below `of`, where parts stand as data. */
const inOf = <A>(make: () => A): A => underPath("of", make)

/** The layers that can be data, by name. */
export const layers = {
  activation: made("activation", { f: named<(x: Tensor) => Tensor>(activationTable) }, ({ f }) => activation(f)),
  adaptiveAveragePool,
  adaptiveMaxPool,
  averagePool,
  batchNorm,
  bidirectional: made("bidirectional", { ...bidirectionalFields, of: layerField }, ({ of, ...options }) =>
    bidirectional(options)(of as Stateless)
  ),
  branch: made("branch", { of: layersField }, ({ of }) => inOf(() => branch(of as Parts))),
  cachedAttention,
  cachedDecoderBlock,
  cachedPositions,
  cachedSinusoidalPositions,
  cachedTransformerBlock,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  crossAttention,
  decoderBlock,
  dense,
  depthwiseConv2d,
  dropout,
  embedding,
  flatten,
  globalAveragePool,
  globalMaxPool,
  groupNorm,
  gruCell,
  inference: made("inference", { of: layerField }, ({ of }) => inference(of as SomeLayer)),
  instanceNorm,
  layerNorm,
  lstmCell,
  maxPool,
  multiHeadAttention,
  parallel: made("parallel", { of: layersField }, ({ of }) => inOf(() => parallel(of as Parts))),
  positions,
  prelu,
  recurrent: made("recurrent", { ...recurrentFields, of: layerField }, ({ of, ...options }) =>
    recurrent(options)(of as Stateless)
  ),
  repeat: made("repeat", { times: fixed(positiveInteger), of: layerField }, ({ times, of }) =>
    repeat(times)(of as SomeLayer)
  ),
  reshape,
  residual: made("residual", { of: layerField }, ({ of }) => residual(of as Stateless)),
  rmsNorm,
  rnnCell,
  separableConv2d,
  sequential: made("sequential", { of: layersField }, ({ of }) =>
    inOf(() => (isList(of) ? sequential(...(of as readonly never[])) : sequential(of as Parts)))
  ),
  sinusoidalPositions,
  spatialDropout,
  stateful: made("stateful", { ...recurrentFields, of: layerField }, ({ of, ...options }) =>
    stateful(options)(of as Stateless)
  ),
  transformerBlock,
  upsample
}
