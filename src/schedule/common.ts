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
export const finiteProduct = (a: Tensor, b: Tensor): Tensor => saturated(mul(a, b))

/** `height · base^n` of n ≥ 0, which stays finite. */
export const compounded = (height: Tensor, base: Tensor, n: Tensor): Tensor => {
  const grows = (knownIn(base) ?? Infinity) > 1
  return grows ? finiteProduct(minimum(pow(base, n), Number.MAX_VALUE), height) : mul(pow(base, n), height)
}

/**
 * A straight line from share 0, where it is `from` exactly, to share 1: `from + (to - from) · share`. Towards 0 it is
 * `from · rest`, with what is left of the share, and so loses no digits.
 */
export const line = (from: Tensor, to: Tensor, share: Tensor, rest = sub(1, share)): Tensor =>
  knownIn(to) === 0 ? add(mul(rest, from), to) : add(mul(share, saturated(sub(to, from))), from)

/** The same along a height that falls from 1 to 0. */
export const fall = (from: Tensor, to: Tensor, height: Tensor): Tensor => line(from, to, sub(1, height), height)

/** A number of steps as a divisor: 1 where there are none, since what is divided is not used then. */
export const divisor = (steps: number): number => Math.max(steps, 1)

/**
 * `curve` of the share of `steps` that has passed, then `end`. It sees shares before the end only: none where it is steep.
 */
export const until =
  (steps: number, curve: (passed: Tensor) => Tensor, end: Tensor): Schedule =>
  step => {
    const t = cast(step, "f64")
    const before = lt(t, steps)
    return where(before, curve(div(where(before, t, 0), divisor(steps))), end)
  }
