import "../../without-webassembly.js"
import { createInterface } from "node:readline"
import type { Steps } from "../measure.js"
import { thalweg } from "../thalweg.js"

/** Trainings of thalweg in a process without WebAssembly, which answers as `openProgram` asks. */
const { mlp, cnn, lstm, transformer } = thalweg
const works: Readonly<Record<string, (...sizes: readonly number[]) => Steps>> = { mlp, cnn, lstm, transformer }
const prepared = new Map<string, Steps>()

console.log("interpreter")
for await (const line of createInterface(process.stdin)) {
  const [name = "", count, ...sizes] = line.split(" ")
  const work = [name, ...sizes].join(" ")
  const steps = prepared.get(work) ?? works[name]?.(...sizes.map(Number))
  if (steps === undefined) throw new Error(`no work of the interpreter: ${line}`)
  prepared.set(work, steps)
  console.log(JSON.stringify(await steps(Number(count))))
}
