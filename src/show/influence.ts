import { topological } from "../dataflow/order.js"
import { argOf, argsOf, isLoop, type Tensor, type Vertex } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"

/** The parameter whose result is computed from a node, or that there are several. */
export type Influenced = Tensor | "several"

/** A value that becomes of a parameter: after the step, where its gradient is taken, or what is deployed. */
export interface Outcome {
  readonly param: Tensor
  readonly value: Tensor
}

/** Sums over all elements, and the like: by way of a norm every parameter has to do with every other one. */
const isOverAll = (vertex: Vertex): boolean =>
  !isLoop(vertex) && vertex.op.kind === "reduce" && sizeOf(vertex.shape) === 1 && sizeOf(argOf(vertex, 0).shape) > 1

/** A leaf of the state, before and after a step. */
export interface Transition {
  readonly before: Tensor
  readonly after: Tensor
}

/** For each node the parameter whose outcome it is used for, other than in a reduction over all elements. */
const usesFor = (outcomes: readonly Outcome[]): ReadonlyMap<Vertex, Influenced> => {
  const found = new Map<Vertex, Influenced>()
  const note = (vertex: Vertex, influenced: Influenced): void => {
    found.set(vertex, (found.get(vertex) ?? influenced) === influenced ? influenced : "several")
  }
  for (const { param, value } of outcomes) note(value, param)
  for (const vertex of topological(outcomes.map(({ value }) => value)).toReversed()) {
    const influenced = found.get(vertex)
    if (influenced !== undefined && !isOverAll(vertex)) argsOf(vertex).forEach(arg => note(arg, influenced))
  }
  return found
}

/**
 * For each node the parameter whose outcome it is used for, at once or, by way of the state, one step later. What is
 * used in a reduction over all elements does not count.
 */
export const influenceOf = (
  outcomes: readonly Outcome[],
  state: readonly Transition[]
): ReadonlyMap<Vertex, Influenced> => {
  const atOnce = usesFor(outcomes)
  const later = state.flatMap(({ before, after }) => {
    const param = atOnce.get(before)
    return param === undefined || param === "several" ? [] : [{ param, value: after }]
  })
  return usesFor([...outcomes, ...later])
}
