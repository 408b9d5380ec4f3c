import { add, div, maximum, minimum, mul, pow, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { cos } from "../dataflow/transcendental.js"
import { knownIn } from "../options/extent.js"
import type { Schedule } from "../options/hyperparameter.js"

/** Half a cosine: 1 at 0, 0 at 1, flat at both. */
export const halfCosine = (passed: Tensor): Tensor => div(add(cos(mul(passed, Math.PI)), 1), 2)

/** What left f64 stays at its largest number, so that a schedule is finite, and 0 times it 0 and not NaN. */
export const saturated = (t: Tensor): Tensor => minimum(maximum(t, -Number.MAX_VALUE), Number.MAX_VALUE)

/** A product that stays finite. */
export const times = (a: Tensor, b: Tensor): Tensor => saturated(mul(a, b))

/** `height · base^n` of n ≥ 0, which stays finite. */
export const compounded = (height: Tensor, base: Tensor, n: Tensor): Tensor => {
  const grows = (knownIn(base) ?? Infinity) > 1
  return grows ? times(minimum(pow(base, n), Number.MAX_VALUE), height) : mul(pow(base, n), height)
}

/** A straight line: `from` at share 0, `to` at 1. */
export const line = (from: Tensor, to: Tensor, share: Tensor): Tensor => add(mul(share, saturated(sub(to, from))), from)

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
