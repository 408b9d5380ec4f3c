import { partsOf } from "./packed.js"
import type { Failing, FactorFn, Tensor, Triangle } from "./primitive.js"
import * as shapes from "./rules.js"
import { sizeOf, type Shape } from "./shape.js"
import { sliceAxis } from "./slice.js"
import { reshape, swapAxes } from "./structure.js"
import { apply } from "./tensor.js"

/** A factorization of each matrix, packed. */
export const factor = (fn: FactorFn, x: Tensor, { operation, onFailure }: Failing): Tensor =>
  apply(shapes.factor, { kind: "factor", fn, operation, onFailure }, [x])

/** The parts of what was packed of a matrix, or of each of a batch, of this shape. */
export const unpacked = (fn: FactorFn, packed: Tensor, matrix: Shape): readonly Tensor[] => {
  let end = 0
  return partsOf(fn, matrix).map(shape => {
    const start = end
    end += sizeOf(shape)
    return reshape(sliceAxis(packed, -1, start, end), [...packed.shape.slice(0, -1), ...shape])
  })
}

/** Solves `op(T) x = b`, where `T` is a triangle of `a`, for matrices of columns with the same batch axes. */
export const triangular = (a: Tensor, b: Tensor, triangle: Triangle, { operation, onFailure }: Failing): Tensor => {
  const { lower, transposed, unitDiagonal } = triangle
  return apply(
    shapes.triangularSolve,
    { kind: "triangularSolve", lower, transposed, unitDiagonal, operation, onFailure },
    [a, b]
  )
}

/** The matrix, or each of a batch, with rows and columns exchanged. */
export const transposed = (x: Tensor): Tensor => swapAxes(x, -2, -1)
