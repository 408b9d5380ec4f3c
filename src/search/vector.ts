import { abs, div, maximum, mul } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import type { DType } from "../dataflow/dtype.js"
import { fail } from "../dataflow/error.js"
import { powerOfTwoAt } from "../dataflow/factor.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, sum } from "../dataflow/reduce.js"
import { broadcastShapes, sameShape, showShape, type Shape } from "../dataflow/shape.js"
import { broadcastTo } from "../dataflow/structure.js"

/** Σ aᵢ bᵢ. */
export const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b))

/** The largest absolute element; 0 of nothing. */
export const largest = (x: Tensor): Tensor => (x.shape.includes(0) ? scalar(0, x.dtype) : max(abs(x)))

/** The least that a unit may be, in shares of the derivatives: so that what is divided by it does not overflow near a root. */
const LEAST_UNIT = 2 ** -60

/**
 * The unit of a vector, a power of two: what is divided by it is so as it was, to the last bit, but has squares that neither
 * overflow nor vanish. It is about as large as the largest element, or a small share of the largest of its derivatives, `slopes`, if
 * that is larger.
 */
export const unitOf = (x: Tensor, slopes?: Tensor): Tensor => {
  const most = largest(x)
  return powerOfTwoAt(slopes === undefined ? most : maximum(most, mul(LEAST_UNIT, largest(slopes))))
}

/** A vector divided by its unit, and that. */
export const inItsUnit = (x: Tensor): { readonly scaled: Tensor; readonly unit: Tensor } => {
  const unit = unitOf(x)
  return { scaled: div(x, unit), unit }
}

/** The distance from 1 to the next number of a dtype. */
export const epsilonOf = (dtype: DType): number => (dtype === "f32" ? 2 ** -23 : 2 ** -52)

/** A whole number, as states count. */
export const count = (n: number): Tensor => scalar(n, "i32")

/** What is said of all elements of a shape, or of each: a tensor that broadcasts to it, else a `ShapeError`. */
export const spread = (operation: string, x: Tensor, shape: Shape): Tensor =>
  sameShape(broadcastShapes(operation, x.shape, shape), shape)
    ? broadcastTo(x, shape)
    : fail("ShapeError", operation, `a shape that broadcasts to ${showShape(shape)}`, showShape(x.shape))
