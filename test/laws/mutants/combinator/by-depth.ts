import { at, stack, Tree, type Tensor } from "thalweg"
import { byDepthLaws, depthLaws, type Wrap } from "thalweg/laws"
import { altered, byDepth, optimizer } from "thalweg/optimizer"
import { chain, scaleByFactoredRms, scaleByLearningRate, scaleByNovograd, scaleByTrustRatio } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { rateless, restarting } from "./wrap.js"

const rate = scaleByLearningRate(0.1)

/** The first depth in all places. */
const firsts = <T extends Tree>(tree: T): T => {
  const { each, ...others } = tree as unknown as { readonly each?: Tree }
  const first = Tree.map((leaf: Tensor) => stack(Array.from({ length: leaf.shape[0] ?? 0 }, () => at(leaf, 0))))
  return (each === undefined ? tree : { ...others, each: first(each) }) as T
}

const right: Wrap = inner => byDepth(inner)
const moving =
  (change: <T extends Tree>(tree: T) => T): Wrap =>
  inner => {
    const wrapped = right(inner)
    return altered(wrapped, {
      move: (grads, state, params, now) => {
        const [{ by, to }, after] = wrapped.motion.move(grads, state, params, now)
        return [{ by: change(by), to: change(to) }, after]
      }
    })
  }

export const depthMutants: Mutants = {
  "the depths of a repeat move as parameters of their own": [
    mutant("has one trust ratio for all depths", depthLaws(optimizer(chain(scaleByTrustRatio(), rate)))),
    mutant("has one norm for all depths", depthLaws(optimizer(chain(scaleByNovograd(), rate)))),
    mutant("factors across depths", depthLaws(optimizer(chain(scaleByFactoredRms(), rate))))
  ]
}

export const byDepthMutants: Mutants = {
  "byDepth steps as the depths of a repeat would as parameters of their own": [
    mutant("moves all depths as the first", byDepthLaws(moving(firsts))),
    mutant(
      "deploys the first depth for all",
      byDepthLaws(inner => {
        const wrapped = right(inner)
        return altered(wrapped, { evalParams: (...args) => firsts(wrapped.motion.evalParams(...args)) })
      })
    )
  ],
  "under byDepth a pattern names a depth": [
    mutant(
      "shows all depths as one",
      byDepthLaws(inner => inner),
      "TreeError" // the pattern names nothing
    ),
    mutant("moves all depths as the first", byDepthLaws(moving(firsts)))
  ],
  "without a repeat, byDepth changes nothing": [
    mutant(
      "forgets its state",
      byDepthLaws(inner => restarting(right(inner)))
    ),
    mutant("says a rate of its own", byDepthLaws(rateless(right)))
  ]
}
