#!/usr/bin/env node
import { spawn } from "node:child_process"
import { open } from "node:fs/promises"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import { pipeline } from "node:stream/promises"
import { parseArgs } from "node:util"
import { checkReplaceable } from "../trees.js"
import { digestOfRun, FRAMES, written } from "./run-file.js"
import { parseLine, SCRIPT } from "./runner.js"

const USAGE = `thalweg-run FOLDER [--coordinator host:port --processes n --process i] [--python python3] [--devices n] [--cache FOLDER]

Runs what writeRun wrote to FOLDER, here or, with the same command on each, on many hosts: process 0 is on the host of the
coordinator. Each host has the folder; the first one writes state.safetensors and checkpoint.safetensors there. The same again
goes on from the checkpoint, if there is one.`

const text = { type: "string" } as const
const known = {
  coordinator: text,
  processes: text,
  process: text,
  python: text,
  devices: text,
  cache: text,
  help: { type: "boolean" }
} as const

/** What asks a command to end. */
const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const

const say = (line: string): void => void process.stderr.write(`thalweg-run: ${line}\n`)

/** jax aborts where a process is missing, and says in its own words which. */
const MISSING = ", as jax does where another process did not come within five minutes, or hangs; see above"

/** A path, of a command also one that is looked up, as it is from another folder. */
const absolute = (path: string): string => (/[\\/]/.test(path) ? resolve(path) : path)

/** Which of how many processes this is: by three flags together, or by none. */
const together = (flags: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const { coordinator, processes, process: own } = flags
  if ([coordinator, processes, own].every(flag => flag === undefined)) return []
  const [n, i] = [Number(processes), Number(own)]
  const port = Number(/^\S+:(\d+)$/.exec(coordinator ?? "")?.[1])
  const isPlace = port > 0 && port < 2 ** 16 && n > 0 && i >= 0 && i < n
  if (coordinator === undefined || !Number.isInteger(n) || !Number.isInteger(i) || !isPlace)
    throw new Error(
      `expected --coordinator host:port, --processes n and --process i from 0 to n - 1, all of them or none; got ${[coordinator, processes, own].join(", ")}`
    )
  return ["--coordinator", coordinator, "--processes", String(n), "--process", String(i)]
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true })
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const [folder, ...more] = positionals
  if (folder === undefined || more.length > 0) throw new Error(`expected one folder; got ${positionals.length}`)
  const { python = "python3", devices, cache, coordinator, processes, process: own } = values
  const flags = { coordinator, processes, process: own }
  if (devices !== undefined && !/^[1-9]\d*$/.test(devices))
    throw new Error(`expected --devices as a whole number from 1; got ${devices}`)
  const asked = [
    ...together(flags),
    ...(devices === undefined ? [] : ["--devices", devices]),
    ...(cache === undefined ? [] : ["--cache", resolve(cache)])
  ]
  const isFirst = (flags.process ?? "0") === "0"
  const digest = await digestOfRun(join(folder, FRAMES))
  if (isFirst) for (const name of Object.values(written)) await checkReplaceable(join(folder, name))
  const frames = await open(join(folder, FRAMES))
  const child = spawn(absolute(python), [SCRIPT, ...asked, "--run", digest], {
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"]
  })
  const name = `process ${flags.process ?? 0} of ${flags.processes ?? 1}`
  /** Why this command ended its process, which then has no more to say. */
  let stopped: string | undefined
  /** Whether its process said how it ended. */
  let isTold = false
  const stop = (why: string): void => {
    stopped ??= why
    child.kill("SIGKILL")
  }
  for (const signal of SIGNALS) process.once(signal, stop)
  process.stdout.on("error", (error: Error) => {
    stop(error.message)
  })
  createInterface({ input: child.stdout }).on("line", line => {
    if (stopped !== undefined) return
    const { event, ...said } = parseLine(line) ?? { event: "other" }
    if (["misfit", "failed", "ended"].includes(event)) isTold = true
    if (event === "misfit") say(`${name}: expected ${String(said["expected"])}; got ${String(said["received"])}`)
    else if (event === "failed") say(`${name} stopped: ${String(said["error"])}`)
    else if (event === "other") say(line)
    else if (isFirst) process.stdout.write(`${line}\n`)
  })
  pipeline(frames.createReadStream(), child.stdin).catch((error: unknown) => {
    // that the process is gone is told by its end
    const { code } = error as { readonly code?: unknown }
    if (code !== "EPIPE" && code !== "ERR_STREAM_PREMATURE_CLOSE") say(String(error))
  })
  return new Promise((done, failed) => {
    child.on("error", error => {
      failed(new Error(`expected Python as "${python}", and by it pip install "jax>=0.7.2"; got ${error.message}`))
    })
    child.on("close", (code, signal) => {
      const why = stopped ?? signal
      if (why !== null)
        say(`${name} was ended by ${why}${why === "SIGABRT" && asked.includes("--coordinator") ? MISSING : ""}`)
      else if (!isTold) say(`${name}: expected ${python} to run to the end; got its end by exit code ${code ?? "?"}`)
      done(why === null && isTold ? (code ?? 1) : 1)
    })
  })
}

run(process.argv.slice(2)).then(
  code => {
    process.exitCode = code
  },
  (error: unknown) => {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exitCode = 2
  }
)
