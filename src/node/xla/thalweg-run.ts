#!/usr/bin/env node
import { spawn, type ChildProcess } from "node:child_process"
import { join, resolve } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { parseArgs } from "node:util"
import { checkReplaceable } from "../trees.js"
import { FRAMES, openRun, RESULTS } from "./run-file.js"
import { parseLine, SCRIPT } from "./runner.js"

const USAGE = `thalweg-run FOLDER [--coordinator host:port --processes n --process i] [--python python3] [--devices n] [--cache FOLDER]

Runs what writeRun wrote to FOLDER, here or, with the same command on each, on many hosts: process 0 is on the host of the
coordinator. Each host has the folder; the first one writes state.safetensors and checkpoint.safetensors there. The same again
goes on from the checkpoint, if there is one.
`

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

/** jax aborts where a process is missing, and says in its own words which. */
const MISSING = ", as jax does where another process hangs or did not come within five minutes; see above"

const say = (line: string): void => void process.stderr.write(`thalweg-run: ${line}\n`)

/** What was typed is not understood. */
class Misuse extends Error {}

/** A path, of a command also one that is looked up, as it is from another folder. */
const absolute = (path: string): string => (/[\\/]/.test(path) ? resolve(path) : path)

const wholeOf = (flag = ""): number => (/^\d+$/.test(flag) ? Number(flag) : NaN)

/** Which of how many processes this is: by three flags together, or by none. */
const together = (coordinator?: string, processes?: string, own?: string): readonly string[] => {
  if ([coordinator, processes, own].every(flag => flag === undefined)) return []
  const [n, i] = [wholeOf(processes), wholeOf(own)]
  const port = wholeOf(/^(?:\[[^\s[\]]+\]|[^\s:[\]]+):(\d+)$/.exec(coordinator ?? "")?.[1])
  if (coordinator === undefined || !(port > 0 && port < 2 ** 16 && n > 0 && i < n))
    throw new Misuse(
      `expected --coordinator host:port, --processes n and --process i from 0 to n - 1, all of them or none; got ${[coordinator, processes, own].join(", ")}`
    )
  return ["--coordinator", coordinator, "--processes", String(n), "--process", String(i)]
}

/** What is asked for: a folder, by which Python, with which arguments, as which process. */
interface Asked {
  readonly folder: string
  readonly python: string
  readonly args: readonly string[]
  readonly isFirst: boolean
  readonly isAlone: boolean
  readonly name: string
}

/** What is asked for, or nothing where it is how to ask. */
const askedBy = (args: readonly string[]): Asked | undefined => {
  const { values, positionals } = parse(args)
  if (values.help === true) return undefined
  const [folder, ...more] = positionals
  if (folder === undefined || more.length > 0) throw new Misuse(`expected one folder; got ${positionals.length}`)
  const { python = "python3", devices, cache, coordinator, processes, process: own } = values
  if (devices !== undefined && !(wholeOf(devices) > 0))
    throw new Misuse(`expected --devices as a whole number from 1; got ${devices}`)
  return {
    folder,
    python,
    args: [
      ...together(coordinator, processes, own),
      ...(devices === undefined ? [] : ["--devices", devices]),
      ...(cache === undefined ? [] : ["--cache", resolve(cache)])
    ],
    isFirst: Number(own ?? 0) === 0,
    isAlone: coordinator === undefined,
    name: `process ${own ?? 0} of ${processes ?? 1}`
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true })
  } catch (error) {
    throw new Misuse((error as Error).message)
  }
}

/** Tells what the process says, ends it where this command is to end, and waits for its end: an exit code. */
const followed = (child: ChildProcess & { readonly stdout: Readable }, asked: Asked): Promise<number> => {
  const { python, isFirst, isAlone, name } = asked
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
  return new Promise((done, failed) => {
    child.on("error", error => {
      failed(new Error(`expected Python as "${python}", and by it pip install "jax>=0.7.2"; got ${error.message}`))
    })
    child.on("close", (code, signal) => {
      const why = stopped ?? signal
      if (why !== null) say(`${name} was ended by ${why}${why === "SIGABRT" && !isAlone ? MISSING : ""}`)
      else if (!isTold) say(`${name}: expected ${python} to run to the end; got its end by exit code ${code ?? "?"}`)
      done(why === null && isTold ? (code ?? 1) : 1)
    })
  })
}

const run = async (args: readonly string[]): Promise<number> => {
  const asked = askedBy(args)
  if (asked === undefined) {
    process.stdout.write(USAGE)
    return 0
  }
  const { folder, python, isFirst } = asked
  const { file, digest } = await openRun(join(folder, FRAMES))
  if (isFirst) for (const name of Object.values(RESULTS)) await checkReplaceable(join(folder, name))
  const child = spawn(absolute(python), [SCRIPT, ...asked.args, "--run", digest], {
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"]
  })
  pipeline(file.createReadStream({ start: 0 }), child.stdin).catch((error: unknown) => {
    // that the process is gone is told by its end
    const { code } = error as { readonly code?: unknown }
    if (code !== "EPIPE" && code !== "ERR_STREAM_PREMATURE_CLOSE") say(String(error))
  })
  return followed(child, asked)
}

run(process.argv.slice(2)).then(
  code => {
    process.exitCode = code
  },
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
    if (error instanceof Misuse) process.stderr.write(`\n${USAGE}`)
    process.exitCode = 2
  }
)
