import { specLaws } from "thalweg/laws"
import { decodeOptimizer, encodeOptimizer, fromSpec } from "thalweg/spec"
import { describe } from "vitest"
import { hasTeeth, holds } from "./hold.js"
import { specMutants } from "./mutants/spec.js"

describe("optimizers as data", () => {
  const suite = specLaws({ decode: decodeOptimizer, encode: encodeOptimizer, fromSpec })
  holds(suite, { numRuns: 200 })
  hasTeeth(suite, specMutants)
})
