import { range } from "../../dataflow/shape.js"
import { firstResult, type Program, type Ref, type Scan, type Step } from "./program.js"

const pick = <A>(list: readonly A[], places: readonly number[]): readonly A[] => places.map(i => list[i]!)

/** Whether any result of a step is read. */
const isRead = (read: Uint8Array, first: Ref, { outs }: Step): boolean => {
  for (let i = 0; i < outs.length; i++) if (read[first + i] === 1) return true
  return false
}

/** Which values some of the values are computed from, these included. */
const reachedBy = (program: Program, roots: readonly Ref[]): Uint8Array => {
  const { steps } = program
  let next = steps.reduce((n, { outs }) => n + outs.length, firstResult(program))
  const reached = new Uint8Array(next)
  for (const root of roots) reached[root] = 1
  for (let i = steps.length - 1; i >= 0; i--) {
    const { args, outs } = steps[i]!
    next -= outs.length
    if (isRead(reached, next, steps[i]!)) for (const a of args) reached[a] = 1
  }
  return reached
}

/** The results of a loop that must be computed for the `wanted` ones: every carry that these are computed from as well. */
const neededOf = ({ body, captured, carried }: Scan, wanted: readonly number[]): readonly number[] => {
  const reached = reachedBy(body, pick(body.outputs, wanted))
  const needed = range(body.outputs.length).filter(
    i => wanted.includes(i) || (i < carried && reached[captured + i] === 1)
  )
  return needed.length === wanted.length ? wanted : neededOf({ body, captured, carried } as Scan, needed)
}

/** A loop without results that nobody wants, and which of its results are left. */
const trim = (step: Step, scan: Scan, wanted: readonly number[]): readonly [Step, results: readonly number[]] => {
  const { body, captured, carried } = scan
  const results = neededOf(scan, wanted)
  const outputs = pick(body.outputs, results)
  const reached = reachedBy(body, outputs)
  const carries = results.filter(i => i < carried)
  const inputs = range(body.inputs.length).filter(i =>
    i < captured || i >= captured + carried ? reached[i] === 1 : carries.includes(i - captured)
  )
  const op: Scan = {
    ...scan,
    body: prune(body, outputs, inputs),
    captured: inputs.filter(i => i < captured).length,
    carried: carries.length
  }
  return [{ op, args: pick(step.args, inputs), outs: pick(step.outs, results) }, results]
}

/** The result of a step that is no loop. */
const only: readonly number[] = [0]

const wantedOf = ({ outs }: Step, first: Ref, read: Uint8Array): readonly number[] =>
  range(outs.length).filter(k => read[first + k] === 1)

/**
 * The program without the steps, constants and results of loops on which the outputs do not depend, numbered again. All
 * inputs stay, or those that are listed. Linear, but for loops that stand in loops.
 */
export const prune = (
  program: Program,
  outputs: readonly Ref[] = program.outputs,
  inputs: readonly number[] = range(program.inputs.length)
): Program => {
  const { consts, steps } = program
  let end = steps.reduce((n, { outs }) => n + outs.length, firstResult(program))
  const read = new Uint8Array(end)
  for (const output of outputs) read[output] = 1
  const kept: (readonly [Step, refs: readonly Ref[]])[] = []
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!
    end -= step.outs.length
    const first = end
    if (!isRead(read, first, step)) continue
    const [left, results] =
      step.op.kind === "scan" ? trim(step, step.op, wantedOf(step, first, read)) : ([step, only] as const)
    for (const a of left.args) read[a] = 1
    kept.push([left, results.map(k => first + k)])
  }
  kept.reverse()
  const constants = range(consts.length).filter(i => read[program.inputs.length + i] === 1)
  const numbers = new Int32Array(read.length).fill(-1)
  const known = [...inputs, ...constants.map(i => program.inputs.length + i)]
  known.concat(kept.flatMap(([, refs]) => refs)).forEach((ref, number) => (numbers[ref] = number))
  const renumber = (refs: readonly Ref[]): readonly Ref[] => refs.map(ref => numbers[ref]!)
  return {
    inputs: pick(program.inputs, inputs),
    consts: pick(consts, constants),
    steps: kept.map(([step]) => ({ ...step, args: renumber(step.args) })),
    outputs: renumber(outputs)
  }
}
