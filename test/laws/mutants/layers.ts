import { add, mean, sub, sum, Tree, type Tensor } from "thalweg"
import { layerLaws } from "thalweg/laws"
import type { Layer } from "thalweg/nn"
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
  "a layer is the same when it is compiled, also while it is trained": [
    mutant(
      "counts its calls",
      wrong(({ apply }) => ({
        apply: (params, state, input, mode) => {
          const [output, after] = apply(params, state, input, mode)
          return [add(output, calls++), after]
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
