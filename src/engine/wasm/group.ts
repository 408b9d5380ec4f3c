import { range } from "../../dataflow/shape.js"
import {
  constantIn,
  isWork,
  readBy,
  type Call,
  type Called,
  type Computed,
  type Graph,
  type Node,
  type Product,
  type View,
  type Work
} from "./node.js"
import { addTo } from "./lists.js"
import { isUpdated, updatesTo } from "./updates.js"
import { isWhole, sliced, whole } from "./view.js"

/** The same loop over many elements: its axes, and which of them are reduced. Scalars are a loop without axes. */
export interface LoopGroup {
  readonly kind: "loop"
  readonly level: number
  /** Whether others of its level go on with what it computes. */
  readonly isPart: boolean
  readonly nodes: readonly Computed[]
  /** The lengths of the axes, but for those of 1. */
  readonly lengths: readonly number[]
  readonly reduced: readonly boolean[]
}

/** A step of a routine, a loop over a graph, or a step of the interpreter. */
export interface CallGroup {
  readonly kind: "call"
  readonly level: number
  readonly nodes: readonly Called[]
  readonly call: Call
}

/** A matrix product. */
export interface ProductGroup {
  readonly kind: "product"
  readonly level: number
  readonly nodes: readonly [Product]
}

export type Group = LoopGroup | ProductGroup | CallGroup

export interface Grouped {
  /** In the order in which they run. */
  readonly groups: readonly Group[]
  /** The group that computes a node. */
  readonly groupOf: ReadonlyMap<Node, Group>
  /** Nodes that may be written over an argument whose memory is spent. */
  readonly inPlace: ReadonlyMap<Node, Node>
  /** Nodes on their way to such a one, which lie where it will be. */
  readonly onTheWay: ReadonlyMap<Node, Node>
  /** Where copies are written that make up an assembly. */
  readonly into: ReadonlyMap<Node, View>
}

const isComputed = (node: Node): node is Computed => node.kind === "elementwise" || node.kind === "reduction"

/** The axes that a node is computed along. */
const spaceOf = (node: Work): readonly number[] =>
  (node.kind === "reduction" ? node.args[0]!.shape : node.shape).filter(n => n !== 1)

/** Which of these axes a reduction reduces. */
const reducedBy = (node: Work): readonly boolean[] =>
  node.kind === "reduction"
    ? node.args[0]!.shape.flatMap((n, axis) => (n === 1 ? [] : [node.axes.includes(axis)]))
    : spaceOf(node).map(() => false)

/** Where a value is read, and by whom. */
interface Use {
  readonly by: Work
  readonly view: View
}

type Uses = ReadonlyMap<Node, readonly Use[]>

const usesOf = (nodes: readonly Work[]): Uses => {
  const uses = new Map<Node, Use[]>()
  for (const by of nodes)
    for (const view of by.args) if (constantIn(view) === undefined) addTo(uses, view.node, { by, view })
  return uses
}

/** What a loop is over: nodes with the same can share one. */
type Space = string

/**
 * The spaces of nodes, and the axes that are reduced in them. What is computed elementwise joins those who reduce it, if
 * any, over the axes of the first of them.
 */
const spacesOf = (nodes: readonly Work[], uses: Uses) => {
  const reducedIn = new Map<Node, readonly boolean[]>()
  const spaces = new Map<Node, Space>()
  for (const node of nodes.toReversed()) {
    const lengths = spaceOf(node).join()
    const follows = (uses.get(node) ?? []).find(
      ({ by, view }) =>
        isComputed(by) && reducedIn.get(by)!.includes(true) && isWhole(view) && spaceOf(by).join() === lengths
    )
    const reduced = node.kind === "elementwise" && follows ? reducedIn.get(follows.by)! : reducedBy(node)
    reducedIn.set(node, reduced)
    if (isComputed(node)) spaces.set(node, lengths === "" ? "scalars" : `${lengths} ${reduced.join()}`)
    else spaces.set(node, `alone ${node.kind === "called" ? node.call.results[0]!.id : node.id}`)
  }
  return { spaces, reducedIn }
}

/**
 * Puts the nodes of a graph into groups: loops, scalars, and calls of the interpreter.
 *
 * Every node has a level: that of an argument which it can read in a register, since it is computed in the same loop, and
 * one more than that of an argument which it reads from memory. Then, the last first, what is elementwise sinks to the
 * level of those who read it. Nodes of one level and space that are connected by data are a group. Between groups data
 * flow from lower levels to higher ones, so that no cycle can arise. Linear but for sorting.
 *
 * `pairs` are nodes and the arguments which they may overwrite: that is so where every reader of the argument has a lower
 * level, or reads the same element in the same loop. Groups which overwrite run last in their level. Where a node is what
 * routines make of an argument one after the other, the first of them overwrites it.
 */
