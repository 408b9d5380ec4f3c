import { describe } from "vitest"
import { isHeld } from "./hold.js"
import { checkpoints, specs } from "./suites/foundations.js"

describe("optimizers as data", () => {
  isHeld(specs, { numRuns: 200 })
})

describe("trees as files", () => {
  isHeld(checkpoints, { numRuns: 200 })
})
