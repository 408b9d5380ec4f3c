/**
 * Compares random programs, and gradients of some, between WebAssembly and the interpreter: `npm run fuzz -- 20000`, and a
 * seed after it to see the same again.
 */
import fc from "fast-check"
import { wasmEngine } from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"
import { difference } from "./agreement.js"
import { kinds } from "./kinds.js"

const [count = 2000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number)
const engine = wasmEngine(hostOf()!)
const named = Object.entries(kinds)
const all = named.reduce((n, [, [, runs]]) => n + runs, 0)

console.log(`seed ${seed}`)
let wrong = 0
for (const [name, [programs, runs]] of named) {
  const numRuns = Math.ceil((count * runs) / all)
  const property = fc.property(programs, program => {
    const found = difference(engine, program)
    if (found !== undefined) throw new Error(found)
  })
  const details = fc.check(property, { numRuns, seed })
  if (details.failed) wrong += 1
  console.log(details.failed ? fc.defaultReportMessage(details) : `${numRuns} ${name}: the same bits`)
}
console.log(`${named.length - wrong} passed, ${wrong} failed`)
process.exitCode = wrong === 0 ? 0 : 1
