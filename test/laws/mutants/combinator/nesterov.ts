import { add, mul, Tree, type Tensor } from "thalweg"
import { nesterovLaws } from "thalweg/laws"
import { withMomentum, withNesterov } from "thalweg/optimizer"
import { applyMomentum } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { onDisplacements, rateless, type Wrap } from "./wrap.js"

type Heavy = (gamma: number) => Wrap

const right: Heavy = gamma => inner => withNesterov(gamma)(inner)
const plain: Heavy = gamma => inner => withMomentum(gamma)(inner)
const suite = (how: Heavy) => nesterovLaws(how as never)

type Heavier = { readonly inner: { readonly displacement: { readonly velocity: Tree } } }

/** Looks as far ahead as the whole velocity. */
const farther: Heavy = gamma => inner => ({
  ...right(gamma)(inner),
  gradientPoint: ((params: Tree, { inner }: Heavier) =>
    Tree.zipWith((p: Tensor, v: Tensor) => add(p, mul(v, 1)))<Tree>(params, inner.displacement.velocity)) as never
})

export const nesterovMutants: Mutants = {
  "withNesterov(0) changes nothing": [
    mutant(
      "takes 0 for unset",
      suite(gamma => right(gamma === 0 ? 0.9 : gamma))
    )
  ],
  "withNesterov differs from momentum by where gradients are taken": [
    mutant(
      "looks ahead in the step, too",
      suite(gamma => onDisplacements(applyMomentum({ decay: gamma, nesterov: true })))
    )
  ],
  "the gradient point is where the velocity leads": [
    mutant("takes gradients where it stands", suite(plain)),
    mutant("looks as far as the whole velocity", suite(farther))
  ],
  "gradient points move as those of sgd with nesterov": [mutant("takes gradients where it stands", suite(plain))],
  "withNesterov keeps the rate": [
    mutant(
      "says a rate of its own",
      suite(gamma => rateless(right(gamma)))
    )
  ]
}
