import { valueAndGrad } from "../autodiff/grad.js"
import { hvp } from "../autodiff/jacobian.js"
import { concat } from "../dataflow/concat.js"
import { zeros } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat, type FloatDType } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"
import { sliceAxis } from "../dataflow/slice.js"
import { reshape } from "../dataflow/structure.js"
import { isTensor } from "../dataflow/tensor.js"
import { showType } from "../dataflow/type.js"
import { Tree } from "../tree/index.js"
import type { Bounds } from "./bounds.js"

/**
 * Trees of one structure as vectors, all leaves one after the other. The vector is f64 if any leaf is, else f32.
 */
export interface Vectors {
  /** How many elements all leaves have together. */
  readonly size: number
  readonly dtype: FloatDType
  /** The vector of a tree. */
  readonly vectorOf: (at: Tree) => Tensor
  /** The tree of a vector: what `vectorOf` is the inverse of. */
  readonly treeOf: (point: Tensor) => Tree
}

/** A function to minimize, as methods see it: of one vector; its values have the dtype of the vector. */
export interface Problem extends Vectors {
  /** Bounds of the vector, where there are any: for methods that take them. */
  readonly bounds?: Bounds | undefined
  /** The function as it was given, of a tree, for a method that knows trees. */
  readonly objective: (at: Tree) => Tensor
  readonly value: (point: Tensor) => Tensor
  readonly valueAndGradient: (point: Tensor) => readonly [value: Tensor, gradient: Tensor]
  /** `∇²f(point) · direction`. */
  readonly hessianProduct: (point: Tensor, direction: Tensor) => Tensor
}

const requireFloats = (operation: string, start: Tree): void => {
  const paths = Tree.paths(start)
  Tree.leaves(start).forEach((t, i) => {
    if (!isFloat(t.dtype))
      fail("DTypeError", operation, "a start of f32 or f64", describeValue(t), paths[i] || undefined)
  })
}

/** A start of at least one element, or a `TreeError`. */
export const requireElements = (operation: string, start: Tree): void => {
  const leaves = Tree.leaves(start)
  if (leaves.every(t => sizeOf(t.shape) === 0))
    fail("TreeError", operation, "a start with at least one element", leaves.length === 0 ? "no leaf" : "empty leaves")
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

/** How trees like one become vectors. */
export const vectorsLike = (like: Tree): Vectors => {
  const { leaves, structure } = Tree.flatten(like)
  const dtype = dtypeOf(leaves)
  const sizes = leaves.map(t => sizeOf(t.shape))
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0))
  const size = sizes.reduce((a, b) => a + b, 0)
  return {
    size,
    dtype,
    vectorOf: at =>
      size === 0
        ? zeros([0], dtype)
        : concat(Tree.leaves(at).map((t, i) => reshape(cast(t, dtype), [sizes[i] as number]))),
    treeOf: point =>
      Tree.unflatten(structure)(
        leaves.map((t, i) => {
          const first = starts[i] as number
          return cast(reshape(sliceAxis(point, 0, first, first + (sizes[i] as number)), t.shape), t.dtype)
        })
      )
  }
}

/** Makes the problem of a function and a tree like its argument. `operation`: the name that errors bear. */
export const problemOf = (operation: string, f: (at: Tree) => Tensor, start: Tree): Problem => {
  requireFloats(operation, start)
  const { size, dtype, vectorOf, treeOf } = vectorsLike(start)
  const objective = (at: Tree): Tensor => requireScalar(operation, f(at))
  return {
    ...{ size, dtype, objective, vectorOf, treeOf },
    value: point => cast(objective(treeOf(point)), dtype),
    valueAndGradient: point => {
      const [value, gradient] = valueAndGrad(objective)(treeOf(point))
      return [cast(value, dtype), vectorOf(gradient)]
    },
    hessianProduct: (point, direction) => vectorOf(hvp(objective)(treeOf(point), treeOf(direction)))
  }
}
