import { checkFunction } from "../dataflow/check.js"
import { zerosLike } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { not } from "../dataflow/logic.js"
import { closeLoop, sameAs } from "../dataflow/loop.js"
import type { Scope, Tensor } from "../dataflow/primitive.js"
import { newScope } from "../dataflow/scope.js"
import { reshape } from "../dataflow/structure.js"
import { inputLike } from "../dataflow/symbol.js"
import { zipWith } from "./functions.js"
import { requireSameStructure } from "./structure.js"
import { flatten, flattenAs, unflatten, type Structure, type Tree, type TreeLike, type TreesLike } from "./tree.js"
import { checkTruth } from "./while-loop.js"

/** A branch, traced. */
interface Branch<B> {
  readonly scope: Scope
  readonly symbols: readonly Tensor[]
  readonly result: B
}

const branchOf = <B>(f: (...operands: never) => B, structure: Structure, leaves: readonly Tensor[]): Branch<B> => {
  const scope = newScope()
  const symbols = leaves.map((t, i) => inputLike(scope, `operand${i}`, t))
  return { scope, symbols, result: scope.trace(() => f(...unflatten<never>(structure)(symbols))) }
}

/**
 * A loop of one iteration, if it is wanted, or none: its carry becomes the results of the branch, or stays. It goes over the
 * operands, since what it captured would be outside of it.
 */
const when = (
  wanted: Tensor,
  { scope, symbols, result }: Branch<Tree>,
  operands: readonly Tensor[],
  otherwise: readonly Tensor[]
): readonly Tensor[] =>
  closeLoop({
    scope,
    symbols: [...otherwise.map((t, i) => inputLike(scope, `carry${i}`, t)), ...symbols],
    body: () => flatten(result).leaves,
    init: otherwise,
    xs: operands.map(t => reshape(t, [1, ...t.shape])),
    length: 1,
    count: cast(wanted, "i32"),
    reverse: false
  })

/**
 * Computes one of two branches: `predicate ? ifTrue(...operands) : ifFalse(...operands)`. The other is not run, and neither its
 * values nor its derivative come in: where `where` multiplies what it does not choose by 0, and makes NaN of an infinite
 * derivative, here that is 0.
 *
 * `predicate` is a bool scalar. The branches take the operands, trees of tensors, and give results of the same structure,
 * shapes and dtypes. What a branch computes from what it closes over and not from its operands is computed in any case,
 * outside: hand over as an operand what only one of them should compute with.
 *
 * Throws a `DTypeError`, `ShapeError` or `DataError` when the predicate is no bool scalar, and a `ShapeError` or `TreeError`,
 * which says at which leaf, when the results differ. Both branches are called, on symbols: reading a value in them is an
 * `UnboundInputError`.
 *
 * Laws: `cond(true, f, g, …x) ≡ f(…x)` and `cond(false, f, g, …x) ≡ g(…x)`, and so are their derivatives.
 *
 * @example
 * import assert from "node:assert"
 * import { cond, grad, gt, item, scalar, sqrt, where, zerosLike, type Tensor } from "thalweg"
 *
 * const root = (x: Tensor) => cond(gt(x, 0), sqrt, zerosLike, x)
 * assert.deepStrictEqual([4, -4].map(x => item(root(scalar(x)))), [2, 0])
 * assert.deepStrictEqual([4, 0].map(x => item(grad(root)(scalar(x)))), [0.25, 0])
 * assert.ok(Number.isNaN(item(grad((x: Tensor) => where(gt(x, 0), sqrt(x), 0))(scalar(0)))))
 */
export const cond = <A extends TreesLike<A>, B extends TreeLike<B>>(
  predicate: Tensor,
  ifTrue: (...operands: A) => B,
  ifFalse: (...operands: A) => B,
  ...operands: A
): B => {
  checkTruth("cond", "a predicate", predicate)
  checkFunction("cond", ifTrue, "ifTrue to be a function")
  checkFunction("cond", ifFalse, "ifFalse to be a function")
  const { leaves, structure } = flattenAs("cond", operands, "an operand")
  const [yes, no] = [branchOf(ifTrue, structure, leaves), branchOf(ifFalse, structure, leaves)]
  const result = flattenAs("cond", yes.result, "a result of ifTrue")
  requireSameStructure("cond", yes.result, no.result, "a result of ifFalse")
  zipWith(sameAs("cond", "a result of ifFalse"))(yes.result, no.result)
  const none = result.leaves.map(zerosLike)
  const some = when(predicate, yes, leaves, none)
  return unflatten<B>(result.structure)(when(not(predicate), no, leaves, some))
}
