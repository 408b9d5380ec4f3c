import { bytesOf, roundedUp } from "./elements.js"
import type { Group, Grouped } from "./group.js"
import { readBy, type Graph, type Node, type Repeated, type View } from "./node.js"
import { workspaceOf } from "./product.js"

/**
 * Where a node has its elements: at the address in a slot of the frame, which is known when the program runs, or so many
 * bytes into its scratch.
 */
export type Home = { readonly slot: number } | { readonly scratch: number }

/** Where everything is. */
export interface Placed {
  readonly homes: ReadonlyMap<Node, Home>
  /** Where products, routines and loops over a graph work, in the scratch, by their first result. */
  readonly workspaces: ReadonlyMap<Node, number>
  /** The plans of such graphs. */
  readonly bodies: ReadonlyMap<Repeated, Planned>
  /** Bytes that are needed while the program runs. */
  readonly scratch: number
  /** Bytes that it would take to keep all of them apart. */
  readonly apart: number
  /** How many slots the frame has; the first holds the address of the scratch. */
  readonly slots: number
}

/** A graph, in what groups it is computed, and where everything is. */
export interface Planned {
  readonly graph: Graph
  readonly grouped: Grouped
  readonly placed: Placed
}

/** The slot of an argument, of a constant or of a result. */
export const slotOf = ({ homes }: Placed, node: Node): number => (homes.get(node) as { readonly slot: number }).slot

/** Whether a group has the value of an argument in a register. */
const isInside = (group: Group, node: Node, { groupOf }: Grouped): boolean =>
  node.kind === "elementwise" && groupOf.get(node) === group

/** The nodes that a group reads from memory. */
const readsOf = (group: Group, grouped: Grouped): ReadonlySet<Node> =>
  new Set(group.nodes.flatMap(readBy).filter(node => !isInside(group, node, grouped)))

/** Memory that is free again after its last use. */
class Scratch {
  top = 0
  /** Bytes that were taken in all. */
  apart = 0
  private readonly free = new Map<number, number>()
  take(bytes: number): number {
    this.apart += bytes
    let best: number | undefined
    for (const [at, length] of this.free)
      if (length >= bytes && (best === undefined || length < this.free.get(best)!)) best = at
    if (best === undefined) {
      this.top += bytes
      return this.top - bytes
    }
    const length = this.free.get(best)!
    this.free.delete(best)
    if (length > bytes) this.free.set(best + bytes, length - bytes)
    return best
  }
  give(at: number, bytes: number): void {
    const [after, before] = [this.free.get(at + bytes), [...this.free].find(([start, length]) => start + length === at)]
    if (after !== undefined) this.free.delete(at + bytes)
    if (before !== undefined) this.free.delete(before[0])
    this.free.set(before?.[0] ?? at, (before?.[1] ?? 0) + bytes + (after ?? 0))
  }
}

/** What a loop over a graph needs in the scratch of the program around it: its frame, its scratch, and some results. */
export const bodyWorkspaceOf = ({ graph, grouped, placed }: Planned) => {
  const scratch = roundedUp(4 * placed.slots)
  let bytes = scratch + placed.scratch
  /** Where results of the body are that do not go over the carry. */
  const results = new Map<Node, number>()
  for (const output of graph.outputs) {
    if (output.kind !== "node" || grouped.inPlace.has(output.node) || results.has(output.node)) continue
    results.set(output.node, bytes)
    bytes += bytesOf(output.node)
  }
  return { scratch, results, bytes }
}

/** The bytes that a group works in. */
const workBytes = (group: Group, bodies: ReadonlyMap<Repeated, Planned>): number => {
  if (group.kind === "loop") return 0
  if (group.kind === "product") {
    const [left, right] = group.nodes[0].args as readonly [View, View]
    const [rows, depth, columns] = [left.shape[1]!, left.shape[2]!, right.shape[2]!]
    return workspaceOf(group.nodes[0].dtype, rows, columns, depth).bytes
  }
  const { loop, routine } = group.call
  return loop === undefined ? roundedUp(routine?.workspace ?? 0) : bodyWorkspaceOf(bodies.get(loop)!).bytes
}

/** Gives a home to whatever must be in memory. */
export const placed = (graph: Graph, grouped: Grouped, plan: (loop: Repeated) => Planned): Placed => {
  const [{ args, nodes, outputs }, { groups, into, onTheWay }] = [graph, grouped]
  const reads = groups.map(group => readsOf(group, grouped))
  const lastUse = new Map<Node, number>()
  reads.forEach((set, i) => set.forEach(node => lastUse.set(node, i)))
  const constants = nodes.filter(node => node.kind === "constant" && lastUse.has(node))
  const results = outputs.flatMap(output => (output.kind === "node" ? [output.node] : []))
  const inFrame = [...new Set<Node>([...args, ...constants, ...results])]
  const homes = new Map<Node, Home>(inFrame.map((node, i) => [node, { slot: i + 1 }]))
  for (const [node, result] of onTheWay) homes.set(node, homes.get(result)!)
  const loops = groups.flatMap(group => (group.kind === "call" && group.call.loop ? [group.call.loop] : []))
  const bodies = new Map(loops.map(loop => [loop, plan(loop)]))
  const scratch = new Scratch()
  const workspaces = new Map<Node, number>()
  groups.forEach((group, i) => {
    const dying: Node[] = [...reads[i]!].filter(node => lastUse.get(node) === i)
    for (const part of group.nodes) {
      const node = into.get(part)?.node ?? part
      const isStored = node.kind !== "elementwise" || lastUse.has(node)
      if (homes.has(node) || !isStored) continue
      homes.set(node, { scratch: scratch.take(bytesOf(node)) })
      if (!lastUse.has(node)) dying.push(node)
    }
    const bytes = workBytes(group, bodies)
    if (bytes > 0) {
      const at = scratch.take(bytes)
      workspaces.set(group.nodes[0], at)
      scratch.give(at, bytes)
    }
    for (const node of dying) {
      const home = homes.get(node)!
      if ("scratch" in home) scratch.give(home.scratch, bytesOf(node))
    }
  })
  return { homes, workspaces, bodies, scratch: scratch.top, apart: scratch.apart, slots: 1 + inFrame.length }
}
