import { setFlagsFromString } from "node:v8"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { item, matmul, mul, round, tensor, type Tensor } from "thalweg"
import type { Program } from "thalweg/laws"
import { compileOn } from "../../../src/engine/compile.js"
import type { Engine, EngineOptions } from "../../../src/engine/engine.js"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { canFuse } from "../../../src/engine/wasm/probe.js"
import { difference } from "./agreement.js"
import { mistaken, type Mistake } from "./mutants.js"
import { arbProduct } from "./products.js"

const host = hostOf()!

// Node 20 has the instruction behind a flag, which other tests are not to find; later ones have it without.
if (!canFuse(host)) {
  setFlagsFromString("--experimental-wasm-relaxed-simd")
  afterAll(() => {
    setFlagsFromString("--no-experimental-wasm-relaxed-simd")
  })
}

/** Products of whole numbers, of which no sum is rounded, so that they have the same bits. */
const exactProducts: fc.Arbitrary<Program> = arbProduct.map(program => ({
  ...program,
  inputs: program.inputs.map(x => (x.dtype === "f32" || x.dtype === "f64" ? round(mul(x, 7)) : x))
}))

const property = (make: () => Engine) =>
  fc.property(exactProducts, program => {
    expect(difference(make(), program, { fusedMultiplyAdd: true, steps: 1 })).toBeUndefined()
  })

describe("products that are added before they are rounded", () => {
  test("have the bits of the interpreter where nothing is rounded", () => {
    const engine = wasmEngine(host)
    fc.assert(
      property(() => engine),
      { numRuns: 150, seed: 1 }
    )
  })

  test("are rounded once, but with { fusedMultiplyAdd: false } twice", () => {
    const x = 1 + 2 ** -12
    const inputs = [tensor([1, x]), tensor([-Math.fround(x * x), x])]
    const dotOf = (options?: EngineOptions): number => {
      const run = compileOn(wasmEngine(host))(([a, b]: readonly Tensor[]) => matmul(a!, b!), options)
      return item(run([inputs], new Set()).result)
    }
    expect([dotOf(), dotOf({ fusedMultiplyAdd: true }), dotOf({ fusedMultiplyAdd: false })]).toEqual([
      2 ** -24,
      2 ** -24,
      0
    ])
    expect(item(matmul(inputs[0]!, inputs[1]!))).toBe(0)
  })

  const mistakes: Readonly<Record<string, Mistake>> = {
    "of rows beside squares, all the first": {
      file: "product.ts",
      right: "loadElement(dtype, start(inSquares + i), k * width)",
      wrong: "loadElement(dtype, start(inSquares), k * width)"
    },
    "of as many rows as without": {
      file: "product.ts",
      right: "const rows = range(rowsOf(fused))",
      wrong: "const rows = range(rowsOf())"
    },
    "of the halves of panels": {
      file: "product.ts",
      right: "Math.ceil((size * width) / VECTOR)",
      wrong: "Math.floor((size * width) / VECTOR)"
    },
    "of panels in less room than they take": { file: "product.ts", right: "const ROWS = 12", wrong: "const ROWS = 4" }
  }

  test.each(Object.entries(mistakes))("are found out to be %s", async (_, mistake) => {
    const make = await mistaken(mistake)
    expect(fc.check(property(make), { numRuns: 150, seed: 1, endOnFailure: true }).failed).toBe(true)
  })
})
