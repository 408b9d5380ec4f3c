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

/** A straight line, `from` at share 0 and `to` at 1, exactly: `from · (1 - share) + to · share`. */
export const line = (from: Tensor, to: Tensor, share: Tensor): Tensor => {
  const [start, end] = [knownIn(from), knownIn(to)]
  if (end === 0) return mul(sub(1, share), from)
  if (start === 0) return add(mul(share, to), from) // 0 and not -0 at its start
  if (start !== undefined && start === end) return add(mul(share, 0), from)
  return saturated(add(mul(sub(1, share), from), mul(share, to)))
}

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
