import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { buildSync } from "esbuild"
import { afterAll, beforeAll, expect, test } from "vitest"
import { toTyped } from "thalweg"
import { readTree } from "thalweg/node"
import { key, uniform } from "thalweg/random"
import { encodeTree } from "thalweg/spec"
import { filled, next, overwrite, start, train } from "./trainer.js"

const folder = mkdtempSync(join(tmpdir(), "thalweg-crashes-"))
const program = join(folder, "trainer.cjs")
afterAll(() => rmSync(folder, { recursive: true }))

/** In one file, so that a process starts soon. */
beforeAll(() => {
  const contents = `
    import * as trainer from "./trainer.js"
    const [name, ...args] = JSON.parse(process.argv[2])
    trainer[name](...args)`
  const stdin = { contents, resolveDir: import.meta.dirname }
  buildSync({ stdin, bundle: true, platform: "node", format: "cjs", outfile: program, logLevel: "error" })
})

/** Calls a function of the trainer in a process of its own. */
const run = <A extends readonly unknown[]>(task: (...args: A) => Promise<void>, ...args: A) =>
  spawn(process.execPath, [program, JSON.stringify([task.name, ...args])], { stdio: ["ignore", "pipe", "inherit"] })

const readState = async (path: string) => {
  const read = await readTree(start)(path)()
  if (read._tag === "Left") throw read.left
  return { tree: read.right.tree, step: read.right.metadata.step ?? NaN }
}

test("a training that is killed thirty times ends with the bits of one that was not", async () => {
  const path = join(folder, "killed", "state.safetensors")
  for (const wait of toTyped(uniform(key(3), [30], { max: 6 }))) {
    const child = run(train, path, 1e9)
    const exit = once(child, "exit")
    const lines = createInterface(child.stdout)
    for (const _ of ["the first is saved", "the second is about to be"]) await Promise.race([once(lines, "line"), exit])
    await (wait < 1 ? undefined : sleep(wait))
    child.kill("SIGKILL")
    expect(await exit).toEqual([null, "SIGKILL"])
  }
  const steps = (await readState(path)).step + 3
  expect(steps).toBeGreaterThan(30)
  expect(await once(run(train, path, steps), "exit")).toEqual([0, null])

  const resumed = await readState(path)
  const uninterrupted = Array.from({ length: steps }, (_, i) => i).reduce(next, start)
  expect(resumed.step).toBe(steps)
  expect(Buffer.compare(encodeTree(resumed.tree), encodeTree(uninterrupted))).toBe(0)
})

test("of two that write at once, one is read, whole, and nothing else is left", async () => {
  const path = join(folder, "twice", "state.safetensors")
  const writers = [1, 2].map(value => run(overwrite, path, value, 60))
  const done = Promise.all(writers.map(writer => once(writer, "exit")))
  const values = new Set<number>()
  while (writers.some(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    await sleep(1)
    if (!existsSync(path)) continue
    const read = await readTree(filled(0))(path)()
    if (read._tag === "Left") throw read.left
    const found = new Set(read.right.tree.flatMap(leaf => Array.from(toTyped(leaf))))
    expect(found.size).toBe(1)
    found.forEach(value => values.add(value))
  }
  expect(await done).toEqual([[0, null], [0, null]]) // prettier-ignore
  expect(values).toEqual(new Set([1, 2]))
  expect(readdirSync(join(folder, "twice"))).toEqual(["state.safetensors"])
})
