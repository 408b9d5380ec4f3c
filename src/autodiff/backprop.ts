import { add } from "../dataflow/arithmetic.js"
import { isFloat } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import { topological } from "../dataflow/order.js"
import {
  argsOf,
  isLoop,
  nameOf,
  type Loop,
  type OpOf,
  type Scope,
  type Tensor,
  type Vertex
} from "../dataflow/primitive.js"
import { end, isWithin, newScope } from "../dataflow/scope.js"
import { variable } from "../dataflow/symbol.js"
import { sameType, showType } from "../dataflow/type.js"
import { plus } from "./accumulate.js"
import { loopCotangents } from "./loop.js"
import type { Cotangents } from "./push.js"
import { rules, type Differentiable, type Equivalent, type Flow, type Rule } from "./rules.js"

/** The nodes among `order` (arguments first) through which a derivative by `sources` flows. */
const activeNodes = (order: readonly Vertex[], sources: ReadonlySet<Vertex>): ReadonlySet<Vertex> => {
  const active = new Set<Vertex>()
  const passes = (vertex: Vertex): boolean =>
    isLoop(vertex) || (isFloat(vertex.dtype) && vertex.op.kind !== "stopGradient")
  for (const vertex of order)
    if (sources.has(vertex) || (passes(vertex) && argsOf(vertex).some(a => active.has(a)))) active.add(vertex)
  return active
}

/**
 * The value of a function with a derivative of its own may depend on a source through the function's arguments only. What
 * this visits beyond the function itself leads to a source, and so to the error.
 */
const requireOwnArguments = (node: Tensor, active: ReadonlySet<Vertex>, sources: ReadonlySet<Vertex>): void => {
  const [value, ...own] = argsOf(node)
  const around = new Set(own)
  const reached = topological([value as Tensor], sources, vertex => active.has(vertex) && !around.has(vertex))
  const { name } = node.op as OpOf<"customVjp">
  if (reached.some(vertex => sources.has(vertex)))
    fail(
      "GradientError",
      name === "" ? nameOf(node.op) : name,
      "differentiated values to come in as arguments",
      "one that is closed over"
    )
}

const isEquivalent = (result: readonly Flow[] | Equivalent): result is Equivalent => "as" in result

/** Cotangents of a node's arguments; `wanted` says of which. */
const nodeCotangents = <K extends Differentiable>(node: Tensor, ct: Tensor, wanted: readonly boolean[]): Cotangents => {
  const result = (rules[node.op.kind as K] as Rule<K>)(node.op as OpOf<K>, node, ct)
  if (!isEquivalent(result)) return wanted.map((want, i) => (want ? result[i]?.() : undefined))
  const scope = newScope()
  const variables = (argsOf(node) as readonly Tensor[]).map(t => variable(t, scope))
  const found = backprop(scope, [scope.trace(() => result.as(variables))], [ct], variables)
  end(scope)
  return found
}

/**
 * Reverse mode: the cotangent of each of `sources` given the cotangents of `outputs`; `undefined` where nothing flows.
 * The sources are symbols of `scope`, or what its nodes use from outside; to the first of them belong `sumsSoFar`, to which
 * their cotangents are added. One walk from the outputs back to the sources, linear in the nodes of the scope.
 */
export const backprop = (
  scope: Scope,
  outputs: readonly Tensor[],
  cotangents: Cotangents,
  sources: readonly Tensor[],
  sumsSoFar: Cotangents = []
): Cotangents => {
  const sourceSet = new Set<Vertex>(sources)
  const order = topological(outputs, sourceSet, vertex => isWithin(scope, vertex) || sourceSet.has(vertex))
  const active = activeNodes(order, sourceSet)
  const flowing = new Map<Vertex, Tensor>()
  const flowingParts = new Map<Loop, (Tensor | undefined)[]>()
  const flow = (t: Tensor, ct: Tensor | undefined): void => {
    if (ct === undefined || !active.has(t)) return
    if (!sameType(ct, t)) fail("GradientError", nameOf(t.op), `a cotangent of ${showType(t)}`, showType(ct))
    const before = flowing.get(t)
    const sumOf = sourceSet.has(t) ? plus : add // what is between is fused with what reads it
    flowing.set(t, before === undefined ? ct : sumOf(before, ct))
  }
  const flowToArguments = (vertex: Vertex, cts: Cotangents): void =>
    argsOf(vertex).forEach((a, i) => flow(a as Tensor, cts[i]))
  const flowToLoop = (loop: Loop, index: number, ct: Tensor): void => {
    const parts = flowingParts.get(loop) ?? loop.outputs.map(() => undefined)
    parts[index] = ct
    flowingParts.set(loop, parts)
  }
  sources.forEach((t, i) => {
    const sum = sumsSoFar[i]
    if (sum !== undefined) flowing.set(t, sum)
  })
  outputs.forEach((t, i) => flow(t, cotangents[i]))
  for (const vertex of order.toReversed()) {
    if (!active.has(vertex) || sourceSet.has(vertex)) continue
    const wanted = (): readonly boolean[] => argsOf(vertex).map(a => active.has(a))
    if (isLoop(vertex)) {
      const parts = flowingParts.get(vertex)
      if (parts !== undefined) flowToArguments(vertex, loopCotangents(backprop, vertex, parts, wanted()))
      continue
    }
    const ct = flowing.get(vertex)
    if (ct === undefined) continue
    if (vertex.op.kind === "part") flowToLoop(argsOf(vertex)[0] as Loop, vertex.op.index, ct)
    else {
      if (vertex.op.kind === "customVjp") requireOwnArguments(vertex, active, sourceSet)
      flowToArguments(vertex, nodeCotangents(vertex, ct, wanted()))
    }
  }
  return sources.map(t => flowing.get(t))
}
