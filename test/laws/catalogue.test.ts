import { combinators, optimizers } from "thalweg/optimizer"
import { arbOptimizer, optimizerLawsOver } from "thalweg/laws"
import { describe } from "vitest"
import { holds } from "./hold.js"

describe.each(Object.keys(optimizers) as (keyof typeof optimizers)[])("%s, under any options", name => {
  holds(optimizerLawsOver(arbOptimizer({ optimizers: [name], combinators: [] })), { numRuns: 4 })
})

describe.each(Object.keys(combinators) as (keyof typeof combinators)[])("%s, around any optimizer", name => {
  holds(optimizerLawsOver(arbOptimizer({ combinators: [name], minCombinators: 1, maxCombinators: 1 })), { numRuns: 6 })
})
