import { describe } from "vitest"
import { isHeld } from "./hold.js"
import { families } from "./suites/families.js"

describe.each(families.map(suite => [suite[0], suite] as const))("%s", (_, suite) => {
  isHeld(suite, { numRuns: 40 })
})
