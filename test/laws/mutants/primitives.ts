import { abs, add, cast, div, scalar, sqrt, square, sum, Tree } from "thalweg"
import { primitiveLaws, type Primitives } from "thalweg/laws"
import * as transforms from "thalweg/transform"
import { mutant, type Mutants } from "./mutant.js"

const {
  addDecayedWeights,
  centralize,
  chain,
  clipElements,
  identity,
  scale,
  scaleByLars,
  scaleByParameterRms,
  scaleBySimplifiedAdemamix
} = transforms

/** A primitive of another state in the place of one. */
const held = (wrong: { readonly [K in keyof Primitives]?: unknown }) =>
  primitiveLaws({ ...transforms, ...wrong } as Primitives)

/** `u / (|u| + 1)`, without a jump at 0. */
const softened = {
  ...identity,
  update: (updates: Tree, state: Tree) => [Tree.map(u => div(u, add(abs(u), 1)))(updates), state]
}

/** Squares where they stand. */
const plainNorm = (tree: Tree) =>
  sqrt(Tree.reduce(scalar(0, "f64"), (total, t) => add(total, sum(square(cast(t, "f64")))))(tree))

export const primitiveMutants: Mutants = {
  "globalNorm scales with powers of two, however large": [
    mutant("lets squares overflow and vanish", held({ globalNorm: plainNorm }))
  ],
  "scaling by a learning rate is scaling by its negative": [
    mutant("ascends", held({ scaleByLearningRate: scale })),
    mutant("adds ε to the rate", held({ scaleByLearningRate: (eta: number) => scale(-eta - 1e-8) }))
  ],
  "scaleByLars without decay is scaleByTrustRatio": [
    mutant(
      "takes 0 for unset",
      held({
        scaleByLars: (o: transforms.LarsScaling) => scaleByLars({ ...o, weightDecay: o.weightDecay === 0 ? 1e-4 : 0 })
      })
    ),
    mutant("has a coefficient of its own", held({ scaleByLars: () => scaleByLars() }))
  ],
  "scaleBySimplifiedAdemamix of β₁ 0 is 1 + α times scaleByAdam of β₁ 0": [
    mutant(
      "weighs the last gradient against the sum",
      held({
        scaleBySimplifiedAdemamix: ({ alpha, ...o }: transforms.SimplifiedAdemamixScaling) =>
          scaleBySimplifiedAdemamix({ ...o, alpha: Math.max(0, Number(alpha) - 1) })
      })
    )
  ],
  "applyWhere that is true everywhere is the transform": [
    mutant("takes the mask for what to leave out", held({ applyWhere: () => () => identity }))
  ],
  "applyWhere that is false everywhere is the identity": [
    mutant("ignores the mask", held({ applyWhere: () => (inner: unknown) => inner }))
  ],
  "centralize is linear in the updates": [
    mutant("clips what is left", held({ centralize: (o: object) => chain(centralize(o), clipElements(0.5)) }))
  ],
  "centralize does not lengthen updates": [
    mutant("lengthens what is left", held({ centralize: (o: object) => chain(centralize(o), scale(1.5)) }))
  ],
  "scaleByParameterRms is linear in the updates": [
    mutant(
      "decays as well",
      held({ scaleByParameterRms: (eps: number) => chain(scaleByParameterRms(eps), addDecayedWeights(0.1)) })
    )
  ],
  "scaleBySign is idempotent": [mutant("softens the signs", held({ scaleBySign: softened }))]
}
