import { adam, sgd } from "thalweg/optimizer"
import { adamLaws, arbOptimizer, optimizerLawsOver, sgdLaws, type Law } from "thalweg/laws"
import { describe } from "vitest"
import { hasTeeth, holds } from "./hold.js"
import { adamMutants } from "./mutants/recipe/adam.js"
import { optimizerMutants } from "./mutants/optimizer.js"
import { traitMutants } from "./mutants/traits.js"
import { sgdMutants } from "./mutants/recipe/sgd.js"
import { transformMutants } from "./mutants/transform.js"

const inherited = { ...transformMutants, ...optimizerMutants, ...traitMutants }
const own = (suite: readonly Law[]): readonly Law[] => suite.filter(({ name }) => !(name in inherited))

describe("any optimizer", () => {
  const suite = optimizerLawsOver(arbOptimizer())
  holds(suite)
  hasTeeth(
    suite.filter(({ name }) => !(name in transformMutants)),
    optimizerMutants
  )
})

describe.each([
  ["sgd", sgdLaws(sgd), sgdMutants],
  ["adam", adamLaws(adam), adamMutants]
] as const)("%s", (_, suite, mutants) => {
  holds(suite, { numRuns: 30 })
  hasTeeth(own(suite), mutants)
})
