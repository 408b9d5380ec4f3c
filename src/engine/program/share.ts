import { firstResult, type Program, type Ref, type Step } from "./program.js"
import { prune } from "./prune.js"
import { constText, opText } from "./text.js"

/**
 * Lets everybody read the first of several equal constants or steps. The others stay where they are, and nobody reads
 * them. Loops are equal if their bodies are. (Every primitive is pure: threefry too gives the same bits for the same key.)
 */
const merge = (program: Program): Program => {
  const first = new Map<string, Ref>()
  const same: Ref[] = program.inputs.map((_, i) => i)
  const remember = (text: string, results: number): void => {
    const found = first.get(text) ?? same.length
    first.set(text, found)
    for (let i = 0; i < results; i++) same.push(found + i)
  }
  for (const value of program.consts) remember(constText(value), 1)
  const steps = program.steps.map((step): Step => {
    const op = step.op.kind === "scan" ? { ...step.op, body: merge(step.op.body) } : step.op
    const args = step.args.map(a => same[a]!)
    remember(`${opText(op)} ${args.join()}`, step.outs.length)
    return { op, args, outs: step.outs }
  })
  return { ...program, steps, outputs: program.outputs.map(output => same[output]!) }
}

/** The same program, in which what is equal is computed once, and what nobody reads not at all. */
export const share = (program: Program): Program => prune(merge(program))

/** Which outputs are results of a step that stand at one place only. (What is a view of another, the engine knows.) */
export const ownOutputs = (program: Program): readonly boolean[] => {
  const places = new Map<Ref, number>()
  for (const output of program.outputs) places.set(output, (places.get(output) ?? 0) + 1)
  return program.outputs.map(output => output >= firstResult(program) && places.get(output) === 1)
}
