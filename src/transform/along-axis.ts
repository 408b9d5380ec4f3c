import { matmul } from "../dataflow/contract.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"
import { moveAxis, reshape } from "../dataflow/structure.js"

/** A leaf as a matrix whose rows are the elements of an axis. */
export const unfolded = (leaf: Tensor, axis: number): Tensor =>
  reshape(moveAxis(leaf, axis, 0), [leaf.shape[axis] as number, sizeOf(leaf.shape) / (leaf.shape[axis] as number)])

/** The inverse of `unfolded`, to the shape of a leaf. */
export const folded = (rows: Tensor, axis: number, { shape }: Tensor): Tensor =>
  moveAxis(reshape(rows, [shape[axis] as number, ...shape.filter((_, i) => i !== axis)]), 0, axis)

/** A leaf multiplied by a square matrix along an axis. */
export const along = (leaf: Tensor, axis: number, matrix: Tensor): Tensor =>
  folded(matmul(matrix, unfolded(leaf, axis)), axis, leaf)
