import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Program } from "thalweg/laws"
import type { Engine } from "../../../src/engine/engine.js"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { difference } from "./agreement.js"
import { kinds } from "./kinds.js"
import { mistaken, mistakes } from "./mutants.js"

/** Every other program in memory that others have used, the rest where values stand side by side in their order. */
const property = (make: () => Engine, programs: fc.Arbitrary<Program>) => {
  const used = make()
  let count = 0
  return fc.property(programs, program => {
    expect(difference(count++ % 2 === 0 ? used : make(), program)).toBeUndefined()
  })
}

describe("what is compiled to WebAssembly has the bits of the interpreter", () => {
  test.each(Object.entries(kinds))("%s", (_, [programs, numRuns]) => {
    fc.assert(
      property(() => wasmEngine(hostOf()!), programs),
      { numRuns, seed: 1 }
    )
  })
})

describe("an engine with a mistake is found out", () => {
  test.each(Object.entries(mistakes))("%s", async (_, one) => {
    const make = await mistaken(one)
    const [programs, numRuns] = kinds[one.shown]
    expect(fc.check(property(make, programs), { numRuns, seed: 1, endOnFailure: true }).failed).toBe(true)
  })
})
