import { checkFunction } from "../dataflow/check.js"
import { dataOf } from "../dataflow/literal.js"
import { loopName } from "../dataflow/attributes.js"
import { nameOf } from "../dataflow/primitive.js"
import { stridesOf, type Shape } from "../dataflow/shape.js"
import { showType } from "../dataflow/type.js"
import { Tree, type TreeLike, type TreesLike } from "../tree/index.js"
import { flattenArguments } from "../tree/tree.js"
import { evaluateAll } from "./evaluate.js"
import { follow } from "./interpreter/follow.js"
import { firstSource, type Source } from "./interpreter/source.js"
import { sentence, type Finding, type NonFinite } from "./non-finite.js"
import { lower, operands } from "./program/lower.js"
import { nearestInputs, type Site } from "./program/nearest.js"
import type { ProgramOp } from "./program/program.js"
import { share } from "./program/share.js"
import { trace } from "./trace.js"

/** How many of the arguments are told that an operation is computed from. */
const NEAREST = 3

const nameIn = (op: ProgramOp): string => (op.kind === "scan" ? loopName(op) : nameOf(op))

const indexOf = (at: number, shape: Shape): readonly number[] =>
  stridesOf(shape).map((stride, axis) => Math.floor(at / stride) % shape[axis]!)

const iterationsOf = ({ around }: Site): readonly number[] =>
  around === undefined ? [] : [...iterationsOf(around.loop), around.iteration]

/** What is found at a source, in a function whose arguments have these paths. */
const findingAt = (
  { origin, value, type, at }: Source,
  paths: readonly string[],
  reaches: readonly string[]
): Finding => {
  const found = { value, index: indexOf(at, type.shape), type: showType(type), reaches }
  if (origin.kind === "input") return { _tag: "Argument", path: paths[origin.index]!, ...found }
  if (origin.kind === "constant") {
    const { program, index } = origin
    const readers = program.steps.filter(({ args }) => args.includes(program.inputs.length + index))
    return { _tag: "Constant", readBy: [...new Set(readers.map(({ op }) => nameIn(op)))], ...found }
  }
  const { op, site, operands } = origin
  const from = nearestInputs(site, NEAREST).map(input => paths[input]!)
  return { _tag: "Operation", operation: nameOf(op), operands, iterations: iterationsOf(site), from, ...found }
}

/**
 * Makes a function that runs `f` and says where a result that is not finite comes from: the operation that made NaN or
 * infinity of finite values, the argument that had it already, or a constant; `undefined` if all results are finite. It
 * is the second look, on the same arguments, at a step that gave NaN.
 *
 * `f` takes and returns trees and must be pure, as for `compile`. All of it is interpreted, what it closes over included,
 * and results are followed back along values that are not finite: from a NaN to NaNs, or, where none was read, to
 * infinities; from an infinity to infinities. That ends where nothing of the kind was read. Of several ends the first in
 * the order of the program is told, a constant only if there is nothing else. So what is infinite on purpose and
 * vanishes, such as a mask of -Infinity below a softmax or a branch that `where` does not take, is not blamed. In a loop
 * it is told in which iteration; of a derivative, near which arguments. Linear in the program.
 *
 * Law: `undefined` exactly if all results are finite. Throws what `f` throws, and an `UnboundInputError` inside `compile`
 * and `scan`, where there are no values.
 *
 * @example
 * import assert from "node:assert"
 * import { locate, log, matmul, mean, neg, tensor, type Tensor } from "thalweg"
 *
 * const loss = (params: { w: Tensor }, x: Tensor) => neg(mean(log(matmul(x, params.w))))
 * const found = locate(loss)({ w: tensor([1, -1]) }, tensor([[2, 1], [3, 3]]))
 * assert.ok(found?._tag === "Operation")
 * assert.strictEqual(found.operation, "log")
 * assert.deepStrictEqual(found.operands, [{ type: "f32[2]", value: 0 }])
 * assert.deepStrictEqual(found.from, ["1", "0/w"])
 * assert.match(found.message, /^log of 0 gives -Infinity at \[1\] in f32\[2\], computed from the arguments 1, 0\/w,/)
 * assert.strictEqual(locate(loss)({ w: tensor([1, 1]) }, tensor([[2, 1], [3, 3]])), undefined)
 */
export const locate = <A extends TreesLike<A>, B extends TreeLike<B>>(
  f: (...args: A) => B
): ((...args: A) => NonFinite | undefined) => {
  checkFunction("locate", f)
  return (...args) => {
    const { leaves, structure } = flattenArguments(args as readonly Tree[])
    const values = evaluateAll(leaves).map(dataOf)
    const {
      symbols,
      outputs,
      structure: result
    } = trace(f as (...args: never) => B as (...args: readonly Tree[]) => B, structure, leaves)
    const program = share(lower(outputs, operands(outputs, new Set(symbols)), { inputs: symbols }))
    const results = follow(program, values)
    const source = firstSource(results)
    if (source === undefined) return undefined
    const paths = Tree.paths(Tree.unflatten<Tree>(result)(outputs))
    const reaches = paths.filter((_, i) => results[i]!.nan === source || results[i]!.infinity === source)
    const finding = findingAt(source, Tree.paths(args as readonly Tree[]), reaches)
    return { ...finding, message: sentence(finding) }
  }
}
