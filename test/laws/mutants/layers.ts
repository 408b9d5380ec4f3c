import { add, mean, sub, sum, Tree, type Tensor } from "thalweg"
import { inferenceLaws, layerLaws, pretrainedLaws } from "thalweg/laws"
import { pretrained, type inference, type Layer } from "thalweg/nn"
import { key } from "thalweg/random"
import { fromModelSpec, type ModelSpec } from "thalweg/spec"
import { mutant, type Mutants } from "./mutant.js"

type Made = Layer<Tree, Tree>

/** Layers that go wrong at some place. */
const wrong = (change: (layer: Made) => Partial<Made>) =>
  layerLaws(spec => {
    const layer = fromModelSpec(spec) as Made
    return { ...layer, ...change(layer) }
  })

let calls = 0

export const layerMutants: Mutants = {
  "the state of a layer keeps its structure, shapes and dtypes": [
    mutant(
      "grows while it is trained",
      wrong(({ apply }) => ({
        apply: (params, state, input, mode) => {
          const [output, after] = apply(params, state, input, mode)
          return [output, mode.training ? [after, after] : after]
        }
      }))
    )
  ],
  "a layer that is not trained treats every example as if it were alone": [
    mutant(
      "looks across the batch",
      wrong(({ apply }) => ({
        apply: (params, state, input, mode) =>
          apply(params, state, sub(input, mean(input, { axes: 0, keepDims: true })), mode)
      }))
    )
  ],
  "what a layer draws at the start depends on shapes, not on values": [
    mutant(
      "scales by the input",
      wrong(({ init }) => ({
        init: (key, input) => {
          const { params, state } = init(key, input)
          return { params: Tree.map((p: Tensor) => add(p, sum(input)))(params), state }
        }
      }))
    )
  ],
  "kernels and tables that a layer draws at the start depend on its key": [
    mutant(
      "has a key of its own",
      wrong(({ init }) => ({ init: (_, input) => init(key(1), input) }))
    )
  ],
  "a layer is the same when it is compiled, also while it is trained": [
    mutant(
      "counts its calls",
      wrong(({ apply }) => ({
        apply: (params, state, input, mode) => {
          const [output, after] = apply(params, state, input, mode)
          const made = calls++
          return [Tree.map((y: Tensor) => add(y, made))(output), after]
        }
      }))
    )
  ],
  "a causal model does not look ahead": [
    mutant(
      "adds the mean of all places",
      wrong(({ apply }) => ({
        apply: (params, state, input, mode) => {
          const [output, after] = apply(params, state, input, mode)
          return [add(output, mean(output, { axes: 1, keepDims: true })), after]
        }
      }))
    ),
    mutant(
      "forgets that it is causal",
      layerLaws(spec => fromModelSpec(JSON.parse(JSON.stringify(spec).replaceAll('"causal":true', '"causal":false')) as ModelSpec)) // prettier-ignore
    )
  ]
}

/** Another layer in place of the one that begins as it should. */
const begun = (change: (layer: Made, drawn: Made) => Partial<Made>) =>
  pretrainedLaws(((params: Tree, state: Tree) =>
    (layer: Made): Made => {
      const right = pretrained(params, state)(layer)
      return { ...right, ...change(right, layer) }
    }) as typeof pretrained)

export const pretrainedMutants: Mutants = {
  "a pretrained layer begins with what it is given, also as a part of others": [
    mutant(
      "draws its state",
      begun(({ init }, drawn) => ({
        init: (key, input) => ({ params: init(key, input).params, state: drawn.init(key, input).state })
      }))
    ),
    mutant(
      "draws its parameters",
      begun(({ init }, drawn) => ({
        init: (key, input) => ({ params: drawn.init(key, input).params, state: init(key, input).state })
      }))
    )
  ],
  "a layer that is pretrained with what it would draw is that layer": [
    mutant(
      "never trains",
      begun(({ apply }) => ({ apply: (params, state, input) => apply(params, state, input, { training: false }) }))
    )
  ]
}

/** Another layer in place of the one that runs as after training. */
const stilled = (change: (layer: Made) => Partial<Made>) =>
  inferenceLaws((layer => ({ ...layer, ...change(layer as unknown as Made) })) as typeof inference)

export const inferenceMutants: Mutants = {
  "in inference, a layer that is trained is what it is otherwise, and its state stays": [
    mutant(
      "is trained",
      stilled(() => ({}))
    ),
    mutant(
      "keeps its statistics only",
      stilled(({ apply }) => ({ apply: (params, state, x, mode) => [apply(params, state, x, mode)[0], state] }))
    ),
    mutant(
      "lets statistics move",
      stilled(({ apply }) => ({
        apply: (params, state, x, mode) => [
          apply(params, state, x, { training: false })[0],
          apply(params, state, x, mode)[1]
        ]
      }))
    )
  ]
}
