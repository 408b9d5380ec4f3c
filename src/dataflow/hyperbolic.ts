import { add, div, mul, neg, square, sub } from "./arithmetic.js"
import { requireFloat } from "./elementwise.js"
import { gt, lt, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { expm1, log, log1p, sqrt } from "./transcendental.js"

/** `(eˣ - 1) / 2`, which overflows no sooner than the result of those that add two. */
const halfExpm1 = (x: Tensor): Tensor => {
  const root = expm1(mul(x, 0.5))
  return mul(mul(root, 0.5), add(root, 2))
}

/**
 * Takes the hyperbolic sine: `(e^x - e^-x) / 2`, accurate near 0. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Law: `cosh(x)² - sinh(x)² ≡ 1`, but for rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { sinh, tensor, toArray } from "thalweg"
 *
 * const x = tensor([-1e-10, 0, Math.log(2)], { dtype: "f64" })
 * assert.deepStrictEqual(toArray(sinh(x)), [-1e-10, 0, 0.75])
 */
export const sinh = (x: Tensor): Tensor => sub(halfExpm1(requireFloat("sinh", x)), halfExpm1(neg(x)))

/**
 * Takes the hyperbolic cosine: `(e^x + e^-x) / 2`, at least 1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { cosh, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(cosh(tensor([0, Math.log(2), -Infinity]))), [1, 1.25, Infinity])
 */
export const cosh = (x: Tensor): Tensor => add(add(halfExpm1(requireFloat("cosh", x)), halfExpm1(neg(x))), 1)

/** From here on `√(x² ± 1)` is `x`. */
const FAR = 2 ** 28

/** `log(2x)` for a large `x`, and else `near(x)`. */
const orLogTwice = (x: Tensor, near: (x: Tensor) => Tensor): Tensor => {
  const isFar = gt(x, FAR)
  return where(isFar, add(log(where(isFar, x, 1)), Math.LN2), near(where(isFar, 2, x)))
}

/**
 * Takes the inverse of the hyperbolic sine: `log(x + √(x² + 1))`, accurate near 0; no square overflows. Takes `f32` or
 * `f64`, else a `DTypeError`.
 *
 * Law: `asinh(sinh(x)) ≡ x`, but for rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { asinh, tensor, toArray } from "thalweg"
 *
 * const x = tensor([-1e-10, 0.75, 1e300], { dtype: "f64" })
 * assert.deepStrictEqual(toArray(asinh(x)), [-1e-10, Math.LN2, Math.log(1e300) + Math.LN2])
 */
export const asinh = (x: Tensor): Tensor => {
  const negative = lt(requireFloat("asinh", x), 0)
  // Not by abs, whose derivative at 0 is 0.
  const value = orLogTwice(where(negative, neg(x), x), y =>
    log1p(mul(y, add(div(y, add(sqrt(add(square(y), 1)), 1)), 1)))
  )
  return where(negative, neg(value), value)
}

/**
 * Takes the inverse of the hyperbolic cosine, at least 0: `log(x + √(x² - 1))`, accurate near 1; NaN below. The
 * derivative is infinite at 1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { acosh, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(acosh(tensor([1, 1.25, 0.5]))), [0, Math.fround(Math.LN2), NaN])
 */
export const acosh = (x: Tensor): Tensor =>
  orLogTwice(requireFloat("acosh", x), y => {
    const above = sub(y, 1)
    return log1p(add(above, mul(sqrt(above), sqrt(add(above, 2)))))
  })

/**
 * Takes the inverse of the hyperbolic tangent on `[-1, 1]`: `(log(1 + x) - log(1 - x)) / 2`, accurate near 0 and near
 * ±1, where it is ±∞; NaN beyond. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Law: `tanh(atanh(x)) ≡ x`, but for rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { atanh, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(atanh(tensor([0, -1, 1, 2]))), [0, -Infinity, Infinity, NaN])
 */
export const atanh = (x: Tensor): Tensor => mul(sub(log1p(requireFloat("atanh", x)), log1p(neg(x))), 0.5)
