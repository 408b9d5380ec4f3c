import { add, cast, div, minimum, mul, norm, square, Tree, zeros } from "thalweg"
import { polyakSgdLaws } from "thalweg/laws"
import { optimizer, polyakSgd, type AnyOptimizer } from "thalweg/optimizer"
import type { PolyakF, PolyakOptions, Transform } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"

type Polyak = (options?: PolyakOptions) => AnyOptimizer

const suite = (how: Polyak) => polyakSgdLaws(how)
const changed = (f: (options: PolyakOptions) => PolyakOptions) => suite((options = {}) => polyakSgd(f(options)))

/** A rate for every leaf. */
const leafByLeaf: Polyak = () => {
  const byLeaf: Transform<PolyakF> = {
    init: () => ({ eta: zeros([], "f64") }),
    update: (updates, _state, _params, { loss }) => {
      const moved = Tree.map(g => {
        const slope = add(square(norm(g)), 1e-30)
        return mul(g, mul(cast(minimum(div(cast(loss, g.dtype), slope), 1), g.dtype), -1))
      })(updates)
      return [moved, { eta: zeros([], "f64") }]
    },
    needs: ["loss"]
  }
  return optimizer(byLeaf)
}

export const polyakSgdMutants: Mutants = {
  "the rate of polyakSgd is at most its bound": [
    mutant(
      "knows no bound",
      changed(({ maxLearningRate: _, ...options }) => ({ ...options, maxLearningRate: 1e9 }))
    )
  ],
  "at its bound polyakSgd is sgd": [
    mutant(
      "halves the bound",
      changed(options => ({ ...options, maxLearningRate: Number(options.maxLearningRate) / 2 }))
    )
  ],
  "at the least loss polyakSgd does not move": [
    mutant(
      "ascends below it",
      changed(options => ({ ...options, below: "ascend" }))
    ),
    mutant(
      "takes 0 for the least",
      changed(({ fMin: _, ...options }) => options)
    )
  ],
  "polyakSgd does not see a common unit": [
    mutant(
      "adds to the norm",
      changed(options => ({ ...options, eps: 0.1 }))
    )
  ],
  "polyakSgd does not see leaves": [mutant("takes a rate for every leaf", suite(leafByLeaf))],
  "polyakSgd steps to where a linear loss is least": [
    mutant(
      "goes half the way",
      changed(options => ({ ...options, scaling: 2 }))
    )
  ],
  "polyakSgd divides its step by the scaling": [
    mutant(
      "overlooks the scaling",
      changed(({ scaling: _, ...options }) => options)
    )
  ]
}
