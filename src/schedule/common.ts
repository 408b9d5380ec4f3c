import { add, div, mul } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { cos } from "../dataflow/transcendental.js"
import type { Schedule } from "../options/hyperparameter.js"

/** Half a cosine: 1 at 0, 0 at 1, flat at both. */
export const halfCosine = (passed: Tensor): Tensor => div(add(cos(mul(passed, Math.PI)), 1), 2)

/** What a number of steps is divided by: where there are none, nothing is divided that matters. */
export const atLeastOne = (steps: number): number => Math.max(steps, 1)

/**
 * `within` of the share of `steps` that has passed, then `end`. `within` sees shares before the end only: none where it
 * is steep.
 */
export const until =
  (steps: number, within: (passed: Tensor) => Tensor, end: Tensor): Schedule =>
  step => {
    const t = cast(step, "f64")
    const before = lt(t, steps)
    return where(before, within(div(where(before, t, 0), atLeastOne(steps))), end)
  }
