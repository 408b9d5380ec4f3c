import { describe } from "vitest"
import { isHeld } from "./hold.js"
import { specs } from "./suites/foundations.js"

describe("optimizers as data", () => {
  isHeld(specs, { numRuns: 200 })
})
