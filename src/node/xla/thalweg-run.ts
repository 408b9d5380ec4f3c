#!/usr/bin/env node
import { spawn } from "node:child_process"
import { createReadStream } from "node:fs"
import { resolve } from "node:path"
import { createInterface } from "node:readline"
import { pipeline } from "node:stream/promises"
import { parseArgs } from "node:util"
import { FRAMES, parseLine, SCRIPT } from "./runner.js"

const USAGE = `thalweg-run FOLDER [--coordinator host:port --processes n --process i] [--python python3] [--devices n] [--cache FOLDER]

Runs what writeRun wrote to FOLDER, here or, with the same command on each, on many hosts: process 0 is on the host of the
coordinator. Each host has the folder; the first one writes state.safetensors and checkpoint.safetensors there.`

const text = { type: "string" } as const
const known = { coordinator: text, processes: text, process: text, python: text, devices: text, cache: text } as const

const say = (line: string): void => void process.stderr.write(`thalweg-run: ${line}\n`)

const run = (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true })
  const [folder, ...more] = positionals
  if (folder === undefined || more.length > 0) throw new Error(`expected one folder; got ${positionals.length}`)
  const { python = "python3", ...flags } = values
  const asked = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(python, [SCRIPT, ...asked], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] })
  const name = `process ${flags.process ?? 0} of ${flags.processes ?? 1}`
  createInterface({ input: child.stdout }).on("line", line => {
    const { event, ...more } = parseLine(line) ?? { event: "other" }
    if (event === "misfit") say(`${name}: expected ${String(more["expected"])}; got ${String(more["received"])}`)
    else if (event === "failed") say(`${name} stopped: ${String(more["error"])}`)
    else if ((flags.process ?? "0") === "0") process.stdout.write(`${line}\n`)
  })
  pipeline(createReadStream(resolve(folder, FRAMES)), child.stdin).catch((error: unknown) => {
    // that the process is gone is told by its end
    if ((error as { readonly code?: unknown }).code !== "EPIPE") say(String(error))
  })
  return new Promise((done, failed) => {
    child.on("error", failed)
    child.on("close", (code, signal) => {
      if (signal !== null) say(`${name} was ended by ${signal}`)
      done(code ?? 1)
    })
  })
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exitCode = 2
}
