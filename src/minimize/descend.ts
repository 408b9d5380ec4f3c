import { maximum, minimum, mul, neg, reciprocal, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { and, isFinite, lt, not, or, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { norm } from "../dataflow/reduce.js"
import { Tree, type Tree as AnyTree } from "../tree/index.js"
import { isHeld, longestWithin, stepWithin } from "./bounds.js"
import type { Found, LineSearch } from "./line-search.js"
import { counted, type Iterate, type Place } from "./method.js"
import type { Problem } from "./problem.js"
import { GOING, LINE_SEARCH_FAILED } from "./status.js"
import { count, dot } from "./vector.js"

/** A step that was made: along which direction, to where, by how much, and how the gradient changed. */
export interface Made extends Found {
  readonly direction: Tensor
  readonly step: Tensor
  readonly change: Tensor
}

/** Where a method wants to go. */
interface Plan<M extends AnyTree> {
  readonly direction: Tensor
  /** The length that is tried first, in units of the direction. */
  readonly length: Tensor
  /** A bool scalar: whether nothing is remembered, so that the direction is that of -∇f, which has no length of its own. */
  readonly isFresh: Tensor
  /** The memory of nothing. */
  readonly fresh: M
  readonly remember: (before: M, made: Made) => M
}

/** The gradient by the variables that can follow it. */
const freeGradient = ({ bounds }: Problem, { point, gradient }: Place): Tensor =>
  bounds === undefined ? gradient : where(isHeld(bounds, point, neg(gradient)), 0, gradient)

/**
 * Looks along a direction; where there are bounds, along the step of length `first` as far as it stays within, or where that leads
 * up, along as much of it as all variables can go together.
 */
const searchWithin = (
  problem: Problem,
  lineSearch: LineSearch,
  from: Place,
  direction: Tensor,
  first: Tensor
): Found => {
  const { bounds } = problem
  if (bounds === undefined) return lineSearch.search(problem, from, direction, first)
  const { point, gradient } = from
  const step = mul(first, where(isHeld(bounds, point, direction), 0, direction))
  const projected = stepWithin(bounds, point, step)
  const cut = mul(minimum(1, longestWithin(bounds, point, step)), step)
  const along = where(lt(dot(gradient, projected), 0), projected, cut)
  const one = scalar(1, problem.dtype)
  const found = lineSearch.search(problem, from, along, one, maximum(1, longestWithin(bounds, point, along)))
  return { ...found, length: mul(first, found.length) }
}

/**
 * The step of a method that looks along a direction. What is no direction of descent gives way to -∇f; where nothing lower is
 * found along a direction that was made of what is remembered, all is forgotten, and the next step begins anew from here.
 */
export const descend = <M extends AnyTree>(
  problem: Problem,
  lineSearch: LineSearch,
  iterate: Iterate<M>,
  { direction, length, isFresh, fresh, remember }: Plan<M>
): Iterate<M> => {
  const { point, gradient, evaluations, memory } = iterate
  const slope = dot(gradient, direction)
  const isDescent = and(isFinite(slope), lt(slope, 0))
  const either = (which: Tensor) => Tree.zipWith((a: Tensor, b: Tensor) => where(which, a, b))
  const begins = or(isFresh, not(isDescent))
  const along = where(isDescent, direction, neg(gradient))
  const first = where(begins, minimum(1, reciprocal(norm(freeGradient(problem, iterate)))), length)
  const made = searchWithin(problem, lineSearch, iterate, along, first)
  const before = either(isDescent)(memory, fresh)
  const step = sub(made.point, point)
  const after = remember(before, { ...made, direction: along, step, change: sub(made.gradient, gradient) })
  return {
    ...{ point: made.point, value: made.value, gradient: made.gradient },
    evaluations: counted(evaluations, made.evaluations),
    status: where(and(begins, not(made.found)), count(LINE_SEARCH_FAILED), count(GOING)),
    memory: either(made.found)(after, fresh)
  }
}
