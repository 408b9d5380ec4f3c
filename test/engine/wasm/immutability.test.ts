import * as thalweg from "thalweg"
import { check, dataflowLaws, type Law } from "thalweg/laws"
import { describe, expect, test } from "vitest"
import { compileOn, type compiled } from "../../../src/engine/compile.js"
import { foldOn } from "../../../src/engine/fold.js"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { mistaken, mistakesInSharing } from "./mutants.js"

const names = ["what a caller can see never changes", "a step that throws changes nothing"]

/** The laws of what a caller holds, where functions are compiled in some way. */
const lawsOn = (compiling: typeof compiled): readonly Law[] => {
  const compile = (f: (...args: readonly thalweg.Tree[]) => thalweg.Tree) => {
    const run = compiling(f)
    return (...args: readonly thalweg.Tree[]) => run(args, new Set()).result
  }
  const engine = { ...thalweg, compile: compile as unknown as typeof thalweg.compile }
  const foldBatches = ((step, options) => foldOn(compiling)(step, options ?? {})) as typeof thalweg.foldBatches
  return dataflowLaws({ ...engine, foldBatches }).filter(({ name }) => names.includes(name))
}

const holds = (compiling: typeof compiled): boolean =>
  lawsOn(compiling).every(claim => check(claim, { shrink: false }).holds)

/** Spends the state that a fold begins with. */
const spendingAll =
  (compiling: typeof compiled): typeof compiled =>
  f => {
    const run = compiling(f)
    return args => run(args, new Set(thalweg.Tree.leaves(args[0] ?? [])))
  }

describe("what a caller of WebAssembly can see never changes, or it is found out", () => {
  const right = compileOn(wasmEngine(hostOf()!))
  test("as it is", () => {
    expect(holds(right)).toBe(true)
  })
  test.each(Object.entries(mistakesInSharing))("%s", async (_, one) => {
    expect(holds(compileOn((await mistaken(one))()))).toBe(false)
  })
  test("a fold that spends the state that it begins with", () => {
    expect(holds(spendingAll(right))).toBe(false)
  })
})
