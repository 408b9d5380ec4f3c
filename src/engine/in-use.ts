import type { Engine } from "./engine.js"
import { interpreter } from "./interpreter/interpreter.js"
import { preparingOnce } from "./once.js"
import { wasmEngine } from "./wasm/engine.js"
import { hostOf, type WebAssemblyHost } from "./wasm/host.js"
import { probe } from "./wasm/probe.js"

/** The engine that runs compiled functions, and why, if it is not the fastest. */
export interface EngineInUse {
  readonly name: string
  /** Why WebAssembly does not run them. */
  readonly reason?: string
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** An engine, and why it is not the one that compiles to WebAssembly. */
interface Choice {
  readonly engine: Engine
  readonly reason?: string
}

/** Tries WebAssembly with what the engine asks of it: a host may lack it, or refuse to compile bytes. */
export const choose = (host: WebAssemblyHost | undefined): Choice => {
  if (host === undefined) return { engine: interpreter, reason: "the host has no WebAssembly" }
  try {
    probe(host)
    return { engine: wasmEngine(host) }
  } catch (error) {
    return { engine: interpreter, reason: `the host refuses WebAssembly: ${reasonOf(error)}` }
  }
}

let choice: Choice | undefined

/** The choice, made when it is first needed: importing the library asks nothing of the host. */
const chosen = (): Choice => (choice ??= choose(hostOf()))

/** The engine for compiled functions. */
export const engine: Engine = /* @__PURE__ */ preparingOnce({
  name: "in use",
  prepare: (program, options) => chosen().engine.prepare(program, options)
})

/**
 * Says which engine runs compiled functions: `"wasm"`, or `"interpreter"` and the reason, where the host has no
 * WebAssembly with SIMD, or does not let bytes be compiled to it. It is decided once, when it is first needed.
 *
 * @example
 * import assert from "node:assert"
 * import { engineInUse } from "thalweg"
 *
 * assert.strictEqual(engineInUse().name, "wasm")
 */
export const engineInUse = (): EngineInUse => {
  const { engine, reason } = chosen()
  return { name: engine.name, ...(reason === undefined ? {} : { reason }) }
}
