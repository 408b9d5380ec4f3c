import type { Scope, Tensor } from "./primitive.js"
import { isWithin } from "./scope.js"

/**
 * The nodes that `roots` are computed from, each once, arguments before results. The walk does not go below the nodes in
 * `inputs` (which are listed when they are reached), nor to those that are not `wanted`. It uses a stack of its own, so
 * depth is bounded by memory only.
 */
export const topological = (
  roots: readonly Tensor[],
  inputs?: Pick<ReadonlySet<Tensor>, "has">,
  wanted?: (t: Tensor) => boolean
): readonly Tensor[] => {
  const order: Tensor[] = []
  const seen = new Set<Tensor>()
  const nodes: Tensor[] = []
  const cursors: number[] = []
  const enter = (t: Tensor): void => {
    if (seen.has(t) || wanted?.(t) === false) return
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

/** The nodes of a scope that `roots` are computed from, arguments before results. Linear in these. */
export const orderWithin = (scope: Scope, roots: readonly Tensor[]): readonly Tensor[] =>
  topological(roots, undefined, t => isWithin(scope, t))

/** What the nodes of a scope use from outside: the `roots` and the arguments of `order` that are not in it. */
export const borderOf = (scope: Scope, roots: readonly Tensor[], order: readonly Tensor[]): readonly Tensor[] => {
  const found = new Set<Tensor>()
  const visit = (t: Tensor): void => {
    if (!isWithin(scope, t)) found.add(t)
  }
  for (const t of order) t.args.forEach(visit)
  roots.forEach(visit)
  return [...found]
}
