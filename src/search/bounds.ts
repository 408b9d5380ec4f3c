import { add, clamp, div, neg, sub } from "../dataflow/arithmetic.js"
import { and, eq, ge, gt, le, lt, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { min } from "../dataflow/reduce.js"

/** Bounds of all variables, vectors, infinite where there is none. */
export interface Bounds {
  readonly lower: Tensor
  readonly upper: Tensor
}

/** The nearest point within. */
export const within = ({ lower, upper }: Bounds, point: Tensor): Tensor => clamp(point, lower, upper)

/** x + s, but no further than the bounds, and exactly there where s reaches them. */
export const moved = (bounds: Bounds | undefined, point: Tensor, step: Tensor): Tensor => {
  if (bounds === undefined) return add(point, step)
  const { lower, upper } = bounds
  const reaches = (end: Tensor, past: Tensor): Tensor => where(past, end, within(bounds, add(point, step)))
  return where(le(step, sub(lower, point)), lower, reaches(upper, ge(step, sub(upper, point))))
}

/** The part of a step from a point that stays within: P(x + s) - x, without rounding where s is small beside x. */
export const stepWithin = ({ lower, upper }: Bounds, point: Tensor, step: Tensor): Tensor =>
  clamp(step, sub(lower, point), sub(upper, point))

/** What is left of the gradient where bounds hold against it: x - P(x - ∇f), 0 at a stationary point. */
export const projectedGradient = (bounds: Bounds | undefined, point: Tensor, gradient: Tensor): Tensor =>
  bounds === undefined ? gradient : neg(stepWithin(bounds, point, neg(gradient)))

/** The longest length that a direction can be gone along, Infinity where it meets no bound. */
export const longestWithin = ({ lower, upper }: Bounds, point: Tensor, direction: Tensor): Tensor => {
  const room = where(lt(direction, 0), sub(lower, point), sub(upper, point))
  return min(where(eq(direction, 0), Infinity, div(room, direction)))
}

/** Which variables stand at a bound that a direction leads out of. */
export const isHeld = ({ lower, upper }: Bounds, point: Tensor, direction: Tensor): Tensor =>
  or(and(le(point, lower), lt(direction, 0)), and(ge(point, upper), gt(direction, 0)))
