import { loopName } from "../../dataflow/attributes.js"
import { allocate, type Data } from "../../dataflow/dtype.js"
import { sizeOf } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import { valueOf, type Value } from "../../dataflow/value.js"
import { typesOf, type Program, type Ref, type Scan, type Step } from "../program/program.js"
import type { Call } from "./call.js"
import { interpret } from "./kernels.js"
import { withinMemory } from "./memory.js"

/** A program with what is found out once, before it is run. */
export interface Prepared {
  readonly program: Program
  readonly types: readonly Type[]
  readonly calls: readonly Call[]
  /** The step that reads a value last, by the value's number; beyond the last step for outputs, -1 where nobody reads. */
  readonly lastUse: readonly number[]
  readonly constants: readonly Data[]
}

/** Finds out what running a program needs. */
export const prepare = (program: Program): Prepared => {
  const { steps, consts, outputs } = program
  const types = typesOf(program)
  const lastUse = new Array<number>(types.length).fill(-1)
  const calls: Call[] = []
  for (const { outs, args } of steps) {
    for (const a of args) lastUse[a] = calls.length
    const { shape, dtype } = outs[0]!
    calls.push({ shape, dtype, args: args.map(a => types[a]!) })
  }
  for (const output of outputs) lastUse[output] = steps.length
  return { program, types, calls, lastUse, constants: consts.map(value => value.read()) }
}

const bodies = new WeakMap<Program, Prepared>()

/** The body of a loop, prepared once. */
export const preparedBody = (body: Program): Prepared => {
  const prepared = bodies.get(body) ?? prepare(body)
  bodies.set(body, prepared)
  return prepared
}

/** Runs a program on the values of its inputs; drops every other value after its last use. */
export const run = ({ program, calls, lastUse, constants }: Prepared, inputs: readonly Data[]): readonly Data[] => {
  const values = new Array<Data | undefined>(lastUse.length)
  let next: Ref = 0
  for (const data of inputs) values[next++] = data
  for (const data of constants) values[next++] = data
  for (let i = 0; i < calls.length; i++) {
    const { op, args } = program.steps[i]!
    const given = args.map(a => values[a]!)
    if (op.kind === "scan") for (const data of repeat(op, program.steps[i]!, given)) values[next++] = data
    else values[next++] = interpret(op, calls[i]!, given)
    for (const a of args) if (lastUse[a] === i) values[a] = undefined
  }
  return program.outputs.map(output => values[output]!)
}

/** Runs one step on the values of its arguments. */
export const perform = ({ op, outs }: Pick<Step, "op" | "outs">, args: readonly Value[]): readonly Value[] => {
  const given = args.map(value => value.read())
  const { shape, dtype } = outs[0]!
  const results =
    op.kind === "scan"
      ? repeat(op, { outs }, given)
      : [interpret(op, { shape, dtype, args: args.map(({ type }) => type) }, given)]
  return results.map((data, i) => valueOf(outs[i]!, data))
}

const repeat = (scan: Scan, step: Pick<Step, "outs">, args: readonly Data[]): readonly Data[] => {
  const body = preparedBody(scan.body)
  return iterate(scan, step, args, inputs => run(body, inputs))
}

/** How many iterations a loop makes at most, given its arguments. */
export const mostOf = ({ counted, length }: Scan, args: readonly { readonly [i: number]: number }[]): number =>
  counted ? Math.min(Math.max(args.at(-1)![0]!, 0), length) : length

/** What a loop goes over, of its arguments. */
export const slicedOf = <A>({ captured, carried, body }: Scan, args: readonly A[]): readonly A[] =>
  args.slice(captured + carried, body.inputs.length)

/**
 * Runs a loop, its body by `runBody`, which is told the place of the slice: slices of `xs` are views, stacked results are
 * filled in place.
 */
export const iterate = (
  scan: Scan,
  { outs }: Pick<Step, "outs">,
  args: readonly Data[],
  runBody: (inputs: readonly Data[], at: number) => readonly Data[]
): readonly Data[] => {
  const { captured, carried, length, reverse, exits } = scan
  const closedOver = args.slice(0, captured)
  const xs = slicedOf(scan, args)
  const most = mostOf(scan, args)
  const widths = xs.map(data => (length === 0 ? 0 : data.length / length))
  const made = outs.slice(carried)
  const stacked = withinMemory(loopName(scan), made, () =>
    made.map(({ shape, dtype }) => allocate(dtype, sizeOf(shape)))
  )
  let carry = args.slice(captured, captured + carried)
  for (let step = 0; step < most; step++) {
    const at = reverse ? most - 1 - step : step
    const slices = xs.map((data, i) => data.subarray(at * widths[i]!, (at + 1) * widths[i]!))
    const results = runBody([...closedOver, ...carry, ...slices], at)
    stacked.forEach((data, i) => {
      const result = results[carried + i]!
      data.set(result, at * result.length)
    })
    carry = results.slice(0, carried)
    if (exits && results.at(-1)![0] === 0) break
  }
  // A slice would keep all of what it was cut from.
  const own = carry.map(data => (xs.some(({ buffer }) => buffer === data.buffer) ? data.slice() : data))
  return [...own, ...stacked]
}
