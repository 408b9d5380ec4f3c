import { add } from "../dataflow/arithmetic.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Tree } from "../tree/index.js"
import type { Evaluations, Place } from "../search/place.js"
import type { Problem } from "../search/problem.js"
import { GOING } from "./status.js"
import { count } from "../search/vector.js"

/** What a method hands from step to step: where it is, what it counted, and what it remembers. */
export interface Iterate<M extends Tree> extends Place {
  readonly evaluations: Evaluations
  /** An i32 scalar: 0, or when the method cannot go on from here the code of the reason, such as 4 (`lineSearchFailed`). */
  readonly status: Tensor
  readonly memory: M
}

/**
 * A way to minimize: a pure state transition on vectors, of graphs. It neither stops nor counts iterations; what is around it
 * (`minimizer`) does. `M` is what it remembers, a tree of tensors that keep their shapes.
 */
export interface Method<M extends Tree> {
  /** The name of its recipe. */
  readonly name: string
  /** The first state, with the value (and gradient) at the start; the tolerance is for what has a width of its own. */
  init(this: void, problem: Problem, start: Tensor, tolerance: number): Iterate<M>
  step(this: void, problem: Problem, iterate: Iterate<M>): Iterate<M>
  /** Whether it keeps the bounds of a problem; a method that does not is refused where there are any. */
  readonly takesBounds?: true
  /**
   * What the tolerance bounds, a scalar, where that is not the largest absolute element of the gradient; and its words. A method that
   * has one says by its status where something is not finite.
   */
  readonly measure?: {
    readonly name: string
    of(this: void, iterate: Iterate<M>): Tensor
  }
}

/** A method of whose memory nothing is known but that it is a tree: any method can stand for one. */
export type AnyMethod = Method<Tree>

/** The evaluations so far, and more: numbers or i32 scalars. */
export const counted = (
  so: Evaluations,
  more: { readonly [K in keyof Evaluations]?: number | Tensor }
): Evaluations => ({
  values: add(so.values, more.values ?? 0),
  gradients: add(so.gradients, more.gradients ?? 0),
  hessianProducts: add(so.hessianProducts, more.hessianProducts ?? 0)
})

/** Where a method with derivatives begins: value and gradient are computed at the start. */
export const beginAt = <M extends Tree>(problem: Problem, point: Tensor, memory: M): Iterate<M> => {
  const [value, gradient] = problem.valueAndGradient(point)
  return {
    ...{ point, value, gradient },
    evaluations: { values: count(1), gradients: count(1), hessianProducts: count(0) },
    status: count(GOING),
    memory
  }
}
