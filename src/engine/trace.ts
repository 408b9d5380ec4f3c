import { valueIn } from "../dataflow/literal.js"
import type { Scope, Tensor, Vertex } from "../dataflow/primitive.js"
import { isWithin, newScope } from "../dataflow/scope.js"
import { inputLike } from "../dataflow/symbol.js"
import { Tree } from "../tree/index.js"
import type { Structure } from "../tree/tree.js"
import { evaluateAll } from "./evaluate.js"
import { lower, operands } from "./program/lower.js"
import type { Program } from "./program/program.js"
import { share } from "./program/share.js"

/** What a function computes, of symbols. */
export interface Traced {
  readonly scope: Scope
  readonly symbols: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly structure: Structure
}

/** Calls a function on symbols in place of its arguments. */
export const trace = <A extends readonly Tree[]>(
  f: (...args: A) => Tree,
  structure: Structure,
  leaves: readonly Tensor[]
): Traced => {
  const scope = newScope()
  const symbols = leaves.map((t, i) => inputLike(scope, `argument${i}`, t))
  const result = Tree.flatten(scope.trace(() => f(...Tree.unflatten<A>(structure)(symbols))))
  return { scope, symbols, outputs: result.leaves, structure: result.structure }
}

/** The program of a function, whose constants are what it closes over, computed now. */
export const programOf = ({ scope, symbols, outputs }: Traced): Program => {
  const isOutside = (vertex: Vertex): boolean => !isWithin(scope, vertex)
  const order = operands(outputs, { has: isOutside })
  // Only tensors: a loop is in the scopes of its parts.
  const closedOver = order.filter((vertex): vertex is Tensor => isOutside(vertex))
  const values = evaluateAll(closedOver)
  const known = new Map(closedOver.map((t: Vertex, i) => [t, valueIn(values[i]!)]))
  return share(lower(outputs, order, { inputs: symbols, known }))
}
