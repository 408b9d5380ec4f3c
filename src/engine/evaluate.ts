import { literal } from "../dataflow/create.js"
import { topological } from "../dataflow/order.js"
import type { Literal, Tensor, Vertex } from "../dataflow/primitive.js"
import { dataOf, isLiteral } from "../dataflow/literal.js"
import { isSymbolic } from "../dataflow/scope.js"
import { Tree } from "../tree/index.js"
import { plan, run } from "./interpreter/program.js"

/** Values that were computed once and asked for: a node remembers its value as a thunk does. */
const remembered = new WeakMap<Vertex, Literal>()

const valueOf = (t: Tensor): Literal | undefined => (isLiteral(t) ? t : remembered.get(t))

/** The values of some tensors, computed together so that what they share is computed once. */
export const evaluateAll = (tensors: readonly Tensor[]): readonly Literal[] => {
  const wanted = tensors.filter(t => valueOf(t) === undefined)
  if (wanted.length > 0) {
    const order = topological(wanted, remembered)
    const inputs = order.filter((t): t is Tensor => remembered.has(t))
    const program = plan(wanted, inputs, order)
    const results = run(
      program,
      inputs.map(t => dataOf(remembered.get(t)!))
    )
    wanted.forEach((t, i) => remembered.set(t, literal(results[i]!, t.shape, t.dtype)))
  }
  return tensors.map(t => valueOf(t)!)
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
export const evaluate = <T extends Tree>(tree: T): T => {
  const { leaves, structure } = Tree.flatten(tree)
  if (isSymbolic(leaves)) return tree
  return Tree.unflatten<T>(structure)(evaluateAll(leaves))
}
