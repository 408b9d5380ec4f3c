import { topological } from "../dataflow/order.js"
import { isLoop, UNBOUNDED, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"

/** The products that a node adds up. */
const own = (vertex: Vertex): number => {
  if (isLoop(vertex)) {
    const iterations = vertex.length === UNBOUNDED ? 1 : vertex.length
    return iterations * multiplyAdds(vertex.outputs, vertex.inputs)
  }
  const { op, args } = vertex
  const [x, kernel] = args as readonly [Tensor, Tensor]
  if (op.kind === "dot") return sizeOf(vertex.shape) * sizeOf(op.contract[0].map(axis => x.shape[axis] ?? 1))
  // groups lead: [groups, …window, inputs, outputs]
  if (op.kind === "conv") return sizeOf(vertex.shape) * sizeOf(kernel.shape.slice(1, -1))
  return 0
}

/**
 * How many products of matrices and convolutions are added up to compute `roots` from `given`: for each, the elements of its
 * result times what each sums over; a loop counts as often as it runs at most, or once where nothing says how often that is.
 */
export const multiplyAdds = (roots: readonly Tensor[], given: readonly Tensor[]): number => {
  const inputs = new Set<Vertex>(given)
  return topological(roots, inputs).reduce((sum, vertex) => sum + (inputs.has(vertex) ? 0 : own(vertex)), 0)
}
