import { abs, div, maximum, minimum, mul, neg, reciprocal } from "../dataflow/arithmetic.js"
import { and, eq, isFinite, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { min, norm } from "../dataflow/reduce.js"
import type { Found, LineSearch } from "./line-search.js"
import type { Place } from "./place.js"
import type { Problem } from "./problem.js"
import { dot, epsilonOf, unitOf } from "./vector.js"

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
  readonly along: Tensor
  readonly first: Tensor
  /** Bool scalars: whether the wish was a direction of descent, and whether it begins anew, along -∇f. */
  readonly isDescent: Tensor
  readonly begins: Tensor
}

/** How many roundings of a variable the first step changes it by, at least. */
const LEAST_ROUNDINGS = 4

/** The length of a step along a gradient that changes some variable by more than a rounding of it. */
const leastLength = (point: Tensor, gradient: Tensor): Tensor => {
  const lengths = div(mul(LEAST_ROUNDINGS * epsilonOf(point.dtype), abs(point)), abs(gradient))
  const least = min(where(eq(gradient, 0), Infinity, lengths))
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
  const slope = dot(gradient, div(direction, unitOf(direction)))
  const isDescent = and(isFinite(slope), lt(slope, 0))
  const begins = or(isFresh, not(isDescent))
  return {
    along: where(isDescent, direction, neg(gradient)),
    first: where(begins, maximum(minimum(1, reciprocal(norm(free))), leastLength(point, free)), length),
    isDescent,
    begins
  }
}

/** Looks along a direction in its unit, so that a slope overflows no sooner than the gradient. The length found is in units of the direction. */
export const searchAlong = (
  { search }: Pick<LineSearch, "search">,
  problem: Problem,
  from: Place,
  direction: Tensor,
  first: Tensor,
  longest?: Tensor
): Found => {
  const unit = unitOf(direction)
  const found = search(problem, from, div(direction, unit), mul(first, unit), longest && mul(longest, unit))
  return { ...found, length: div(found.length, unit) }
}
