import type { Tensor } from "./primitive.js"

/**
 * The nodes that `roots` are computed from, each once, arguments before results. The walk does not go below the nodes in
 * `inputs` (which are listed when they are reached). It uses a stack of its own, so depth is bounded by memory only.
 */
export const topological = (roots: readonly Tensor[], inputs?: Pick<ReadonlySet<Tensor>, "has">): readonly Tensor[] => {
  const order: Tensor[] = []
  const seen = new Set<Tensor>()
  const nodes: Tensor[] = []
  const cursors: number[] = []
  const enter = (t: Tensor): void => {
    if (seen.has(t)) return
    seen.add(t)
    nodes.push(t)
    cursors.push(inputs?.has(t) === true ? t.args.length : 0)
  }
  for (const root of roots) {
    enter(root)
    while (nodes.length > 0) {
      const top = nodes.length - 1
      const node = nodes[top] as Tensor
      const cursor = cursors[top] as number
      const next = node.args[cursor]
      if (next === undefined) {
        order.push(node)
        nodes.pop()
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
export const dependents = (order: readonly Tensor[], sources: ReadonlySet<Tensor>): ReadonlySet<Tensor> => {
  const found = new Set<Tensor>()
  for (const t of order) if (sources.has(t) || t.args.some(a => found.has(a))) found.add(t)
  return found
}

/** Whether one of `roots` is computed from a node that satisfies `wanted`. Stops at the first. */
export const dependsOn = (roots: readonly Tensor[], wanted: (t: Tensor) => boolean): boolean => {
  const seen = new Set<Tensor>(roots)
  const stack = [...roots]
  for (let t = stack.pop(); t !== undefined; t = stack.pop()) {
    if (wanted(t)) return true
    for (const a of t.args)
      if (!seen.has(a)) {
        seen.add(a)
        stack.push(a)
      }
  }
  return false
}
