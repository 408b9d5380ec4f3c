import { fail } from "../dataflow/error.js"
import { sameShape } from "../dataflow/shape.js"
import { sameType, showType } from "../dataflow/type.js"
import { Tree } from "../tree/index.js"

/** An error that names the first leaf which is not as expected: another structure, shape or dtype. */
export const requireLike = (operation: string, what: string, expected: Tree, received: Tree): void => {
  Tree.requireSameStructure(operation, expected, received, what)
  const others = Tree.leaves(received)
  Tree.leaves(expected).forEach((e, i) => {
    const r = others[i] ?? e
    if (sameType(e, r)) return
    const tag = sameShape(e.shape, r.shape) ? "DTypeError" : "ShapeError"
    fail(tag, operation, `${what} of ${showType(e)}`, showType(r), Tree.paths(expected)[i] || undefined)
  })
}
