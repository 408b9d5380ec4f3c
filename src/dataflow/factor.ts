import { abs, floor, minimum, mul } from "./arithmetic.js"
import { scalar } from "./create.js"
import { stopGradient } from "./elementwise.js"
import { exp2 } from "./exponential.js"
import { and, gt, lt, where } from "./logic.js"
import { partsOf } from "./packed.js"
import type { Failing, FactorFn, Tensor, Triangle } from "./primitive.js"
import { max } from "./reduce.js"
import * as shapes from "./rules.js"
import { sizeOf, type Shape } from "./shape.js"
import { sliceAxis } from "./slice.js"
import { reshape, swapAxes } from "./structure.js"
import { apply } from "./tensor.js"
import { log } from "./transcendental.js"

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

/** A power of two about as large as each element; 1 of what is 0, or not finite. It is constant to derivatives. */
export const powerOfTwoAt = (size: Tensor): Tensor => {
  const most = stopGradient(size)
  const exponent = minimum(floor(mul(Math.LOG2E, log(most))), size.dtype === "f32" ? 127 : 1023)
  return where(and(gt(most, 0), lt(most, Infinity)), exp2(exponent), 1)
}

/**
 * A power of two about as large as the largest element of each matrix: what is divided by it has
 * squares that neither overflow nor vanish. It is constant to derivatives, of what does not depend on it.
 */
export const scaleOf = (x: Tensor): Tensor =>
  x.shape.includes(0) ? scalar(1, x.dtype) : powerOfTwoAt(max(abs(stopGradient(x)), { axes: [-2, -1], keepDims: true }))

/** The matrix, or each of a batch, with rows and columns exchanged. */
export const transposed = (x: Tensor): Tensor => swapAxes(x, -2, -1)
