import { isRead, type Graph, type Node, type Repeated, type View } from "./node.js"
import { bytesOf, roundedUp } from "./elements.js"
import type { Group, Grouped } from "./group.js"
import type { Home, Placed, Planned } from "./planned.js"
import { workspaceOf } from "./product.js"
import { workspaceOf as bodyWorkspaceOf } from "./scan.js"

/** Whether a group has the value of an argument in a register. */
const isInside = (group: Group, node: Node, { groupOf }: Grouped): boolean =>
  node.kind === "elementwise" && groupOf.get(node) === group

/** The nodes that a group reads from memory. */
const readsOf = (group: Group, grouped: Grouped): ReadonlySet<Node> => {
  const reads = new Set<Node>()
  for (const node of group.nodes)
    for (const view of node.args) if (isRead(node, view) && !isInside(group, view.node, grouped)) reads.add(view.node)
  return reads
}

/** Memory that is free again after its last use. */
class Scratch {
  top = 0
  private readonly free = new Map<number, number>()
  take(bytes: number): number {
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

/** Gives a home to whatever must be in memory. */
export const placed = (
  { args, nodes, outputs }: Graph,
  grouped: Grouped,
  plan: (loop: Repeated) => Planned
): Placed => {
  const homes = new Map<Node, Home>()
  let slots = 1
  const slot = (node: Node): void => {
    if (!homes.has(node)) homes.set(node, { slot: slots++ })
  }
  for (const node of args) slot(node)
  const reads = grouped.groups.map(group => readsOf(group, grouped))
  const read = new Set(reads.flatMap(set => [...set]))
  for (const node of nodes) if (node.kind === "constant" && read.has(node)) slot(node)
  for (const output of outputs) if (output.kind === "node") slot(output.node)
  const lastUse = new Map<Node, number>()
  reads.forEach((set, i) => set.forEach(node => lastUse.set(node, i)))
  const scratch = new Scratch()
  const workspaces = new Map<Node, number>()
  const bodies = new Map<Repeated, Planned>()
  const workBytes = (group: Group): number => {
    if (group.kind === "product") {
      const [left, right] = group.nodes[0].args as readonly [View, View]
      const [rows, depth, columns] = [left.shape[1]!, left.shape[2]!, right.shape[2]!]
      return workspaceOf(group.nodes[0].dtype, rows, columns, depth).bytes
    }
    if (group.kind !== "call") return 0
    const { loop, routine } = group.call
    if (loop === undefined) return roundedUp(routine?.workspace ?? 0)
    const body = plan(loop)
    bodies.set(loop, body)
    return bodyWorkspaceOf(body).bytes
  }
  let apart = 0
  grouped.groups.forEach((group, i) => {
    const dying: Node[] = [...reads[i]!].filter(node => lastUse.get(node) === i)
    for (const part of group.nodes) {
      const node = grouped.into.get(part)?.node ?? part
      const isStored = node.kind !== "elementwise" || read.has(node)
      if (homes.has(node) || !isStored) continue
      homes.set(node, { scratch: scratch.take(bytesOf(node)) })
      apart += bytesOf(node)
      if (!lastUse.has(node)) dying.push(node)
    }
    const bytes = workBytes(group)
    if (bytes > 0) {
      const at = scratch.take(bytes)
      apart += bytes
      workspaces.set(group.nodes[0], at)
      scratch.give(at, bytes)
    }
    for (const node of dying) {
      const home = homes.get(node)!
      if ("scratch" in home) scratch.give(home.scratch, bytesOf(node))
    }
  })
  return { homes, workspaces, bodies, scratch: scratch.top, apart, slots }
}
