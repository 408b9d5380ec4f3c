import { describe } from "vitest"
import { hasTeeth, holds, isHeld } from "./hold.js"
import { anyOptimizers, ownOfRecipes, recipes } from "./suites/optimizers.js"

describe("any optimizer", () => {
  isHeld(anyOptimizers)
})

describe.each(recipes)("%s", (_, laws) => {
  holds(laws, { numRuns: 30 })
})

describe.each(ownOfRecipes)("%s", (_, laws, mutants) => {
  hasTeeth(laws, mutants)
})
