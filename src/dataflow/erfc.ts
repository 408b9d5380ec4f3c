import { add, clamp, div, floor, mul, neg, square, sub } from "./arithmetic.js"
import { scalar } from "./create.js"
import { requireFloat, stopGradient } from "./elementwise.js"
import { gt, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { erf, exp } from "./transcendental.js"

const MIDDLE = [
  [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
    8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3
  ],
  [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3
  ]
] as const

const TAIL = [
  [
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4
  ],
  [1, 2.56852019228982242, 1.87295284992346047, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3]
] as const

/** `(a₀·xⁿ + … + aₙ) / (b₀·xⁿ + … + bₙ)`. */
const ratio = (coefficients: readonly [readonly number[], readonly number[]], x: Tensor): Tensor => {
  const [above, below] = coefficients.map(([first = 0, ...rest]) =>
    rest.reduce((p, c) => add(mul(p, x), c), scalar(first, x.dtype))
  ) as [Tensor, Tensor]
  return div(above, below)
}

/** `e^-x²` for `0 ≤ x ≤ 30`. The square of sixteenths is exact; what the square of `x` loses, the power would multiply. */
const bell = (x: Tensor): Tensor => {
  const sixteenths = mul(floor(mul(x, 16)), 1 / 16)
  return mul(exp(neg(square(sixteenths))), exp(neg(mul(sub(x, sixteenths), add(x, sixteenths)))))
}

/** What erf leaves to 1 at `x ≥ ½`. */
const upperTail = (x: Tensor): Tensor => {
  const [at, middle, far] = [clamp(x, 0.5, 30), clamp(x, 0.5, 4), clamp(x, 4, 30)]
  const inverse = div(1, square(far))
  const mills = div(sub(1 / Math.sqrt(Math.PI), mul(inverse, ratio(TAIL, inverse))), far)
  return mul(bell(at), where(gt(x, 4), mills, ratio(MIDDLE, middle)))
}

/**
 * Takes the complement of the error function: `1 - erf(x)`, from 2 to 0, accurate far out, where the difference is 0.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Source: Cody 1969, "Rational Chebyshev approximations for the error function". The derivative is that of `1 - erf(x)`.
 *
 * @example
 * import assert from "node:assert"
 * import { erf, erfc, item, scalar, sub } from "thalweg"
 *
 * const x = scalar(10, "f64")
 * assert.strictEqual(item(sub(1, erf(x))), 0)
 * assert.ok(Math.abs(item(erfc(x)) / 2.088487583762545e-45 - 1) < 1e-14)
 */
export const erfc = (x: Tensor): Tensor => {
  const difference = sub(1, erf(requireFloat("erfc", x)))
  return add(difference, stopGradient(where(gt(x, 0.5), sub(upperTail(x), difference), 0)))
}
