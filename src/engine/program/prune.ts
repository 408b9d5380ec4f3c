import { range } from "../../dataflow/shape.js"
import { firstResult, type Program, type Ref, type Scan, type Step } from "./program.js"

const pick = <A>(list: readonly A[], places: readonly number[]): readonly A[] => places.map(i => list[i]!)

/** Whether any result of a step is read. */
const isRead = (read: Uint8Array, first: Ref, { outs }: Step): boolean => {
  for (let i = 0; i < outs.length; i++) if (read[first + i] === 1) return true
  return false
}

/** The step that yields a value, by the number of the value; -1 for inputs and constants. */
const producersOf = (program: Program): readonly number[] => {
  const producers = new Array<number>(firstResult(program)).fill(-1)
  program.steps.forEach(({ outs }, i) => outs.forEach(() => producers.push(i)))
  return producers
}

/** What of a loop is needed: results, and values of its body. */
interface Needed {
  readonly results: Uint8Array
  readonly values: Uint8Array
}

/** What the body of a loop says whether another iteration follows, if it does. */
const endOf = ({ body, exits }: Scan): readonly Ref[] => (exits ? body.outputs.slice(-1) : [])

/**
 * What must be computed for the `wanted` results of a loop, and for its end: every carry that these are computed from as
 * well.
 */
const neededOf = (scan: Scan, wanted: readonly number[]): Needed => {
  const { body, captured, carried } = scan
  const producers = producersOf(body)
  const values = new Uint8Array(producers.length)
  const visited = new Uint8Array(body.steps.length)
  const results = new Uint8Array(body.outputs.length)
  const open: Ref[] = []
  const visit = (value: Ref): void => {
    if (values[value] === 0) open.push(value)
    values[value] = 1
  }
  const want = (result: number): void => {
    results[result] = 1
    visit(body.outputs[result]!)
  }
  wanted.forEach(want)
  endOf(scan).forEach(visit)
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const step = producers[value]!
    if (step < 0 && value >= captured && value < captured + carried) want(value - captured)
    if (step < 0 || visited[step] === 1) continue
    visited[step] = 1
    body.steps[step]!.args.forEach(visit)
  }
  return { results, values }
}

/** A loop without results that nobody wants, and which of its results are left. */
const trim = (step: Step, scan: Scan, wanted: readonly number[]): readonly [Step, results: readonly number[]] => {
  const { body, captured, carried } = scan
  const needed = neededOf(scan, wanted)
  const results = range(body.outputs.length).filter(i => needed.results[i] === 1)
  const inputs = range(body.inputs.length).filter(
    i => (i < captured || i >= captured + carried ? needed.values[i] : needed.results[i - captured]) === 1
  )
  const op: Scan = {
    ...scan,
    body: prune(body, [...pick(body.outputs, results), ...endOf(scan)], inputs),
    captured: inputs.filter(i => i < captured).length,
    carried: results.filter(i => i < carried).length
  }
  const args = [...pick(step.args, inputs), ...step.args.slice(body.inputs.length)]
  return [{ op, args, outs: pick(step.outs, results) }, results]
}

/** The result of a step that is no loop. */
const only: readonly number[] = [0]

const wantedOf = ({ outs }: Step, first: Ref, read: Uint8Array): readonly number[] =>
  range(outs.length).filter(k => read[first + k] === 1)

/**
 * The program without the steps, constants and results of loops on which the outputs do not depend, numbered again. All
 * inputs stay, or those that are listed. Linear.
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
