import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad } from "thalweg"
import { arbProgram, arbShape, arbSmoothProgram, lossOf, type Program } from "thalweg/laws"
import type { Engine } from "../../../src/engine/engine.js"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { difference } from "./agreement.js"
import { mistaken, mistakes } from "./mutants.js"
import { arbProduct } from "./products.js"
import { arbReduction } from "./reductions.js"
import { arbStep } from "./steps.js"
import { arbConvolution, arbIntegerPooling, arbPooling } from "./windows.js"

/** Odd sizes, an empty one, and some that fill blocks of memory to the last byte. */
const sizes = [0, 1, 3, 5, 16, 17, 64, 130]
const large = arbShape({ sizes, mostElements: 20_000 })

const gradients: fc.Arbitrary<Program> = arbSmoothProgram().map(program => ({
  ...program,
  build: inputs => grad(lossOf(program))(inputs)
}))

const kinds: readonly (readonly [name: string, programs: fc.Arbitrary<Program>, runs: number])[] = [
  ["random programs", arbProgram(), 300],
  ["random programs of odd sizes", arbProgram({ shape: large, mostElements: 20_000 }), 150],
  ["gradients of random programs", gradients, 150],
  ["random products", arbProduct, 150],
  ["reductions at the ends of the exponent", arbReduction, 100],
  ["random convolutions", arbConvolution, 200],
  ["random poolings", arbPooling, 200],
  ["random poolings of integers", arbIntegerPooling, 50],
  ["random steps of a state, in place", arbStep, 300]
]

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
    const verdicts = kinds.map(([, programs, numRuns]) =>
      fc.check(property(engine, programs), { numRuns, seed: 1, endOnFailure: true })
    )
    expect(verdicts.some(({ failed }) => failed)).toBe(true)
  })
})
