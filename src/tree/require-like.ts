import { fail } from "../dataflow/error.js"
import { sameShape } from "../dataflow/shape.js"
import { sameType, showType } from "../dataflow/type.js"
import { requireSameStructure } from "./structure.js"
import { leaves, paths, type Tree } from "./tree.js"

/** An error that names the first leaf which is not as expected: another structure, shape or dtype. */
export const requireLike = (operation: string, what: string, expected: Tree, received: Tree): void => {
  requireSameStructure(operation, expected, received, what)
  const others = leaves(received)
  leaves(expected).forEach((e, i) => {
    const r = others[i] ?? e
    if (sameType(e, r)) return
    const tag = sameShape(e.shape, r.shape) ? "DTypeError" : "ShapeError"
    fail(tag, operation, `${what} of ${showType(e)}`, showType(r), paths(expected)[i] || undefined)
  })
}
