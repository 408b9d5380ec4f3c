import fc from "fast-check"
import { type Tensor, type Tree } from "thalweg"
import type { Layer, Mode } from "thalweg/nn"
import { key, normal, randint } from "thalweg/random"
import type { ModelSpec } from "thalweg/spec"

/** A layer of whose parameters and state nothing is known. */
export type Made = Layer<Tree, Tree>

/** A model as data, and a batch for it. */
export interface ModelSample {
  readonly spec: ModelSpec
  readonly input: Tensor
  readonly seed: number
}

export const still: Mode = { training: false }
export const trainedBy = (seed: number): Mode => ({ training: true, key: key(seed) })

export const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })

const spec = (layer: ModelSpec["layer"], options: object = {}): ModelSpec => ({ layer, options }) as ModelSpec

/** Layers that give as many features as they take, and draw nothing while they are trained. */
const steady = (features: number): readonly ModelSpec[] => [
  spec("dense", { units: features }),
  spec("dense", { units: features, kernel: { initializer: "uniform", options: { min: -1, max: 0.5 } } }),
  spec("activation", { f: "tanh" }),
  spec("activation", { f: { activation: "leakyRelu", options: { slope: 0.25 } } }),
  spec("layerNorm"),
  spec("rmsNorm"),
  spec("prelu")
]

/** The same, of others: one after the other, beside each other, around a shortcut, in a loop. */
const composed = (inner: fc.Arbitrary<ModelSpec>): fc.Arbitrary<ModelSpec> =>
  fc.oneof(
    fc.array(inner, { minLength: 1, maxLength: 3 }).map(of => spec("sequential", { of })),
    fc.record({ first: inner, second: inner }).map(of => spec("sequential", { of })),
    inner.map(of => spec("residual", { of })),
    inner.map(of => spec("inference", { of })),
    inner.map(of => spec("repeat", { times: 2, of }))
  )

const nested = (layers: readonly ModelSpec[]): fc.Arbitrary<ModelSpec> => {
  const one = fc.constantFrom(...layers)
  return fc.oneof(one, composed(one), composed(composed(one)))
}

/** Models that give as many features as they take, for inputs of any rank. */
export const onFeatures = (features: number): fc.Arbitrary<ModelSpec> =>
  nested([...steady(features), spec("dropout", { rate: 0.5 })])

/** The same without draws, but with statistics that run along while a batch of two or more is trained on. */
export const running = (features: number): fc.Arbitrary<ModelSpec> => nested([...steady(features), spec("batchNorm")])

const cell = fc.constantFrom(
  spec("rnnCell", { units: 2 }),
  spec("lstmCell", { units: 2 }),
  spec("gruCell", { units: 2, bias: false })
)

const onPlaces: fc.Arbitrary<ModelSpec> = fc.oneof(
  cell.map(of => spec("recurrent", { of })),
  cell.map(of => spec("bidirectional", { of, give: "last" })),
  fc.boolean().map(causal => spec("multiHeadAttention", { heads: 2, causal })),
  fc.boolean().map(causal => spec("transformerBlock", { heads: 1, hidden: 3, causal, dropout: 0.25 })),
  fc.constantFrom(
    spec("positions", { length: 4 }),
    spec("sinusoidalPositions"),
    spec("conv1d", { outputs: 2, window: 2 }),
    spec("convTranspose1d", { outputs: 2, window: 2 })
  ),
  fc.record({ left: onFeatures(4), right: cell.map(of => spec("recurrent", { of })) }).map(of => spec("parallel", { of })), // prettier-ignore
  fc.record({ left: onFeatures(4), right: onFeatures(4) }).map(of => spec("branch", { of })),
  onFeatures(4)
)

const onImages: fc.Arbitrary<ModelSpec> = fc.constantFrom(
  spec("conv2d", { outputs: 2, window: 3, padding: "same" }),
  spec("conv2d", { outputs: 4, window: 2, strides: 2, groups: 2, bias: false }),
  spec("convTranspose2d", { outputs: 2, window: 2, strides: 2 }),
  spec("separableConv2d", { outputs: 3, window: 2 }),
  spec("depthwiseConv2d", { window: 2 }),
  spec("maxPool", { window: 2 }),
  spec("averagePool", { window: 2, padding: "same" }),
  spec("adaptiveAveragePool", { size: 2 }),
  spec("adaptiveMaxPool", { size: 3 }),
  spec("globalMaxPool"),
  spec("globalAveragePool"),
  spec("upsample", { factor: 2 }),
  spec("batchNorm"),
  spec("groupNorm", { groups: 2 }),
  spec("instanceNorm"),
  spec("spatialDropout", { rate: 0.5 }),
  spec("reshape", { shape: [8, 8] }),
  spec("flatten")
)

/** Models of tokens. */
const onTokens: fc.Arbitrary<ModelSpec> = onFeatures(3).map(after =>
  spec("sequential", { of: { embed: spec("embedding", { tokens: 5, features: 3 }), after } })
)

/** A batch, and a model for it. */
const modelOn = (
  draw: (key: Tensor, batch: number) => Tensor,
  models: fc.Arbitrary<ModelSpec>
): fc.Arbitrary<ModelSample> =>
  fc
    .record({ spec: models, batch: upTo(3), seed: fc.nat(99) })
    .map(({ spec, batch, seed }) => ({ spec, seed, input: draw(key(seed), batch) }))

const numbers =
  (...shape: readonly number[]) =>
  (key: Tensor, batch: number): Tensor =>
    normal(key, [batch, ...shape])

/** A model of one of the kinds, and a batch. */
export const model: fc.Arbitrary<ModelSample> = fc.oneof(
  { weight: 3, arbitrary: modelOn(numbers(3), onFeatures(3)) },
  { weight: 4, arbitrary: modelOn(numbers(3, 4), onPlaces) },
  { weight: 3, arbitrary: modelOn(numbers(4, 4, 4), onImages) },
  { weight: 1, arbitrary: modelOn((key, batch) => randint(key, [batch, 2], { min: 0, max: 5 }), onTokens) }
)

const forward = cell.map(of => spec("recurrent", { of }))

/** Layers whose places look back. */
const back = fc.oneof(
  forward,
  fc.constantFrom(1, 2).map(heads => spec("multiHeadAttention", { heads, causal: true })),
  fc
    .record({ norm: fc.constantFrom("before", "after"), rotary: fc.constantFrom(100, undefined) })
    .map(({ norm, rotary }) =>
      spec("transformerBlock", { heads: 1, hidden: 3, causal: true, norm, ...(rotary && { rotary }) })
    )
)

/** A causal model, also of several, and a batch of three places. */
export const causal: fc.Arbitrary<ModelSample> = modelOn(
  numbers(3, 4),
  fc.oneof(
    back,
    fc.tuple(back, forward).map(of => spec("sequential", { of: [spec("positions", { length: 3 }), ...of] })),
    fc
      .constantFrom(spec("transformerBlock", { heads: 2, hidden: 3, causal: true }))
      .map(of => spec("repeat", { times: 2, of }))
  )
)

/** Models of which some have a state that training moves, and draw while they are trained. */
export const learning: fc.Arbitrary<ModelSample> = fc.oneof(
  model,
  modelOn(
    numbers(4, 4, 4),
    fc.constant(spec("sequential", { of: [spec("batchNorm"), spec("spatialDropout", { rate: 0.5 })] }))
  )
)
