import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildSync } from "esbuild"
import { afterAll, beforeAll, expect, test } from "vitest"
import type * as holder from "./holder.js"

const folder = mkdtempSync(join(tmpdir(), "thalweg-memory-"))
const program = join(folder, "holder.cjs")
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** In one file, so that a process starts soon. */
beforeAll(() => {
  const contents = `
    import * as holder from "./holder.js"
    console.log(JSON.stringify(holder[process.argv[2]]()))`
  const stdin = { contents, resolveDir: import.meta.dirname }
  buildSync({ stdin, bundle: true, platform: "node", format: "cjs", outfile: program, logLevel: "error" })
})

/** What a function of the holder gives in a process of its own. */
const run = <K extends keyof typeof holder>(name: K, ...flags: readonly string[]): ReturnType<(typeof holder)[K]> =>
  JSON.parse(execFileSync(process.execPath, [...flags, program, name], { encoding: "utf8" })) as never

test("a scalar holds itself, and nothing that it was computed from", () => {
  const held = run("scalars", "--expose-gc")
  expect(Object.entries(held).filter(([, megabytes]) => megabytes > 2)).toEqual([])
})

test("results that are kept and dropped at random keep memory flat", () => {
  const [half = NaN, all = NaN] = run("random", "--max-old-space-size=64")
  expect(all - half).toBeLessThan(32)
})
