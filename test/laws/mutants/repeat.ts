import { add, at, div, stack, stopGradient, sub, Tree, type Tensor } from "thalweg"
import { repeatLaws } from "thalweg/laws"
import { repeat, type Layer } from "thalweg/nn"
import { mutant, type Mutants } from "./mutant.js"

type Made = Layer<Tree, Tree>

/** A repeat of which something is wrong. */
const wrongly = (change: (layer: Made, once: Made, times: number) => Partial<Made>) =>
  repeatLaws(((times: number) => (once: Made) => {
    const layer = repeat(times)(once) as unknown as Made
    return { ...layer, ...change(layer, once, times) }
  }) as unknown as typeof repeat)

/** The first depth of all, over and over. */
const first = (times: number): (<T extends Tree>(tree: T) => T) =>
  Tree.map((leaf: Tensor) => stack(Array.from({ length: times }, () => at(leaf, 0))))

export const repeatMutants: Mutants = {
  "repeat is its depths one after the other, each with its slice": [
    mutant(
      "has the parameters of the first in all depths",
      wrongly((layer, _, times) => ({
        apply: (params, ...rest) => layer.apply(first(times)(params), ...rest)
      }))
    ),
    mutant(
      "keeps the state as it was",
      wrongly(layer => ({ apply: (params, state, ...rest) => [layer.apply(params, state, ...rest)[0], state] }))
    )
  ],
  "the gradient of repeat is that of its depths one after the other": [
    mutant(
      "does not go back through its input",
      wrongly(layer => ({ apply: (params, state, x, mode) => layer.apply(params, state, stopGradient(x), mode) }))
    ),
    mutant(
      "divides the gradient among the depths",
      wrongly((layer, _, times) => ({
        apply: (params, ...rest) => {
          // the same value, of which a share is a constant
          const share = Tree.map((p: Tensor) => add(stopGradient(sub(p, div(p, times + 1))), div(p, times + 1)))
          return layer.apply(share(params), ...rest)
        }
      }))
    )
  ],
  "every depth of a repeat draws for itself, at the start and while training": [
    mutant(
      "starts from the same in all depths",
      wrongly((layer, _, times) => ({
        init: (key, x) => {
          const { params, state } = layer.init(key, x)
          return { params: first(times)(params), state }
        }
      }))
    ),
    mutant(
      "draws the same in all depths",
      wrongly((layer, _, times) => ({
        apply: (...args) => {
          const [y, after] = layer.apply(...args)
          return [y, first(times)(after)]
        }
      }))
    )
  ]
}
