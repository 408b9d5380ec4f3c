import { range } from "../../dataflow/shape.js"
import { valueOf, type Value } from "../../dataflow/value.js"
import { bytesOf } from "./elements.js"
import { takeAll, type Heap } from "./heap.js"
import { FEW, makingRoom, type Holding } from "./held.js"
import type { Node } from "./node.js"
import { slotOf, type Planned } from "./place.js"

/** Where a constant is, and its slot. */
interface Placement {
  readonly slot: number
  readonly address: number
}

/** What stands at several places. */
const repeated = <A>(list: readonly A[]): ReadonlySet<A> => {
  const known = new Set<A>()
  return new Set(list.filter(item => known.size === known.add(item).size))
}

/** What a run needs to know of a program; `frame` is where addresses are put, one for each slot, first that of the scratch. */
export const planOf = ({ graph, grouped, placed }: Planned, frame: number, constants: readonly Placement[]) => {
  const { args, outputs, kept } = graph
  const located = <N extends Node>(node: N) => ({ node, slot: slotOf(placed, node), bytes: bytesOf(node) })
  const computed = new Map(outputs.flatMap(output => (output.kind === "node" ? [[output.node, output.type]] : [])))
  /** Results that are computed, each once, and the arguments whose memory they may take. */
  const exits = [...computed].map(([node, type]) => {
    const over = grouped.inPlace.get(node)
    return { ...located(node), type, over: over?.kind === "argument" ? over.index : undefined }
  })
  const nodes = outputs.map(output => (output.kind === "node" ? output.node : undefined))
  const several = repeated(nodes)
  /** Outputs whose values others hold as well: what was there before, and what stands at several places. */
  const shared = range(nodes.length).filter(i => nodes[i] === undefined || several.has(nodes[i]))
  const { scratch, slots } = placed
  return { entries: args.map(located), kept, exits, outputs, shared, scratch, slots, frame, constants }
}

type Plan = ReturnType<typeof planOf>

/**
 * Takes the memory that a run needs: for arguments that live elsewhere, for results that do not go over an argument whose
 * memory is spent, and for what lies between.
 */
const enter = (plan: Plan, heap: Heap, holding: Holding, args: readonly Value[], spend: readonly boolean[]) => {
  const { entries, exits, constants, kept, scratch, slots } = plan
  const cells = args.map(value => holding.cellOf(value))
  const isSpent = cells.map((cell, i) => cell?.isShared === false && spend[i] === true && !kept.has(i))
  const addresses = new Int32Array(slots)
  const owned = takeAll(heap, taken => {
    for (const { slot, address } of constants) addresses[slot] = address
    entries.forEach(({ slot, bytes }, i) => (addresses[slot] = cells[i]?.address ?? taken.take(bytes)))
    for (const { slot, bytes, over } of exits) {
      const isOver = over !== undefined && (isSpent[over]! || cells[over] === undefined)
      addresses[slot] = isOver ? addresses[entries[over]!.slot]! : taken.take(bytes)
    }
    if (scratch > 0) addresses[0] = taken.take(scratch)
    return taken
  })
  entries.forEach(({ node, slot, bytes }, i) => {
    if (cells[i] === undefined) heap.write(node.dtype, addresses[slot]!, args[i]!.read())
    else if (isSpent[i]!) owned.add(holding.spend(cells[i]), bytes)
  })
  return { owned, addresses }
}

const leave = (
  { exits, outputs, shared }: Plan,
  heap: Heap,
  holding: Holding,
  { owned, addresses }: ReturnType<typeof enter>,
  args: readonly Value[]
): readonly Value[] => {
  const results = new Map<Node, Value>()
  for (const { node, type, slot } of exits) {
    const address = addresses[slot]!
    const isHeld = node.size > FEW
    if (isHeld) owned.keep(address)
    results.set(node, isHeld ? holding.hold(type, address) : valueOf(type, heap.read(node.dtype, address, node.size)))
  }
  const values = outputs.map(output => {
    if (output.kind === "argument") return args[output.index]!
    return output.kind === "constant" ? output.value : results.get(output.node)!
  })
  for (const i of shared) holding.share(values[i]!)
  return values
}

/**
 * Runs a program: arguments that live elsewhere are copied in, results stay. What is spent is written over where the plan
 * says that nobody can see it, and free afterwards otherwise. `start` runs it when all addresses are in the frame.
 */
export const runOnce = (
  plan: Plan,
  heap: Heap,
  holding: Holding,
  args: readonly Value[],
  spend: readonly boolean[],
  start: () => void
): readonly Value[] => {
  const entered = makingRoom(holding, () => enter(plan, heap, holding, args, spend))
  try {
    heap.write("i32", plan.frame, entered.addresses)
    start()
    return leave(plan, heap, holding, entered, args)
  } finally {
    entered.owned.giveBack()
    holding.trim()
  }
}
