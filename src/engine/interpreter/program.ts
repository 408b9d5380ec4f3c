import { allocate, type Data } from "../../dataflow/dtype.js"
import { topological } from "../../dataflow/order.js"
import { argsOf, isLoop, type Kind, type Loop, type Tensor, type Vertex } from "../../dataflow/primitive.js"
import { sizeOf } from "../../dataflow/shape.js"
import { interpret, type Given } from "./kernels.js"

interface Step {
  readonly node: Vertex
  /** Where the result goes, and where the arguments are. */
  readonly slot: number
  readonly args: readonly number[]
  /** Slots that nobody reads after this step. */
  readonly spent: readonly number[]
}

/** A graph in the order in which it is run. */
export interface Program {
  readonly size: number
  readonly steps: readonly Step[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/**
 * Plans what `outputs` need, taking the nodes in `inputs` as given; `order` is their order, if it is known already.
 * Linear in the number of nodes.
 */
export const plan = (
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  order: readonly Vertex[] = topological([...outputs, ...inputs], new Set(inputs))
): Program => {
  const given = new Set<Vertex>(inputs)
  const slots = new Map(order.map((t, slot) => [t, slot]))
  const slotOf = (t: Vertex): number => slots.get(t)!
  const lastUse = new Int32Array(order.length).fill(-1)
  const computed = order.filter(t => !given.has(t))
  computed.forEach((t, step) => {
    for (const a of argsOf(t)) lastUse[slotOf(a)] = step
  })
  for (const t of outputs) lastUse[slotOf(t)] = computed.length
  const spent: number[][] = computed.map(() => [])
  lastUse.forEach((step, slot) => spent[step]?.push(slot))
  return {
    size: order.length,
    steps: computed.map((node, step) => ({
      node,
      slot: slotOf(node),
      args: argsOf(node).map(slotOf),
      spent: spent[step]!
    })),
    inputs: inputs.map(slotOf),
    outputs: outputs.map(slotOf)
  }
}

/** Runs a program on the values of its inputs; drops every intermediate value after its last use. */
export const run = (program: Program, inputs: readonly Data[]): readonly Data[] => {
  const values = new Array<Data | readonly Data[] | undefined>(program.size)
  program.inputs.forEach((slot, i) => (values[slot] = inputs[i]))
  for (const { node, slot, args, spent } of program.steps) {
    const given = args.map(a => values[a]!)
    values[slot] = isLoop(node) ? iterate(node, given as readonly Data[]) : interpret(node, given as Given<Kind>)
    for (const dead of spent) values[dead] = undefined
  }
  return program.outputs.map(slot => values[slot] as Data)
}

const bodies = new WeakMap<Loop, Program>()

const bodyOf = (loop: Loop): Program => {
  const program = bodies.get(loop) ?? plan(loop.outputs, loop.inputs)
  bodies.set(loop, program)
  return program
}

/** Runs a loop: slices of `xs` are views, stacked results are filled in place. */
const iterate = (loop: Loop, args: readonly Data[]): readonly Data[] => {
  const program = bodyOf(loop)
  const captured = args.slice(0, loop.captured)
  const xs = args.slice(loop.captured + loop.carried)
  const widths = xs.map(data => (loop.length === 0 ? 0 : data.length / loop.length))
  const stacked = loop.outputs.slice(loop.carried).map(t => allocate(t.dtype, loop.length * sizeOf(t.shape)))
  let carry = args.slice(loop.captured, loop.captured + loop.carried)
  for (let step = 0; step < loop.length; step++) {
    const at = loop.reverse ? loop.length - 1 - step : step
    const slices = xs.map((data, i) => data.subarray(at * widths[i]!, (at + 1) * widths[i]!))
    const results = run(program, [...captured, ...carry, ...slices])
    stacked.forEach((data, i) => {
      const result = results[loop.carried + i]!
      data.set(result, at * result.length)
    })
    carry = results.slice(0, loop.carried)
  }
  return [...carry, ...stacked]
}