export const grouped = (graph: Graph, pairs: ReadonlyMap<Node, Node>): Grouped => {
  const nodes = graph.nodes.filter(isWork)
  const uses = usesOf(nodes)
  const { spaces, reducedIn } = spacesOf(nodes, uses)
  const inRegister = (by: Node, view: View): boolean =>
    by.kind === "assembly" ||
    (view.node.kind === "elementwise" && spaces.get(by) === spaces.get(view.node) && isWhole(view))
  const results = new Set(graph.outputs.flatMap(output => (output.kind === "node" ? [output.node as Node] : [])))
  const isReadElsewhere = (node: Node): boolean => results.has(node) || uses.get(node)!.length > 1
  const ways = new Map([...pairs.keys()].map(node => [node, updatesTo(node, isReadElsewhere)]))
  const firsts = new Map([...pairs].map(([node, before]) => [ways.get(node)!.at(-1)!, before]))
  const levels = levelsOf(nodes, uses, firsts, inRegister)
  const groups = joined(nodes, uses, levels, spaces, reducedIn)
  const groupOf = new Map<Node, Group>(groups.flatMap(group => group.nodes.map((node): [Node, Group] => [node, group])))
  const { inPlace: overwritten, late } = overwriting(firsts, uses, groupOf)
  const over = [...ways].filter(([, way]) => overwritten.has(way.at(-1)!))
  const inPlace = new Map(over.flatMap(([node, way]) => way.map(each => [each, pairs.get(node)!] as const)))
  const onTheWay = new Map(over.flatMap(([node, way]) => way.slice(1).map(each => [each, node] as const)))
  const sorted = groups.toSorted((a, b) => a.level - b.level || Number(late.has(a)) - Number(late.has(b)))
  return { groups: sorted, groupOf, inPlace, onTheWay, into: intoOf(nodes) }
}

const intoOf = (nodes: readonly Work[]): ReadonlyMap<Node, View> =>
  new Map(
    nodes.flatMap(node =>
      node.kind === "assembly"
        ? node.args.map((part, i) => [part.node, sliced(whole(node), part.shape, node.places[i]!)] as const)
        : []
    )
  )

type Levels = Map<Node, number>

const levelsOf = (
  nodes: readonly Work[],
  uses: Uses,
  pairs: ReadonlyMap<Node, Node>,
  inRegister: (by: Node, view: View) => boolean
): Levels => {
  const levels: Levels = new Map()
  const least = new Map<Node, number>()
  const rise = (): void => {
    for (const node of nodes) {
      // The results of a call are computed together.
      const together: readonly Node[] = node.kind === "called" ? node.call.results : [node]
      if (together[0] !== node) {
        levels.set(node, levels.get(together[0]!)!)
        continue
      }
      let level = together.reduce((l, result) => Math.max(l, least.get(result) ?? 0), 0)
      for (const view of node.args) {
        const below = levels.get(view.node)
        if (below !== undefined) level = Math.max(level, below + (inRegister(node, view) ? 0 : 1))
      }
      levels.set(node, level)
    }
  }
  rise()
  for (const [after, before] of pairs) {
    const others = (uses.get(before) ?? []).filter(({ by }) => by !== after)
    least.set(
      after,
      others.reduce((level, { by }) => Math.max(level, levels.get(by)!), 0)
    )
  }
  rise()
  for (const node of nodes.toReversed()) {
    const users = uses.get(node)
    if (node.kind !== "elementwise" || users === undefined) continue
    // A part is copied where it is computed, or else at once: what it is copied from may then be overwritten.
    if (users[0]!.by.kind === "assembly" && constantIn(node.args[0]!) === undefined) continue
    const allowed = users.map(({ by, view }) => levels.get(by)! - (inRegister(by, view) ? 0 : 1))
    const lowest = allowed.reduce((a, b) => Math.min(a, b))
    levels.set(node, Math.max(levels.get(node)!, lowest))
  }
  return levels
}

/** A function of more nodes than this would have too many variables for WebAssembly. */
const MOST_NODES = 4000

/** The nodes of a group in functions of their own, one after the other; the results of a call are one. */
const chunks = (group: readonly Work[]): readonly (readonly [nodes: readonly Work[], isPart: boolean])[] => {
  if (group.length <= MOST_NODES || group[0]!.kind === "called") return [[group, false]]
  const count = Math.ceil(group.length / MOST_NODES)
  return range(count).map(i => [group.slice(i * MOST_NODES, (i + 1) * MOST_NODES), true])
}

/** Loops over more buffers than this are not made larger without need. */
const MANY_BUFFERS = 24

