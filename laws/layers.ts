import fc from "fast-check"
import { compile, concat, evaluate, mul, sliceAxis, Tree, zerosLike, type Tensor } from "thalweg"
import { sequential, type Layer, type Mode, type pretrained } from "thalweg/nn"
import { key, normal } from "thalweg/random"
import { fromModelSpec, type ModelSpec } from "thalweg/spec"
import { range } from "./arbitrary/numbers.js"
import { exact, relative, unfused } from "./equality.js"
import { law, type Law } from "./law.js"

/** A model as data, and a batch for it. */
interface Sample {
  readonly spec: ModelSpec
  readonly input: Tensor
  readonly seed: number
}

const spec = (layer: ModelSpec["layer"], options: object = {}): ModelSpec => ({ layer, options }) as ModelSpec

/** Layers that give as many features as they take, for inputs of any rank. */
const keeping = (features: number): fc.Arbitrary<ModelSpec> =>
  fc.constantFrom(
    spec("dense", { units: features }),
    spec("activation", { f: "tanh" }),
    spec("dropout", { rate: 0.5 }),
    spec("layerNorm"),
    spec("rmsNorm"),
    spec("prelu")
  )

/** The same, of others: one after the other, beside each other, around a shortcut, in a loop. */
const composed = (inner: fc.Arbitrary<ModelSpec>): fc.Arbitrary<ModelSpec> =>
  fc.oneof(
    fc.array(inner, { minLength: 1, maxLength: 3 }).map(of => spec("sequential", { of })),
    fc.record({ first: inner, second: inner }).map(of => spec("sequential", { of })),
    inner.map(of => spec("residual", { of })),
    inner.map(of => spec("repeat", { times: 2, of }))
  )

const onFeatures = (features: number): fc.Arbitrary<ModelSpec> =>
  fc.oneof(keeping(features), composed(keeping(features)), composed(composed(keeping(features))))

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
  fc.constant(spec("positions", { length: 4 })),
  onFeatures(4)
)

const onImages: fc.Arbitrary<ModelSpec> = fc.constantFrom(
  spec("conv2d", { outputs: 2, window: 3, padding: "same" }),
  spec("conv2d", { outputs: 4, window: 2, strides: 2, groups: 2, bias: false }),
  spec("convTranspose2d", { outputs: 2, window: 2, strides: 2 }),
  spec("separableConv2d", { outputs: 3, window: 2 }),
  spec("maxPool", { window: 2 }),
  spec("averagePool", { window: 2, padding: "same" }),
  spec("adaptiveAveragePool", { size: 2 }),
  spec("globalMaxPool"),
  spec("upsample", { factor: 2 }),
  spec("batchNorm"),
  spec("groupNorm", { groups: 2 }),
  spec("instanceNorm"),
  spec("spatialDropout", { rate: 0.5 }),
  spec("flatten")
)

/** A batch of a shape, and a model for it. */
const modelOn = (shape: readonly number[], models: fc.Arbitrary<ModelSpec>): fc.Arbitrary<Sample> =>
  fc
    .record({ spec: models, batch: fc.integer({ min: 1, max: 3 }), seed: fc.nat(99) })
    .map(({ spec, batch, seed }) => ({ spec, seed, input: normal(key(seed), [batch, ...shape]) }))

const model: fc.Arbitrary<Sample> = fc.oneof(
  modelOn([3], onFeatures(3)),
  modelOn([3, 4], onPlaces),
  modelOn([4, 4, 4], onImages)
)

type Made = Layer<Tree, Tree>

/** A layer and what it starts from. */
const started = (make: typeof fromModelSpec, { spec, input, seed }: Sample) => {
  const layer = make(spec) as Made
  return { layer, ...layer.init(key(seed), input) }
}

const trainedBy = (seed: number): Mode => ({ training: true, key: key(seed) })
const still: Mode = { training: false }

/**
 * Lists the laws of every layer, over random models: a state keeps its structure, every example is treated as if it were the only
 * one, what is drawn at the start does not depend on values, and compiling changes nothing.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, layerLaws } from "thalweg/laws"
 * import { fromModelSpec } from "thalweg/spec"
 *
 * assert(checkAll(layerLaws(fromModelSpec), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const layerLaws = (make: typeof fromModelSpec): readonly Law[] => [
  law("the state of a layer keeps its structure, shapes and dtypes", exact, model, sample => {
    const { layer, params, state } = started(make, sample)
    const after = [still, trainedBy(1)].map(mode => layer.apply(params, state, sample.input, mode)[1])
    const like = Tree.map(zerosLike)
    return [after.map(like), after.map(() => like(state))]
  }),
  law("a layer that is not trained treats every example as if it were alone", relative(1e-5, 1e-3), model, sample => {
    const { layer, params, state } = started(make, sample)
    const alone = range(sample.input.shape[0] ?? 0).map(i =>
      layer.apply(params, state, sliceAxis(sample.input, 0, i, i + 1), still)
    )
    return [layer.apply(params, state, sample.input, still)[0], concat(alone.map(([output]) => output))]
  }),
  law("what a layer draws at the start depends on shapes, not on values", exact, model, sample => {
    const { layer, params, state } = started(make, sample)
    const other = layer.init(key(sample.seed), mul(sample.input, 1000))
    return [
      [other.params, other.state],
      [params, state]
    ]
  }),
  law("a layer is the same when it is compiled, also while it is trained", exact, model, sample => {
    const { layer, params, state } = started(make, sample)
    const [p, s] = evaluate([params, state] as const)
    const run = (input: Tensor, key: Tensor): Tree => [...layer.apply(p, s, input, { training: true, key })]
    // batch normalization wants two values of each channel at least, which these inputs have
    return [compile(run, unfused)(sample.input, key(1)), run(sample.input, key(1))]
  })
]

/** Models of which some have a state that training moves, and draw while they are trained. */
const learning: fc.Arbitrary<Sample> = fc.oneof(
  model,
  modelOn(
    [4, 4, 4],
    fc.constant(spec("sequential", { of: [spec("batchNorm"), spec("spatialDropout", { rate: 0.5 })] }))
  )
)

/**
 * Lists the laws of `pretrained`, over random models: a layer begins with what it is given, and is otherwise what it was.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, pretrainedLaws } from "thalweg/laws"
 * import { pretrained } from "thalweg/nn"
 *
 * assert(checkAll(pretrainedLaws(pretrained), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const pretrainedLaws = (begin: typeof pretrained): readonly Law[] => [
  law("a pretrained layer begins with what it is given, also as a part of others", exact, learning, sample => {
    const { layer, params, state } = started(fromModelSpec, sample)
    const [, learnt] = layer.apply(params, state, sample.input, trainedBy(1))
    const whole = sequential({ part: begin(params, learnt)(layer) }).init(key(sample.seed + 1), sample.input)
    return [
      [whole.params.part, whole.state.part],
      [params, learnt]
    ]
  }),
  law("a layer that is pretrained with what it would draw is that layer", exact, learning, sample => {
    const { layer, params, state } = started(fromModelSpec, sample)
    const run = ({ init, apply }: Made): Tree => {
      const begun = init(key(sample.seed), sample.input)
      return [...apply(begun.params, begun.state, sample.input, trainedBy(1))]
    }
    return [run(begin(params, state)(layer)), run(layer)]
  })
]
