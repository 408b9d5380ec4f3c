import { valueAndGrad } from "../autodiff/grad.js"
import { hvp } from "../autodiff/jacobian.js"
import { mul, square } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import { zeros } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat, type FloatDType } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sum } from "../dataflow/reduce.js"
import { sizeOf } from "../dataflow/shape.js"
import { sliceAxis } from "../dataflow/slice.js"
import { reshape } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { showType } from "../dataflow/type.js"
import { Tree } from "../tree/index.js"
import { boundsOf, type Bounds, type BoundsOptions } from "./bounds.js"

/**
 * A function to minimize, as methods see it: of one vector, all leaves of its argument one after the other. The vector is f64
 * if any leaf is, else f32, and so are the values.
 */
export interface Problem {
  /** How many elements all leaves have together. */
  readonly size: number
  readonly dtype: FloatDType
  /** Bounds of the vector, where there are any: for methods that take them. */
  readonly bounds?: Bounds | undefined
  /** The function as it was given, of a tree, for a method that knows trees. */
  readonly objective: (at: Tree) => Tensor
  /** The vector of a tree. */
  readonly vectorOf: (at: Tree) => Tensor
  /** The tree of a vector: what `vectorOf` is the inverse of. */
  readonly treeOf: (point: Tensor) => Tree
  readonly value: (point: Tensor) => Tensor
  readonly valueAndGradient: (point: Tensor) => readonly [value: Tensor, gradient: Tensor]
  /** `∇²f(point) · direction`. */
  readonly hessianProduct: (point: Tensor, direction: Tensor) => Tensor
}

/** Equations to solve, r(x) = 0, of as many unknowns: a problem whose function is half the sum of the squares of r. */
export interface Equations extends Problem {
  /** r, a vector. */
  readonly residuals: (point: Tensor) => Tensor
}

const requireFloats = (operation: string, start: Tree): readonly Tensor[] => {
  const paths = Tree.paths(start)
  const leaves = Tree.leaves(start)
  leaves.forEach((t, i) => {
    if (!isFloat(t.dtype)) fail("DTypeError", operation, "f32 or f64 leaves to minimize by", t.dtype, paths[i] ?? "")
  })
  return leaves.some(t => sizeOf(t.shape) > 0)
    ? leaves
    : fail(
        "TreeError",
        operation,
        "a start with at least one element",
        leaves.length === 0 ? "no leaf" : "empty leaves"
      )
}

/** The dtype of the vector of some leaves. */
export const dtypeOf = (leaves: readonly Tensor[]): FloatDType => (leaves.some(t => t.dtype === "f64") ? "f64" : "f32")

/** What the function gave, if it is a scalar of floats. */
export const requireScalar = (operation: string, value: unknown): Tensor => {
  if (!isTensor(value)) return fail("DataError", operation, "a function with a scalar result", describeValue(value))
  if (value.shape.length > 0) fail("ShapeError", operation, "a function with a scalar result", showType(value))
  if (!isFloat(value.dtype)) fail("DTypeError", operation, "a function with a result of f32 or f64", value.dtype)
  return value
}

/** Makes the problem of a function and a tree like its argument. `operation`: the name that errors bear. */
export const problemOf = (
  operation: string,
  f: (at: Tree) => Tensor,
  start: Tree,
  limits: BoundsOptions = {}
): Problem => {
  const leaves = requireFloats(operation, start)
  const { structure } = Tree.flatten(start)
  const dtype = dtypeOf(leaves)
  const sizes = leaves.map(t => sizeOf(t.shape))
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))
  const size = sizes.reduce((a, b) => a + b, 0)
  const vectorOf = (at: Tree): Tensor =>
    concat(Tree.leaves(at).map((t, i) => reshape(cast(t, dtype), [sizes[i] as number])))
  const treeOf = (point: Tensor): Tree =>
    Tree.unflatten(structure)(
      leaves.map((t, i) => {
        const first = starts[i] as number
        return cast(reshape(sliceAxis(point, 0, first, first + (sizes[i] as number)), t.shape), t.dtype)
      })
    )
  const bounds = boundsOf(operation, limits, start)
  const objective = (at: Tree): Tensor => requireScalar(operation, f(at))
  return {
    size,
    dtype,
    bounds: bounds && { lower: vectorOf(bounds.lower), upper: vectorOf(bounds.upper) },
    objective,
    vectorOf,
    treeOf,
    value: point => cast(objective(treeOf(point)), dtype),
    valueAndGradient: point => {
      const [value, gradient] = valueAndGrad(objective)(treeOf(point))
      return [cast(value, dtype), vectorOf(gradient)]
    },
    hessianProduct: (point, direction) => vectorOf(hvp(objective)(treeOf(point), treeOf(direction)))
  }
}

/** The leaves of what equations gave, as one vector, if there are as many as unknowns. */
const requireSquare = (operation: string, value: Tree, { size, dtype }: Problem): Tensor => {
  const leaves = Tree.leaves(value)
  const paths = Tree.paths(value)
  leaves.forEach((t, i) => {
    if (!isFloat(t.dtype)) fail("DTypeError", operation, "a function with results of f32 or f64", t.dtype, paths[i])
  })
  const residuals = concat([zeros([0], dtype), ...leaves.map(t => reshape(cast(t, dtype), [sizeOf(t.shape)]))])
  const found = residuals.shape[0] as number
  return found === size
    ? residuals
    : fail("ShapeError", operation, `as many equations as unknowns, ${size}`, `${found} equations`)
}

/** Makes the equations of a function and a tree like its argument. */
export const equationsOf = (operation: string, f: (at: Tree) => Tree, start: Tree): Equations => {
  const sumOfSquares = (at: Tree): Tensor => mul(0.5, sum(square(requireSquare(operation, f(at), problem))))
  const problem = problemOf(operation, sumOfSquares, start)
  return { ...problem, residuals: point => requireSquare(operation, f(problem.treeOf(point)), problem) }
}
