import { argsOf, isLoop, type Scope, type Tensor, type Vertex } from "./primitive.js"
import { isWithin } from "./scope.js"

const none: readonly Vertex[] = []

/**
 * The nodes that `roots` are computed from, each once, arguments before results. The walk does not go below the nodes in
 * `inputs` (which are listed when they are reached), nor to those that are not `wanted`; `operandsOf` a
 * node says where it goes. It uses a stack of its own, so depth is bounded by memory only.
 */
export const topological = (
  roots: readonly Vertex[],
  inputs?: Pick<ReadonlySet<Vertex>, "has">,
  wanted?: (vertex: Vertex) => boolean,
  operandsOf: (vertex: Vertex) => readonly Vertex[] = argsOf
): readonly Vertex[] => {
  const order: Vertex[] = []
  const seen = new Set<Vertex>()
  const nodes: Vertex[] = []
  const lists: (readonly Vertex[])[] = []
  const cursors: number[] = []
  const enter = (vertex: Vertex): void => {
    if (seen.has(vertex) || wanted?.(vertex) === false) return
    seen.add(vertex)
    nodes.push(vertex)
    lists.push(inputs?.has(vertex) === true ? none : operandsOf(vertex))
    cursors.push(0)
  }
  for (const root of roots) {
    enter(root)
    while (nodes.length > 0) {
      const top = nodes.length - 1
      const node = nodes[top] as Vertex
      const cursor = cursors[top] as number
      const next = (lists[top] as readonly Vertex[])[cursor]
      if (next === undefined) {
        order.push(node)
        nodes.pop()
        lists.pop()
        cursors.pop()
      } else {
        cursors[top] = cursor + 1
        enter(next)
      }
    }
  }
  return order
}

/** The nodes among `order` (arguments first) whose value depends on one of `sources`, the sources included. */
export const dependents = (order: readonly Vertex[], sources: ReadonlySet<Vertex>): ReadonlySet<Vertex> => {
  const found = new Set<Vertex>()
  for (const vertex of order) if (sources.has(vertex) || argsOf(vertex).some(a => found.has(a))) found.add(vertex)
  return found
}

/** The nodes of a scope that `roots` are computed from, arguments before results, as far as `inputs`. Linear in these. */
export const orderWithin = (
  scope: Scope,
  roots: readonly Vertex[],
  inputs: Pick<ReadonlySet<Vertex>, "has">
): readonly Vertex[] => topological(roots, inputs, vertex => isWithin(scope, vertex))

/** What the nodes of a scope use from outside: the `roots` and the arguments of `order` that are not in it. */
export const borderOf = (scope: Scope, roots: readonly Tensor[], order: readonly Vertex[]): readonly Tensor[] => {
  const found = new Set<Tensor>()
  const visit = (vertex: Vertex): void => {
    // A loop is in the scopes of its parts, so none stands at the border.
    if (!isWithin(scope, vertex) && !isLoop(vertex)) found.add(vertex)
  }
  for (const vertex of order) argsOf(vertex).forEach(visit)
  roots.forEach(visit)
  return [...found]
}
