import { fail, locate } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameShape, showShape } from "../dataflow/shape.js"
import { Tree } from "../tree/index.js"

/** An error that names the first leaf which is not as expected: another structure, shape or dtype. */
export const requireLike = (what: string, expected: Tree, received: Tree): void => {
  Tree.requireSameStructure("step", expected, received, what)
  const others = Tree.leaves(received)
  Tree.leaves(expected).forEach((e, i) => {
    const r = others[i] ?? e
    const fits = sameShape(e.shape, r.shape)
    if (fits && e.dtype === r.dtype) return
    const [path, show] = [Tree.paths(expected)[i] ?? "", (t: Tensor) => `${t.dtype}${showShape(t.shape)}`]
    locate(path, () => fail(fits ? "DTypeError" : "ShapeError", "step", `${what} of ${show(e)}`, show(r)))
  })
}
