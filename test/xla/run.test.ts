import { execFile, spawn, type ChildProcess } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { readFile, rm, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { foldBatches } from "thalweg"
import { readTree, writeRun } from "thalweg/node"
import { afterAll, describe, expect, test } from "vitest"
import { freePort } from "../../src/node/xla/runner.js"
import { python as given } from "./python.js"
import { batches, data, here, start, step, worst } from "./task.js"

const python = given ?? ""
const folder = mkdtempSync(join(tmpdir(), "thalweg-run-"))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Bytes of which one is another. */
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 64 : byte))

test.skipIf(given !== undefined)("without Python it is said what is left out", () => {
  console.info("Left out: thalweg-run. It needs PYTHON; see npm run test:xla.")
})

describe.skipIf(given === undefined)("thalweg-run", () => {
  const command = fileURLToPath(new URL("../../src/node/xla/thalweg-run.ts", import.meta.url))
  const tsx = fileURLToPath(new URL("../../node_modules/.bin/tsx", import.meta.url))
  const run = (...args: readonly string[]) => {
    const child = spawn(tsx, [command, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let [out, err] = ["", ""]
    child.stdout.on("data", (text: Buffer) => (out += text.toString()))
    child.stderr.on("data", (text: Buffer) => (err += text.toString()))
    const ended = new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>(done =>
      child.on("close", code => {
        done({ code, out, err })
      })
    )
    return { child, ended, said: () => out }
  }
  const together = (path: string, port: number, process: number) =>
    run(path, "--python", python, "--devices", "1", "--coordinator", `127.0.0.1:${port}`, "--processes", "2", "--process", `${process}`) // prettier-ignore
  const placed = { mesh: { data: 2 }, place: data } as const

  test("says how it is used", async () => {
    const { code, err } = await run("--what").ended
    expect([code, err]).toEqual([2, expect.stringContaining("thalweg-run FOLDER [--coordinator")])
  })

  const many = Array.from({ length: 700 }, () => batches).flat()

  /** Once a run has made a step. */
  const running = async (path: string) => {
    const begun = run(path, "--python", python, "--devices", "2")
    const said = async (): Promise<void> => {
      while (!begun.said().includes('"step"')) await new Promise(done => setTimeout(done, 50))
    }
    await Promise.race([said(), begun.ended])
    return begun
  }

  test("that is asked to end does so with its process, and says so in a line", async () => {
    const path = join(folder, "asked")
    expect((await writeRun(step, placed)(path, start, many)())._tag).toBe("Right")
    const ends = {
      SIGTERM: (child: ChildProcess) => child.kill("SIGTERM"),
      "write EPIPE": (child: ChildProcess) => child.stdout?.destroy()
    }
    for (const [why, end] of Object.entries(ends)) {
      const { child, ended } = await running(path)
      end(child)
      const { code, err } = await ended
      expect([code, err]).toEqual([1, `thalweg-run: process 0 of 1 was ended by ${why}\n`])
    }
    await expect(promisify(execFile)("pgrep", ["-f", `thalweg_xla.py.*${path}`])).rejects.toThrow("Command failed")
  })

  test("says before it begins what it could not write in the end", async () => {
    const path = join(folder, "taken")
    expect((await writeRun(step, placed)(path, start, batches)())._tag).toBe("Right")
    const cached = await run(path, "--python", python, "--devices", "2", "--cache", join(path, "frames.bin")).ended
    expect([cached.code, cached.err]).toEqual([1, expect.stringContaining("expected a cache that can be written; got")])
    mkdirSync(join(path, "state.safetensors"))
    const { code, out, err } = await run(path, "--python", python, "--devices", "2").ended
    expect([code, out, err]).toEqual([
      2,
      "",
      expect.stringContaining("state.safetensors: expected a file; got a folder")
    ])
  })

  test("says what its folder lacks, or what it is not told", async () => {
    const path = join(folder, "cut")
    const none = await run(path).ended
    expect([none.code, none.err]).toEqual([2, expect.stringContaining(`no such file or directory, stat '${path}`)])
    expect((await writeRun(step, placed)(path, start, batches)())._tag).toBe("Right")
    const whole = await readFile(join(path, "frames.bin"))
    const damaged: readonly (readonly [Uint8Array, string])[] = [
      [whole.subarray(0, 20_000), "expected a run that is whole; got one that ends in the middle"],
      [whole.subarray(0, -41), "expected a run that is whole; got one without its end"],
      [flipped(whole, 5000), "expected a run that is whole; got one that was changed"],
      [whole.subarray(0, 0), "expected a run as writeRun of this version of thalweg writes it; got another file"],
      [Buffer.concat([whole.subarray(0, 10), whole.subarray(-41)]), "expected programs, a state and batches, as writeRun writes them; got others"]
    ] // prettier-ignore
    for (const [bytes, message] of damaged) {
      await writeFile(join(path, "frames.bin"), bytes)
      const { code, out, err } = await run(path, "--python", python, "--devices", "2").ended
      expect([code, out, err]).toEqual([2, "", expect.stringContaining(`frames.bin: ${message}`)])
    }
    const alone = await run(path, "--coordinator", "127.0.0.1:1", "--process", "1").ended
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining("all of them or none")])
    const failing = function* () {
      yield* batches
      throw new Error("no more")
    }
    const before = await readFile(join(path, "frames.bin"))
    const left = await writeRun(step, placed)(path, start, failing())()
    expect(left).toMatchObject({ _tag: "Left", left: new Error("no more") })
    expect(await readFile(join(path, "frames.bin"))).toEqual(before)
  })

  test("makes on several hosts what was written to a folder", async () => {
    const path = join(folder, "run")
    expect((await writeRun(step, placed)(path, start, batches)())._tag).toBe("Right")
    const port = await freePort()
    const ends = await Promise.all([0, 1].map(process => together(path, port, process).ended))
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    const read = await readTree(start)(join(path, "state.safetensors"))()
    if (read._tag === "Left") throw read.left
    expect(worst(here[0], read.right.tree)).toBeLessThan(2e-6)
    const lines = ends[0]?.out.trim().split("\n").map(line => (JSON.parse(line) as { readonly event: string }).event) // prettier-ignore
    expect(ends[0]?.out).toContain('"step": 6, "metrics": {"gradientNorm": ')
    expect(lines).toEqual(["ready", "compiled", ...batches.map(() => "step"), "state", "ended"])
    const again = await run(path, "--python", python, "--devices", "2").ended
    expect([again.code, again.out]).toEqual([0, expect.stringMatching(/ready.*\n.*"resumed", "step": 6}\n.*ended/)])
    expect((await writeRun(step, placed)(path, start, many)())._tag).toBe("Right")
    const other = await run(path, "--python", python, "--devices", "2").ended
    expect([other.code, other.err]).toEqual([1, expect.stringContaining("expected no state.safetensors of another run in the folder (move it away); got one")]) // prettier-ignore
  })

  test("goes on from its checkpoint, which the first host has", async () => {
    const paths = ["first", "second"].map(name => join(folder, name))
    for (const path of paths)
      expect((await writeRun(step, { ...placed, checkpointEvery: 4 })(path, start, batches)())._tag).toBe("Right")
    const both = async () => {
      const port = await freePort()
      return Promise.all(paths.map((path, process) => together(path, port, process).ended))
    }
    expect((await both()).map(({ code }) => code)).toEqual([0, 0])
    const state = join(paths[0] ?? "", "state.safetensors")
    const before = await readFile(state)
    await rm(state)
    const [{ code, out } = { code: 1, out: "" }] = await both()
    expect([code, out.match(/"step": \d+/g)]).toEqual([0, ['"step": 4', '"step": 5', '"step": 6']])
    expect((await readFile(state)).equals(before)).toBe(true)
  })

  test("does not go on from what is damaged", async () => {
    const path = join(folder, "damaged")
    const checkpoint = join(path, "checkpoint.safetensors")
    expect((await writeRun(step, { ...placed, checkpointEvery: 4 })(path, start, batches)())._tag).toBe("Right")
    expect((await run(path, "--python", python, "--devices", "2").ended).code).toBe(0)
    await rm(join(path, "state.safetensors"))
    const whole = await readFile(checkpoint)
    const text = whole.toString("latin1")
    const damaged: readonly (readonly [Uint8Array, string])[] = [
      [flipped(whole, whole.length - 2), "checkpoint.safetensors to be whole (move it away); got a damaged one"],
      [Buffer.from(text.replace('"step": "4"', '"step": "6"'), "latin1"), "got a damaged one"],
      [whole.subarray(0, 100), "checkpoint.safetensors to be one of this run, and whole (move it away); got one of another, or damaged"]
    ] // prettier-ignore
    for (const [bytes, message] of damaged) {
      await writeFile(checkpoint, bytes)
      const { code, err } = await run(path, "--python", python, "--devices", "2").ended
      expect([code, err]).toEqual([1, expect.stringContaining(message)])
    }
  })

  test("writes nowhere but in its folder", async () => {
    const path = join(folder, "astray")
    expect((await writeRun(step, placed)(path, start, batches)())._tag).toBe("Right")
    const frames = await readFile(join(path, "frames.bin"))
    const at = frames.lastIndexOf("state.safetensors")
    const others = Buffer.concat([
      frames.subarray(0, at),
      Buffer.from("../astray.safeten"),
      frames.subarray(at + 17, -32)
    ])
    const digest = createHash("sha256").update(others.subarray(0, -9)).digest()
    await writeFile(join(path, "frames.bin"), Buffer.concat([others, digest]))
    const { code, err } = await run(path, "--python", python, "--devices", "2").ended
    expect([code, err]).toEqual([1, expect.stringContaining("a run that writes to ../astray.safeten")])
  })

  test("says so where Python ends without a word", async () => {
    const path = join(folder, "unsaid")
    expect((await writeRun(step, placed)(path, start, batches)())._tag).toBe("Right")
    const silent = join(folder, "silent")
    await writeFile(silent, "#!/bin/sh\nexit 0\n", { mode: 0o755 })
    const nothing = await run(path, "--python", silent).ended
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining(`expected ${silent} to run to the end; got its end by exit code 0`)]) // prettier-ignore
  })

  test("refuses that hosts have other devices, count other processes, or find the port taken", async () => {
    const path = join(folder, "uneven")
    expect((await writeRun(step, placed)(path, start, batches)())._tag).toBe("Right")
    const port = await freePort()
    const as = (own: number, devices: number, processes: number, at = port) =>
      run(path, "--python", python, "--devices", `${devices}`, "--coordinator", `127.0.0.1:${at}`, "--processes", `${processes}`, "--process", `${own}`).ended // prettier-ignore
    const uneven = await Promise.all([as(0, 2, 2), as(1, 1, 2)])
    for (const { code, err } of uneven)
      expect([code, err]).toEqual([1, expect.stringContaining("expected as many devices for every process; got 2 for process 0, 1 for process 1")]) // prettier-ignore
    const next = await freePort()
    const uncounted = await Promise.all([as(0, 1, 2, next), as(1, 1, 3, next)])
    for (const { code, err } of uncounted)
      expect([code, err]).toEqual([1, expect.stringContaining("expected the same --processes for every process; got 2 for process 0, 3 for process 1")]) // prettier-ignore
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const taken = await as(0, 1, 2, (server.address() as AddressInfo).port)
    server.close()
    expect([taken.code, taken.err]).toEqual([1, expect.stringMatching(/expected a coordinator that is known, and whose port is free on the host of process 0; got 127.0.0.1:\d+: /)]) // prettier-ignore
  })

  test("refuses that hosts have different folders", async () => {
    const paths = ["same", "other"].map(name => join(folder, name))
    for (const [i, path] of paths.entries())
      expect((await writeRun(step, placed)(path, start, batches.slice(i))())._tag).toBe("Right")
    const port = await freePort()
    const ends = await Promise.all(paths.map((path, process) => together(path, port, process).ended))
    expect(ends.map(({ code }) => code)).toEqual([1, 1])
    expect(ends[0]?.err).toContain("expected the same folder for every process; got another one for process 1")
  })

  test.each([1, 0])("ends where process %d dies, says so, and the last checkpoint is whole", async victim => {
    const path = join(folder, `killed-${victim}`)
    expect((await writeRun(step, { ...placed, checkpointEvery: 5 })(path, start, many)())._tag).toBe("Right")
    const port = await freePort()
    const both = [together(path, port, 0), together(path, port, 1)]
    while (!existsSync(join(path, "checkpoint.safetensors"))) await new Promise(done => setTimeout(done, 50))
    const killed = Date.now()
    await promisify(execFile)("pkill", ["-KILL", "-f", `thalweg_xla.py.*127.0.0.1:${port} .*--process ${victim}`])
    const ends = await Promise.all(both.map(({ ended }) => ended))
    expect(Date.now() - killed).toBeLessThan(25_000)
    expect(ends.map(({ code }) => code)).toEqual([1, 1])
    const survivor = 1 - victim
    expect(ends[survivor]?.err).toContain(`thalweg-run: process ${survivor} of 2 stopped: process ${victim} of 2 (127.0.0.1) is not there any more\n`) // prettier-ignore
    expect(ends[victim]?.err).toContain(`thalweg-run: process ${victim} of 2 was ended by SIGKILL`)
    const read = await readTree(start)(join(path, "checkpoint.safetensors"))()
    if (read._tag === "Left") throw read.left
    const { step: made = 0 } = read.right.metadata
    expect(made % 5).toBe(0)
    expect(worst(foldBatches(step)(start, many.slice(0, made))[0], read.right.tree)).toBeLessThan(1e-3)
  })
})
