import { div, maximum, minimum, mul, neg, reciprocal } from "../dataflow/arithmetic.js"
import { and, eq, isFinite, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { cond } from "../tree/cond.js"
import type { Place } from "./place.js"
import { dot, epsilonOf, inItsUnit, largest } from "./vector.js"

/** Where a method wants to go. */
export interface Wish {
  readonly direction: Tensor
  /** The length that is tried first, in units of the direction. */
  readonly length: Tensor
  /** A bool scalar: whether nothing is remembered, so that the direction is that of -∇f, which has no length of its own. */
  readonly isFresh: Tensor
}

/** Where to look. */
export interface Aim {
  /** The direction, divided by its unit: so that a slope overflows no sooner than the gradient. */
  readonly along: Tensor
  readonly unit: Tensor
  /** The length that is tried first, along that. */
  readonly first: Tensor
  /** Bool scalars: whether the wish was a direction of descent, and whether it begins anew, along -∇f. */
  readonly isDescent: Tensor
  readonly begins: Tensor
}

/** How many roundings of a variable the first step changes it by, at least. */
const LEAST_ROUNDINGS = 4

/** The length of a step along a gradient that changes some variable by more than a rounding of it. */
const leastLength = (point: Tensor, gradient: Tensor): Tensor => {
  const fastest = largest(where(eq(gradient, 0), 0, div(gradient, point)))
  const least = div(LEAST_ROUNDINGS * epsilonOf(point.dtype), fastest)
  return where(isFinite(least), least, 0)
}

/**
 * What is no direction of descent gives way to -∇f, along which the first length is 1, or that of the gradient if it is longer, but
 * no less than what roundings of the point hide; of the `free` gradient, where bounds hold some variables.
 */
export const aimed = (
  { point, gradient }: Pick<Place, "point" | "gradient">,
  { direction, length, isFresh }: Wish,
  free: Tensor = gradient
): Aim => {
  const [wished, steepest] = [inItsUnit(direction), inItsUnit(neg(gradient))]
  const slope = dot(gradient, wished.scaled)
  const isDescent = and(isFinite(slope), lt(slope, 0))
  const begins = or(isFresh, not(isDescent))
  const unit = where(isDescent, wished.unit, steepest.unit)
  const anew = (x: Tensor, g: Tensor): Tensor => maximum(minimum(1, reciprocal(norm(g))), leastLength(x, g))
  return {
    along: where(isDescent, wished.scaled, steepest.scaled),
    unit,
    first: mul(
      cond(begins, anew, () => length, point, free),
      unit
    ),
    isDescent,
    begins
  }
}
