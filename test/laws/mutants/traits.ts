import { add, cumSum, div, mul, maximum, norm, scalar, sqrt, square, Tree, type Tensor } from "thalweg"
import { traitLaws } from "thalweg/laws"
import {
  adam,
  type AnyOptimizer,
  clipByNorm,
  onDisplacement,
  onGradient,
  sgd,
  withWeightDecay
} from "thalweg/optimizer"
import { identity, type StatelessF, type Transform } from "thalweg/transform"
import { mutant, type Mutants } from "./mutant.js"

const right: AnyOptimizer = sgd({ learningRate: 0.5, momentum: 0.9 })
const descent = sgd({ learningRate: 0.5 })

const leafwise = (f: (t: Tensor, leaf: number) => Tensor): Transform<StatelessF> => ({
  ...identity,
  update: (updates, state) => {
    const flat = Tree.flatten(updates)
    return [Tree.unflatten<typeof updates>(flat.structure)(flat.leaves.map(f)), state]
  }
})

const before = (f: (t: Tensor, leaf: number) => Tensor) => onGradient(leafwise(f))(descent)

const plus = Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))

const inHalves: AnyOptimizer["step"] = (params, state, grads) => {
  const [displacement, after] = right.update(grads, state, params)
  const half = Tree.map(d => mul(d, 0.5))(displacement)
  return [plus<typeof params>(plus<typeof params>(params, half), half), after]
}

const decaying = withWeightDecay(0.1)(descent)

export const traitMutants: Mutants = {
  "step adds the displacement of update": [
    mutant("adds it in two halves", traitLaws("additive", { ...right, step: inHalves }))
  ],
  "leaves are treated apart": [
    mutant("clips by the norm over all leaves", traitLaws("leafwise", clipByNorm(0.5)(descent))),
    mutant(
      "has another rate for the first leaf",
      traitLaws(
        "leafwise",
        before((t, leaf) => (leaf === 1 ? mul(t, 2) : t))
      )
    )
  ],
  "an elementwise optimizer commutes with flattening": [
    mutant(
      "normalizes each leaf",
      traitLaws(
        "elementwise",
        before(t => div(t, add(norm(t), 1)))
      )
    )
  ],
  "an elementwise optimizer commutes with permuting leaves": [
    mutant(
      "has another rate for the first leaf",
      traitLaws(
        "elementwise",
        before((t, leaf) => (leaf === 0 ? mul(t, 2) : t))
      )
    )
  ],
  "an elementwise optimizer commutes with permuting elements": [
    mutant(
      "smooths neighbours",
      traitLaws(
        "elementwise",
        before(t => (t.shape.length === 0 ? t : cumSum(t)))
      )
    )
  ],
  "updates do not depend on the parameters": [mutant("decays weights", traitLaws("blind", decaying))],
  "negated gradients give negated updates": [
    mutant(
      "cuts off negative gradients",
      traitLaws(
        "odd",
        before(t => maximum(t, 0))
      )
    ),
    mutant("moves by itself", traitLaws("odd", onDisplacement(leafwise(t => add(t, 1e-3)))(descent)))
  ],
  "zero gradients leave the parameters unchanged": [
    mutant(
      "divides by a root without ε",
      traitLaws(
        "still",
        before(t => div(t, sqrt(square(t))))
      )
    ),
    mutant("decays weights", traitLaws("still", decaying))
  ],
  "gradients scaled by a power of two give the same updates": [
    mutant("descends", traitLaws("scaleFree", descent)),
    mutant("keeps squares in f32", traitLaws("scaleFree", adam({ eps: () => scalar(0) }))),
    mutant(
      "divides by a root with ε",
      traitLaws(
        "scaleFree",
        before(t => div(t, add(sqrt(square(t)), 1e-8)))
      )
    )
  ]
}
