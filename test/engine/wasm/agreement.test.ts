import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Program } from "thalweg/laws"
import type { Engine } from "../../../src/engine/engine.js"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { difference } from "./agreement.js"
import { kinds } from "./kinds.js"
import { mistaken, mistakes } from "./mutants.js"

const property = (engine: Engine, programs: fc.Arbitrary<Program>) =>
  fc.property(programs, program => {
    expect(difference(engine, program)).toBeUndefined()
  })

describe("what is compiled to WebAssembly has the bits of the interpreter", () => {
  const engine = wasmEngine(hostOf()!)
  test.each(kinds)("%s", (_, programs, numRuns) => {
    fc.assert(property(engine, programs), { numRuns, seed: 1 })
  })
})

describe("an engine with a mistake is found out", () => {
  test.each(Object.entries(mistakes))("%s", async (_, one) => {
    const engine = await mistaken(one)
    const isFound = kinds.some(
      ([, programs, numRuns]) => fc.check(property(engine, programs), { numRuns, seed: 1, endOnFailure: true }).failed
    )
    expect(isFound).toBe(true)
  })
})
