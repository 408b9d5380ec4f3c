import { sub } from "../dataflow/arithmetic.js"
import { and, not, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { Tree, type Tree as AnyTree } from "../tree/index.js"
import type { Found, LineSearch } from "../search/line-search.js"
import { counted, type Iterate } from "./method.js"
import type { Problem } from "../search/problem.js"
import { GOING, LINE_SEARCH_FAILED } from "./status.js"
import { aimed, type Wish } from "../search/aim.js"
import { count } from "../search/vector.js"

/** A step that was made: along which direction, to where, by how much, and how the gradient changed. */
export interface Made extends Found {
  readonly direction: Tensor
  readonly step: Tensor
  readonly change: Tensor
}

/** Where a method wants to go, and what it makes of it. */
interface Plan<M extends AnyTree> extends Wish {
  /** The memory of nothing. */
  readonly fresh: M
  readonly remember: (before: M, made: Made) => M
}

/**
 * The step of a method that looks along a direction. What is no direction of descent gives way to -∇f; where nothing lower is
 * found along a direction that was made of what is remembered, all is forgotten, and the next step begins anew from here.
 */
export const descend = <M extends AnyTree>(
  problem: Problem,
  lineSearch: LineSearch,
  iterate: Iterate<M>,
  { fresh, remember, ...wish }: Plan<M>
): Iterate<M> => {
  const { point, gradient, evaluations, memory } = iterate
  const { along, first, isDescent, begins } = aimed(gradient, wish)
  const either = (which: Tensor) => Tree.zipWith((a: Tensor, b: Tensor) => where(which, a, b))
  const made = lineSearch.search(problem, iterate, along, first)
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
