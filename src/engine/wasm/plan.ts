import { sameType } from "../../dataflow/type.js"
import { grouped } from "./group.js"
import type { Graph, Node, Repeated } from "./node.js"
import { placed, type Planned } from "./place.js"

/** Which result may take the memory of which argument: the n-th that of the n-th from `first`, if it is of the same type. */
const pairsOf = ({ args, outputs, kept }: Graph, first: number, count: number): ReadonlyMap<Node, Node> => {
  const pairs = new Map<Node, Node>()
  outputs.slice(0, count).forEach((output, i) => {
    const arg = args[first + i]
    if (output.kind !== "node" || arg === undefined || kept.has(first + i) || !sameType(arg, output.type)) return
    if (!pairs.has(output.node)) pairs.set(output.node, arg)
  })
  return pairs
}

const plannedWith = (graph: Graph, pairs: ReadonlyMap<Node, Node>): Planned => {
  const groups = grouped(graph, pairs)
  return { graph, grouped: groups, placed: placed(graph, groups, plannedBody) }
}

/** Plans a graph: its results may go over its arguments. */
export const planned = (graph: Graph): Planned => plannedWith(graph, pairsOf(graph, 0, graph.outputs.length))

/** Plans the body of a loop: the next carry may go over the one before. */
const plannedBody = ({ body, scan: { captured, carried } }: Repeated): Planned =>
  plannedWith(body, pairsOf(body, captured, carried))
