import type { Tensor } from "../dataflow/primitive.js"
import type { Evaluations, Place } from "./method.js"
import type { Problem } from "./problem.js"

/** Where a line search ended. */
export interface Found extends Place {
  /** α, the step in units of the direction: 0 if nothing was found. */
  readonly length: Tensor
  /** A bool scalar: whether the point is lower by enough. */
  readonly found: Tensor
  /** What it took. */
  readonly evaluations: Pick<Evaluations, "values" | "gradients">
}

/**
 * Looks along a direction of descent for a point that is lower by enough, beginning with the length `first`. It is a graph like
 * all else, a loop within. A value or gradient that is not finite counts as too long a step, but for -Infinity, which is found.
 */
export type LineSearch = (problem: Problem, from: Place, direction: Tensor, first: Tensor) => Found
