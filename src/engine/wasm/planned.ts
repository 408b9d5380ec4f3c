import type { Grouped } from "./group.js"
import type { Graph, Node, Repeated } from "./node.js"

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

/** The slot of an argument, of a constant or of a result. */
export const slotOf = ({ homes }: Placed, node: Node): number => (homes.get(node) as { readonly slot: number }).slot

/** A graph, in what groups it is computed, and where everything is. */
export interface Planned {
  readonly graph: Graph
  readonly grouped: Grouped
  readonly placed: Placed
}
