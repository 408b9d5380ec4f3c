import { div, maximum, minimum, mul, neg, sub } from "../dataflow/arithmetic.js"
import { and, lt, ne, not, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { any } from "../dataflow/reduce.js"
import { Tree, type Tree as AnyTree } from "../tree/index.js"
import { aimed, type Wish } from "../search/aim.js"
import { isHeld, longestWithin, stepWithin } from "../search/bounds.js"
import type { Found, LineSearch } from "../search/line-search.js"
import type { Place } from "../search/place.js"
import type { Problem } from "../search/problem.js"
import { count, dot, inItsUnit } from "../search/vector.js"
import { counted, type Iterate } from "./method.js"
import { GOING, LINE_SEARCH_FAILED } from "./status.js"

/** A step that was made: along which direction, to where, by how much, and how the gradient changed. */
export interface Made extends Found {
  readonly direction: Tensor
  readonly step: Tensor
  readonly change: Tensor
  /** What the slope promised of it, αφ'(0). */
  readonly promised: Tensor
}

/** Where a method wants to go, and what it makes of it. */
interface Plan<M extends AnyTree> extends Wish {
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
  const { scaled, unit } = inItsUnit(along)
  const longest = mul(maximum(1, longestWithin(bounds, point, along)), unit)
  const found = lineSearch.search(problem, from, scaled, unit, longest)
  return { ...found, length: mul(first, div(found.length, unit)) }
}

/**
 * The step of a method that looks along a direction. What is no direction of descent gives way to -∇f; where nothing lower is
 * found along a direction that was made of what is remembered, or no variable moves, all is forgotten, and the next step begins anew
 * from here.
 */
export const descend = <M extends AnyTree>(
  problem: Problem,
  lineSearch: LineSearch,
  iterate: Iterate<M>,
  { fresh, remember, ...wish }: Plan<M>
): Iterate<M> => {
  const { point, gradient, evaluations, memory } = iterate
  const { along, unit, first, isDescent, begins } = aimed(iterate, wish, freeGradient(problem, iterate))
  const either = (which: Tensor) => Tree.zipWith((a: Tensor, b: Tensor) => where(which, a, b))
  const made = searchWithin(problem, lineSearch, iterate, along, first)
  const before = either(isDescent)(memory, fresh)
  const step = sub(made.point, point)
  const found = and(made.found, any(ne(step, 0)))
  const after = remember(before, {
    ...made,
    direction: mul(along, unit),
    length: div(made.length, unit),
    step,
    change: sub(made.gradient, gradient),
    promised: mul(made.length, dot(gradient, along))
  })
  return {
    ...{ point: made.point, value: made.value, gradient: made.gradient },
    evaluations: counted(evaluations, made.evaluations),
    status: where(and(begins, not(found)), count(LINE_SEARCH_FAILED), count(GOING)),
    memory: either(found)(after, fresh)
  }
}