/** Sets of nodes that grow together. */
const partition = (nodes: readonly Work[]) => {
  const parents = new Map<Node, Node>()
  const buffers = new Map<Node, Set<Node>>()
  const rootOf = (node: Node): Node => {
    let at = node
    for (let next = parents.get(at); next !== undefined; next = parents.get(at)) {
      parents.set(at, parents.get(next) ?? next) // so that the next way is half as long
      at = next
    }
    return at
  }
  for (const node of nodes) buffers.set(node, new Set(readBy(node)))
  const join = (a: Node, b: Node, most = Infinity): void => {
    const [x, y] = [rootOf(a), rootOf(b)]
    if (x === y) return
    const [large, small] = buffers.get(x)!.size >= buffers.get(y)!.size ? [x, y] : [y, x]
    const [into, from] = [buffers.get(large)!, buffers.get(small)!]
    if (into.size + from.size > most) return
    for (const node of from) into.add(node)
    parents.set(small, large)
  }
  return { rootOf, join }
}

const joined = (
  nodes: readonly Work[],
  uses: Uses,
  levels: Levels,
  spaces: ReadonlyMap<Node, Space>,
  reducedIn: ReadonlyMap<Node, readonly boolean[]>
): readonly Group[] => {
  const { rootOf, join } = partition(nodes)
  const together = (a: Node, b: Node): boolean => levels.get(a) === levels.get(b) && spaces.get(a) === spaces.get(b)
  for (const node of nodes) for (const { by } of uses.get(node) ?? []) if (together(node, by)) join(node, by)
  const meeting = new Map<string, Node>()
  for (const node of nodes) {
    const space = spaces.get(node)!
    const sharing = space === "scalars" ? ["scalars"] : readBy(node).map(({ id }) => String(id))
    const isCall = node.kind === "called"
    for (const shared of isCall ? [space] : sharing) {
      const key = `${levels.get(node)!} ${space} ${shared}`
      const other = meeting.get(key)
      if (other === undefined) meeting.set(key, node)
      else join(other, node, isCall || space === "scalars" ? Infinity : MANY_BUFFERS)
    }
  }
  const members = new Map<Node, Work[]>()
  for (const node of nodes) {
    if (node.kind !== "assembly") addTo(members, rootOf(node), node) // of an assembly its parts are all
  }
  return [...members.values()]
    .flatMap(group => chunks(group))
    .map(([group, isPart]): Group => {
      const [first] = group as [Work]
      const level = levels.get(first)!
      if (first.kind === "called") return { kind: "call", level, nodes: first.call.results, call: first.call }
      if (first.kind === "product") return { kind: "product", level, nodes: [first] }
      const computed = group as readonly Computed[]
      const lengths = spaceOf(first)
      // What goes with those who reduce it, but in a loop of its own, is walked as it lies.
      const isReducing = computed.some(({ kind }) => kind === "reduction")
      const reduced = isReducing ? reducedIn.get(first)! : lengths.map(() => false)
      return { kind: "loop", level, isPart, nodes: computed, lengths, reduced }
    })
}

/** Whether a node reads its argument nowhere but where it writes: as the element of a loop, or as what a routine changes. */
const mayOverwrite = (after: Node, group: Group, readers: readonly Use[]): boolean => {
  if (!isUpdated(after)) return group.kind === "loop" && !group.isPart && after.kind === "elementwise"
  const own = readers.filter(({ by }) => by === after)
  return own.length === 1 && own[0]!.view === after.args[0]
}

/** Which nodes are written over arguments, the largest first, and which groups must run last in their level for it. */
const overwriting = (pairs: ReadonlyMap<Node, Node>, uses: Uses, groupOf: ReadonlyMap<Node, Group>) => {
  const inPlace = new Map<Node, Node>()
  const late = new Set<Group>()
  // Of two groups that overwrite what the other reads, one would read too late: these read what others overwrite.
  const crossing = new Set<Group>()
  for (const [after, before] of [...pairs].sort(([, a], [, b]) => b.size - a.size)) {
    const group = groupOf.get(after)
    const readers = uses.get(before) ?? []
    if (group === undefined || !mayOverwrite(after, group, readers)) continue
    const isRead = ({ by, view }: Use): boolean => {
      const reader = groupOf.get(by)!
      if (reader === group) return isWhole(view)
      return reader.level < group.level || (reader.level === group.level && !late.has(reader))
    }
    if (crossing.has(group) || !readers.every(isRead)) continue
    inPlace.set(after, before)
    late.add(group)
    for (const { by } of readers) {
      const reader = groupOf.get(by)!
      if (reader !== group && reader.level >= group.level) crossing.add(reader)
    }
  }
  return { inPlace, late }
}
