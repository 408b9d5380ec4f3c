import type { Data } from "../../dataflow/dtype.js"
import type { Type } from "../../dataflow/type.js"
import type { Value } from "../../dataflow/value.js"
import type { Site } from "../program/nearest.js"
import type { Program, Scan } from "../program/program.js"
import type { Call } from "./call.js"
import { interpret } from "./kernels.js"
import { iterate, prepare, preparedBody, slicedOf, type Prepared } from "./run.js"
import { operandOf, readFor, sourced, type Origin, type Primitive, type Source, type Sourced } from "./source.js"

/** What was met so far. */
interface Met {
  sources: number
  readonly constants: Map<Value, Sourced>
}

const none = (): readonly Sourced[] => []

const dataOf = (values: readonly Sourced[]): readonly Data[] => values.map(({ data }) => data)

/** Makes an element the source that is met next. */
const begin =
  (met: Met, type: Type, data: Data, originOf: (at: number) => Origin) =>
  (at: number): Source => ({ rank: met.sources++, type, at, value: data[at]!, origin: originOf(at) })

const followConstants = (met: Met, program: Program): readonly Sourced[] =>
  program.consts.map((value, index) => {
    const data = value.read()
    const meant = (at: number): Source => {
      const origin = { kind: "constant", program, index } as const
      return { rank: Infinity, type: value.type, at, value: data[at]!, origin }
    }
    const found = met.constants.get(value) ?? sourced(data, none, meant)
    met.constants.set(value, found)
    return found
  })

const followStep = (met: Met, op: Primitive, call: Call, given: readonly Sourced[], site: Site): Sourced => {
  const data = interpret(op, call, dataOf(given))
  const read = readFor(op, call, given)
  const origin = (at: number): Origin => {
    const operands = read([at]).map(({ data }, i) => operandOf(call.args[i]!, data))
    return { kind: "step", op, site, operands }
  }
  return sourced(data, read, begin(met, call, data, origin))
}

const followLoop = (met: Met, scan: Scan, given: readonly Sourced[], site: Site): readonly Sourced[] => {
  const { body, captured, carried } = scan
  const [closedOver, xs] = [given.slice(0, captured), slicedOf(scan, given)]
  const prepared = preparedBody(body)
  const stacked: Sourced[][] = site.step.outs.slice(carried).map(() => [])
  let carry = given.slice(captured, captured + carried)
  const results = iterate(scan, site.step, dataOf(given), (inputs, iteration) => {
    const slices = xs.map((whole, i) => sourced(inputs[captured + carried + i]!, () => [whole]))
    const after = followAll(met, prepared, [...closedOver, ...carry, ...slices], { loop: site, iteration })
    carry = after.slice(0, carried)
    stacked.forEach((all, i) => all.push(after[carried + i]!))
    return dataOf(after)
  })
  return [...carry, ...stacked.map((all, i) => sourced(results[carried + i]!, () => all))]
}

const followAll = (
  met: Met,
  { program, calls, lastUse }: Prepared,
  inputs: readonly Sourced[],
  around?: Site["around"]
): readonly Sourced[] => {
  const values: (Sourced | undefined)[] = [...inputs, ...followConstants(met, program)]
  program.steps.forEach((step, i) => {
    const { op, args } = step
    const given = args.map(a => values[a]!)
    const site = { program, step, around }
    if (op.kind === "scan") values.push(...followLoop(met, op, given, site))
    else values.push(followStep(met, op, calls[i]!, given, site))
    for (const a of args) if (lastUse[a] === i) values[a] = undefined
  })
  return program.outputs.map(output => values[output]!)
}

/**
 * Runs a program on the values of its inputs, as `run` does, and follows what is not finite to its sources. Every value
 * is looked at once more.
 */
export const follow = (program: Program, inputs: readonly Data[]): readonly Sourced[] => {
  const met: Met = { sources: 0, constants: new Map() }
  const given = inputs.map((data, index) => {
    const origin: Origin = { kind: "input", index }
    return sourced(
      data,
      none,
      begin(met, program.inputs[index]!, data, () => origin)
    )
  })
  return followAll(met, prepare(program), given)
}
