import { range } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import { valueOf, type Value } from "../../dataflow/value.js"
import { bytesOf } from "./elements.js"
import type { Argument, Graph, Node, Output, Work } from "./node.js"
import type { Block, Heap } from "./heap.js"
import { FEW, makingRoom, type Holding } from "./held.js"
import { slotOf, type Placed } from "./planned.js"

/** An argument, and its slot in the frame. */
interface Entry {
  readonly node: Argument
  readonly slot: number
  readonly bytes: number
}

/** A result that is computed, its slot, and the argument whose memory it may take. */
interface Exit {
  readonly node: Work
  readonly type: Type
  readonly slot: number
  readonly bytes: number
  readonly over: number | undefined
}

/** Memory for a constant, and its slot. */
export interface Placement extends Block {
  readonly slot: number
}

/** What a run needs to know of a program. */
export interface Plan {
  readonly entries: readonly Entry[]
  /** Arguments that are results as well. */
  readonly kept: ReadonlySet<number>
  /** Each once. */
  readonly exits: readonly Exit[]
  readonly outputs: readonly Output[]
  /** Outputs whose values others hold as well: what was there before, and what stands at several places. */
  readonly shared: readonly number[]
  readonly scratch: number
  readonly slots: number
  /** Where the addresses are put, one for each slot, the first that of the scratch. */
  readonly frame: number
  readonly constants: readonly Placement[]
}

/** What stands at several places. */
const repeated = <A>(list: readonly A[]): ReadonlySet<A> => {
  const known = new Set<A>()
  return new Set(list.filter(item => known.size === known.add(item).size))
}

export const planOf = (
  { args, outputs, kept }: Graph,
  placed: Placed,
  inPlace: ReadonlyMap<Node, Node>,
  frame: number,
  constants: Plan["constants"]
): Plan => {
  const computed = new Map(outputs.flatMap(output => (output.kind === "node" ? [[output.node, output.type]] : [])))
  const exits = [...computed].map(([node, type]): Exit => {
    const over = inPlace.get(node)
    const index = over?.kind === "argument" ? over.index : undefined
    return { node, type, slot: slotOf(placed, node), bytes: bytesOf(node), over: index }
  })
  const entries = args.map(node => ({ node, slot: slotOf(placed, node), bytes: bytesOf(node) }))
  const nodes = outputs.map(output => (output.kind === "node" ? output.node : undefined))
  const several = repeated(nodes)
  const shared = range(nodes.length).filter(i => nodes[i] === undefined || several.has(nodes[i]))
  return { entries, kept, exits, outputs, shared, scratch: placed.scratch, slots: placed.slots, frame, constants }
}

/** Memory that a run took, or was handed. What is not kept is given back. */
class Owned {
  private readonly blocks = new Map<number, number>()
  constructor(private readonly heap: Heap) {}
  add(address: number, bytes: number): number {
    this.blocks.set(address, bytes)
    return address
  }
  take(bytes: number): number {
    return this.add(this.heap.take(bytes), bytes)
  }
  keep(address: number): void {
    this.blocks.delete(address)
  }
  giveBack(): void {
    for (const [address, bytes] of this.blocks) this.heap.give(address, bytes)
  }
}

/** Where the program finds its arguments, and where it puts its results. */
interface Entered {
  readonly owned: Owned
  readonly addresses: Int32Array
}

/**
 * Takes the memory that a run needs: for arguments that live elsewhere, for results that do not go over an argument whose
 * memory is spent, and for what lies between.
 */
const enter = (
  plan: Plan,
  heap: Heap,
  holding: Holding,
  args: readonly Value[],
  spend: readonly boolean[]
): Entered => {
  const { entries, exits, constants, kept, scratch, slots } = plan
  const cells = args.map(value => holding.cellOf(value))
  const isSpent = cells.map((cell, i) => cell?.isShared === false && spend[i] === true && !kept.has(i))
  const addresses = new Int32Array(slots)
  const owned = new Owned(heap)
  try {
    for (const { slot, address } of constants) addresses[slot] = address
    entries.forEach(({ slot, bytes }, i) => (addresses[slot] = cells[i]?.address ?? owned.take(bytes)))
    for (const { slot, bytes, over } of exits) {
      const isOver = over !== undefined && (isSpent[over]! || cells[over] === undefined)
      addresses[slot] = isOver ? addresses[entries[over]!.slot]! : owned.take(bytes)
    }
    if (scratch > 0) addresses[0] = owned.take(scratch)
  } catch (error) {
    owned.giveBack()
    throw error
  }
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
  owned: Owned,
  addresses: Int32Array,
  args: readonly Value[]
): readonly Value[] => {
  const results = new Map<Node, Value>()
  for (const { node, type, slot } of exits) {
    const address = addresses[slot]!
    if (node.size > FEW) owned.keep(address)
    results.set(
      node,
      node.size > FEW ? holding.hold(type, address) : valueOf(type, heap.read(node.dtype, address, node.size))
    )
  }
  const values = outputs.map(output =>
    output.kind === "argument"
      ? args[output.index]!
      : output.kind === "constant"
        ? output.value
        : results.get(output.node)!
  )
  for (const i of shared) holding.share(values[i]!)
  return values
}

/**
 * Runs a program: arguments that live elsewhere are copied in, results stay. What is spent is written over where the plan
 * says that nobody can see it, and free afterwards otherwise. `start` runs it when
 * all addresses are in the frame.
 */
export const runOnce = (
  plan: Plan,
  heap: Heap,
  holding: Holding,
  args: readonly Value[],
  spend: readonly boolean[],
  start: () => void
): readonly Value[] => {
  const { owned, addresses } = makingRoom(holding, () => enter(plan, heap, holding, args, spend))
  try {
    heap.write("i32", plan.frame, addresses)
    start()
    return leave(plan, heap, holding, owned, addresses, args)
  } finally {
    owned.giveBack()
    holding.trim()
  }
}
