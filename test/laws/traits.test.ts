import { combinators, optimizers } from "thalweg/optimizer"
import { arbOptimizer, traitLawsOver } from "thalweg/laws"
import { describe } from "vitest"
import { holds, isHeld } from "./hold.js"
import { compositions, traits } from "./suites/optimizers.js"

describe("compositions of any rows", () => {
  isHeld(compositions, { numRuns: 120 })
})

describe.each(Object.keys(optimizers) as (keyof typeof optimizers)[])("%s has the traits of its row", name => {
  const own = traits.filter(trait => trait in optimizers[name].traits)
  const alone = { optimizers: [name], combinators: [] }
  holds(
    own.flatMap(trait => traitLawsOver(trait, arbOptimizer({ ...alone, traits: [trait] }))),
    { numRuns: 8 }
  )
})

describe.each(Object.keys(combinators) as (keyof typeof combinators)[])("%s keeps the traits of its row", name => {
  const own = traits.filter(trait => trait in combinators[name].traits)
  const around = { combinators: [name], minCombinators: 1, maxCombinators: 1 }
  holds(
    own.flatMap(trait => traitLawsOver(trait, arbOptimizer({ ...around, traits: [trait] }))),
    { numRuns: 15 }
  )
})
