import { hasMethods } from "../dataflow/describe.js"
import type { Tensor } from "../dataflow/primitive.js"
import { codeField, type CodeField } from "../options/fields.js"
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
 * A way to look along a direction of descent for a point that is lower by enough: `search` begins with the length `first`. It is a
 * graph like all else, a loop within, and goes no further than `longest`, where bounds are met. A value or gradient that is not finite counts as too long a step, but for -Infinity, which is found.
 */
export interface LineSearch {
  /** The name of its recipe. */
  readonly name: string
  search(this: void, problem: Problem, from: Place, direction: Tensor, first: Tensor, longest?: Tensor): Found
}

/** An option that is a line search. */
export const lineSearchField = (value: LineSearch): CodeField<LineSearch, LineSearch> =>
  codeField(
    "a line search, such as strongWolfe()",
    (given): given is LineSearch => hasMethods(given, ["search"]),
    value
  )
