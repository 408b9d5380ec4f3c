import { customVjp } from "../autodiff/custom-vjp.js"
import { mul } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import type { Scope, Tensor } from "../dataflow/primitive.js"

import { input, inputLike } from "../dataflow/symbol.js"
import { Tree } from "../tree/index.js"

/**
 * What a node stands for: `f(x)`, of all leaves of `x`; `∇f(x)`, of one; `∇²f(x)·v`; or more derivatives than are shown. Its
 * arguments follow a symbol.
 */
export type Mark = "value" | "gradient" | "hessianProduct" | "thirdDerivative"

/** The nodes that stand for something. */
export type Marks = ReadonlyMap<Tensor, Mark>

/**
 * A function of which nothing is known, as an expression: its values and derivatives are nodes of their own, which are put down
 * in `marks`.
 */
export const unknownObjective = (scope: Scope, marks: Map<Tensor, Mark>): ((params: Tree) => Tensor) => {
  const marked = (mark: Mark, node: Tensor): Tensor => {
    marks.set(node, mark)
    return node
  }
  const third = (x: Tensor): Tensor => marked("thirdDerivative", inputLike(scope, "∇³f", x))
  const product = customVjp(
    (x: Tensor, v: Tensor) => [inputLike(scope, "∇²f", v), [x]] as const,
    ([x], cotangent) => [third(x), times(x, cotangent)] as const // the Hessian is symmetric
  )
  const times = (x: Tensor, v: Tensor): Tensor => marked("hessianProduct", product(x, v))
  const gradient = customVjp(
    (x: Tensor) => [inputLike(scope, "∇f", x), [x]] as const,
    ([x], cotangent) => [times(x, cotangent)] as const
  )
  const value = customVjp(
    (...x: readonly Tensor[]) => [input(scope, "f", [], "f64"), x] as const,
    (x, cotangent) => x.map(at => mul(marked("gradient", gradient(at)), cast(cotangent, at.dtype)))
  )
  return params => marked("value", value(...Tree.leaves(params)))
}
