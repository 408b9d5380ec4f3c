import { describe, expect, test } from "vitest"
import { add, conv, grad, lt, mul, ones, sum, toArray, Tree, whileLoop, zeros, type Tensor } from "thalweg"
import { compileOn } from "../../../src/engine/compile.js"
import { choose } from "../../../src/engine/in-use.js"
import { programOf, trace } from "../../../src/engine/trace.js"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf, type Memory, type WebAssemblyHost } from "../../../src/engine/wasm/host.js"

const host = hostOf()!
const none: ReadonlySet<Tensor> = new Set()

/** A host that gives so many pages of 64 KiB and no more, and the memory that it gave. */
const limited = (maximum: number): { readonly host: WebAssemblyHost; readonly memories: Memory[] } => {
  const memories: Memory[] = []
  const Limited = class extends host.Memory {
    constructor(options: { readonly initial: number; readonly maximum?: number }) {
      super({ ...options, maximum: Math.min(maximum, options.maximum ?? maximum) })
      memories.push(this)
    }
  }
  const { Module, Instance, validate } = host
  return { host: { Module, Instance, validate, Memory: Limited }, memories }
}

describe("the engine in use", () => {
  test("is that of WebAssembly where the host has it", () => {
    const { engine, reason } = choose(host)
    expect([engine.name, reason]).toEqual(["wasm", undefined])
  })

  test("is the interpreter where it has not, or does not compile bytes, and says why", () => {
    const Refusing = class {
      readonly bytes: Uint8Array
      constructor(bytes: Uint8Array) {
        this.bytes = bytes
        throw new Error("blocked by policy")
      }
    }
    const [without, refused] = [choose(undefined), choose({ ...limited(1).host, Module: Refusing })]
    expect([without, refused].map(({ engine, reason }) => [engine.name, reason])).toEqual([
      ["interpreter", "the host has no WebAssembly"],
      ["interpreter", "the host refuses WebAssembly: blocked by policy"]
    ])
  })
})

describe("memory", () => {
  const step = (x: Tensor): readonly [Tensor, Tensor] => [add(x, 1), sum(mul(x, x))]

  test("that is used up is made free by copying values out, which keep their elements", () => {
    const compiled = compileOn(wasmEngine(limited(16).host))(step)
    const kept: Tensor[] = [ones([10_000])] // of 40 kB: 26 of them fit into 1 MiB
    for (let i = 0; i < 100; i++) kept.push(compiled([kept[i]!], none).result[0])
    expect(kept.map(t => (toArray(t) as number[])[9_999])).toEqual(kept.map((_, i) => i + 1))
  })

  test("that the host does not give is an error that says so", () => {
    const compiled = compileOn(wasmEngine(limited(16).host))(step)
    expect(() => compiled([ones([1_000_000])], none)).toThrow(
      expect.objectContaining({
        name: "MemoryError",
        message: "compile: expected 4000000 bytes more of memory; got a host that gives 65536"
      }) as Error
    )
    expect(toArray(compiled([ones([2])], none).result[1])).toBe(2)
  })

  test("that a loop would keep its iterations in is told: which loop, and how much", () => {
    const repeated = (x: Tensor): Tensor =>
      whileLoop(
        y => lt(sum(y), 9),
        y => mul(y, y),
        x,
        { max: 1e5 }
      )
    const slope = grad((x: Tensor) => sum(repeated(x)))
    const compiled = compileOn(wasmEngine(limited(16).host))((x: Tensor): readonly [Tensor] => [slope(x)])
    expect(() => compiled([add(ones([50]), 1)], none)).toThrow(
      /^compile: expected \d+ bytes more of memory, of which a whileLoop of at most 100000 steps keeps 20000000; got a host/
    )
  })

  test("does not grow with the number of steps", () => {
    const { host: counting, memories } = limited(65_536)
    const compiled = compileOn(wasmEngine(counting))(step)
    let x: Tensor = ones([1000])
    const sizes = [1_000, 40_000].map(steps => {
      for (let i = 0; i < steps; i++) x = compiled([x], none).result[0]
      return memories[0]!.buffer.byteLength
    })
    expect(sizes[1]).toBeLessThan(2 ** 28)
    expect((toArray(x) as number[])[0]).toBe(41_001)
  })

  test("outside does not grow with the number of steps, although the host tells of collected values only after a job", () => {
    const compiled = compileOn(wasmEngine(host))(step)
    let x: Tensor = ones([4096])
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 60_000; i++) x = compiled([x], none).result[0] // 983 MB
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 28)
    expect((toArray(x) as number[])[0]).toBe(60_001)
  })
})

describe("windows that would take much memory", () => {
  const explained = (side: number): string => {
    const convolution = (x: Tensor): Tensor => conv(x, ones([8, 8, 1, 1]))
    const { leaves, structure } = Tree.flatten([zeros([1, side, side, 1])])
    return wasmEngine(host)
      .prepare(programOf(trace(convolution, structure, leaves)))
      .explain()
  }

  test("are not copied out, but given to the interpreter, which takes some at a time", () => {
    expect([100, 2000].map(side => explained(side).includes("interpreter"))).toEqual([false, true])
  })
})
