import { div, mul, square } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { zeros } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat, type FloatDType } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import { problemOf, requireElements, type Problem } from "../search/problem.js"
import { Tree } from "../tree/index.js"
import { flattenAs } from "../tree/tree.js"

/** Residuals of a tree, and of data that stays as it is: a tensor or a tree of them. */
export type Residuals<P, D extends readonly unknown[], R> = (at: P, ...data: D) => R

/** Equations to solve, r(x) = 0, of as many unknowns: a problem whose function is half the sum of the squares of r. */
export interface Equations extends Problem {
  /** r, a vector. */
  readonly residuals: (point: Tensor) => Tensor
  /** The same with r / unit for r. */
  readonly inUnits: (unit: Tensor) => Problem
}

/** What a function of residuals gave as one vector, if its leaves are floats. */
export const residualVector = (operation: string, given: unknown, dtype: FloatDType): Tensor => {
  const { leaves } = flattenAs(operation, given, "a result")
  const paths = Tree.paths(given as Tree)
  leaves.forEach((t, i) => {
    if (!isFloat(t.dtype))
      fail("DTypeError", operation, "a result of f32 or f64", describeValue(t), paths[i] || undefined)
  })
  const vectors = leaves.map(t => reshape(cast(t, dtype), [sizeOf(t.shape)]))
  return vectors.length === 0 ? zeros([0], dtype) : concat(vectors)
}

/** Makes the equations of a function and a tree like its argument. */
export const equationsOf = (operation: string, f: (at: Tree) => Tree, start: Tree): Equations => {
  requireElements(operation, start)
  const residualsOf = (at: Tree): Tensor => {
    const vector = residualVector(operation, f(at), problem.dtype)
    const found = vector.shape[0] as number
    return found === problem.size
      ? vector
      : fail("ShapeError", operation, `as many equations as unknowns, ${problem.size}`, `${found} equations`)
  }
  const half = (own: (at: Tree) => Tensor): Problem => problemOf(operation, at => mul(0.5, sum(square(own(at)))), start)
  const problem = half(residualsOf)
  return {
    ...problem,
    residuals: point => residualsOf(problem.treeOf(point)),
    inUnits: unit => half(at => div(residualsOf(at), unit))
  }
}
