import { and, any, compile, concat, evaluate, mul, ne, sliceAxis, Tree, zerosLike, type Tensor } from "thalweg"
import { sequential, type inference, type pretrained, type SomeLayer } from "thalweg/nn"
import { key, normal } from "thalweg/random"
import { fromModelSpec, type ModelSpec } from "thalweg/spec"
import { causal, learning, model, still, trainedBy, type Made, type ModelSample } from "./arbitrary/model.js"
import { range } from "./arbitrary/numbers.js"
import { exact, relative, unfused } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

/** A layer and what it starts from. */
const started = (make: (spec: ModelSpec) => SomeLayer, { spec, input, seed }: ModelSample) => {
  const layer = make(spec) as Made
  return { layer, ...layer.init(key(seed), input) }
}

/** Trees of examples as one batch. */
const together = (trees: readonly Tree[]): Tree =>
  trees.reduce((a, b) => Tree.zipWith((a: Tensor, b: Tensor) => concat([a, b]))(a, b))

/**
 * Lists the laws of every layer, over random models: a state keeps its structure, every example is treated as if it were the only
 * one, what is drawn at the start depends on the key and not on values, and compiling changes nothing; causal models do not look ahead.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, layerLaws } from "thalweg/laws"
 * import { fromModelSpec, type ModelSpec } from "thalweg/spec"
 *
 * assert(checkAll(layerLaws(fromModelSpec), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const layerLaws = (make: (spec: ModelSpec) => SomeLayer): readonly Law[] => [
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
    return [layer.apply(params, state, sample.input, still)[0], together(alone.map(([output]) => output))]
  }),
  law("what a layer draws at the start depends on shapes, not on values", exact, model, sample => {
    const { layer, params, state } = started(make, sample)
    const other = layer.init(key(sample.seed), mul(sample.input, 1000))
    return [
      [other.params, other.state],
      [params, state]
    ]
  }),
  law("kernels and tables that a layer draws at the start depend on its key", exact, model, sample => {
    const { layer, params } = started(make, sample)
    const other = Tree.flatten(layer.init(key(sample.seed + 1), sample.input).params).leaves
    const drawn = Tree.paths(params).map(path => /(^|\/)(kernel|recurrent|table)$/.test(path))
    const differ = Tree.flatten(params).leaves.map((leaf, i) =>
      and(any(ne(leaf, other[i] as Tensor)), drawn[i] === true)
    )
    return [differ, drawn.map(truth)]
  }),
  law("a layer is the same when it is compiled, also while it is trained", exact, model, sample => {
    const { layer, params, state } = started(make, sample)
    const [p, s] = evaluate([params, state] as const)
    const run = (input: Tensor, key: Tensor): Tree => [...layer.apply(p, s, input, { training: true, key })]
    // batch normalization wants two values of each channel at least, which these inputs have
    return [compile(run, unfused)(sample.input, key(1)), run(sample.input, key(1))]
  }),
  law("a causal model does not look ahead", relative(1e-5, 1e-3), causal, sample => {
    const { layer, params, state } = started(make, sample)
    const { input, seed } = sample
    const seen = 1 + (seed % 2)
    const first = (x: Tensor): Tensor => sliceAxis(x, 1, 0, seen)
    const changed = concat([first(input), sliceAxis(normal(key(seed + 1), input.shape), 1, seen, 3)], 1)
    const run = (x: Tensor): Tensor => first(layer.apply(params, state, x, still)[0])
    return [run(changed), run(input)]
  })
]

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

/**
 * Lists the law of `inference`, over random models: in training too, a layer gives what it gives otherwise, and its state stays.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, inferenceLaws } from "thalweg/laws"
 * import { inference } from "thalweg/nn"
 *
 * assert(checkAll(inferenceLaws(inference), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const inferenceLaws = (still: typeof inference): readonly Law[] => [
  law("in inference, a layer that is trained is what it is otherwise, and its state stays", exact, learning, sample => {
    const { layer, params, state } = started(fromModelSpec, sample)
    const begun = still(layer).init(key(sample.seed), sample.input)
    return [
      [begun.params, ...still(layer).apply(params, state, sample.input, trainedBy(1))],
      [params, layer.apply(params, state, sample.input, { training: false })[0], state]
    ]
  })
]
