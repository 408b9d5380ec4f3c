import { abs, add, div, maximum, mul, sign, square, sub } from "../dataflow/arithmetic.js"
import { isFinite, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sqrt } from "../dataflow/transcendental.js"

/** A length along a direction, with value and slope there, scalars. */
export interface Trial {
  readonly length: Tensor
  readonly value: Tensor
  readonly slope: Tensor
}

/**
 * Where the cubic through two trials, with their slopes, has its minimum; `otherwise` where that is nowhere (Nocedal & Wright,
 * 2006, eq. 3.59). Divided by the largest slope before it is squared, so that nothing overflows.
 */
export const cubicMinimum = (a: Trial, b: Trial, otherwise: Tensor): Tensor => {
  const width = sub(b.length, a.length)
  const middle = sub(add(a.slope, b.slope), div(mul(3, sub(b.value, a.value)), width))
  const scale = maximum(abs(middle), maximum(abs(a.slope), abs(b.slope)))
  const inner = sub(square(div(middle, scale)), mul(div(a.slope, scale), div(b.slope, scale)))
  const root = mul(mul(sign(width), scale), sqrt(inner))
  const share = div(sub(add(b.slope, root), middle), add(sub(b.slope, a.slope), mul(2, root)))
  const least = sub(b.length, mul(width, share))
  return where(isFinite(least), least, otherwise)
}

/** A choice between two trials. */
export const eitherTrial = (which: Tensor, a: Trial, b: Trial): Trial => ({
  length: where(which, a.length, b.length),
  value: where(which, a.value, b.value),
  slope: where(which, a.slope, b.slope)
})
