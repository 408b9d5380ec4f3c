import { literalOf } from "../dataflow/create.js"
import { isLiteral, valueIn } from "../dataflow/literal.js"
import type { Literal, Tensor, Vertex } from "../dataflow/primitive.js"
import { isSymbolic } from "../dataflow/scope.js"
import type { Value } from "../dataflow/value.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { interpreter } from "./interpreter/interpreter.js"
import { lower, operands } from "./program/lower.js"

/** Values that were computed once and asked for: a node remembers its value as a thunk does. */
const remembered = new WeakMap<Vertex, Literal>()

const literalFor = (t: Tensor): Literal | undefined => (isLiteral(t) ? t : remembered.get(t))

const known = {
  get: (vertex: Vertex): Value | undefined => {
    const found = remembered.get(vertex)
    return found && valueIn(found)
  }
}

/** The values of some tensors, computed together so that what they share is computed once. */
export const evaluateAll = (tensors: readonly Tensor[]): readonly Literal[] => {
  const wanted = tensors.filter(t => literalFor(t) === undefined)
  if (wanted.length > 0) {
    const program = lower(wanted, operands(wanted, remembered), { inputs: [], known })
    const values = interpreter.prepare(program).run([], [])
    wanted.forEach((t, i) => remembered.set(t, literalOf(values[i]!)))
  }
  return tensors.map(t => literalFor(t)!)
}

/**
 * Computes a tree: the same tree, every leaf a literal. What the leaves share is computed once.
 *
 * Laws: `evaluate(evaluate(t)) ≡ evaluate(t)`; `compile(f)(x) ≡ evaluate(f(x))`; the same inputs give the same bits.
 *
 * Inside a function that is being traced (by `grad`, `scan` or `compile`) a tree that depends on its arguments is
 * returned as it is, so that derivatives flow through; values do not exist there yet, or are not to be fixed.
 *
 * @example
 * import assert from "node:assert"
 * import { add, evaluate, scalar } from "thalweg"
 *
 * const x = add(scalar(1), 2) // built, not run
 * assert.match(String(x), /= add\(1, 2\)/)
 * assert.match(String(evaluate({ x }).x), /3$/)
 */
export const evaluate = <T extends TreeLike<T>>(tree: T): T => {
  const { leaves, structure } = Tree.flatten(tree)
  if (isSymbolic(leaves)) return tree
  return Tree.unflatten<T>(structure)(evaluateAll(leaves))
}
