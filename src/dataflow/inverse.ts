import { add, div, mul, neg, pow, sub } from "./arithmetic.js"
import { lift2, type Operand } from "./create.js"
import { requireFloat, stopGradient } from "./elementwise.js"
import { and, eq, isFinite, lt, not, where } from "./logic.js"
import { stack } from "./concat.js"
import type { Tensor } from "./primitive.js"
import { norm } from "./reduce.js"
import { broadcastShapes } from "./shape.js"
import { broadcastTo } from "./structure.js"
import { atan2, sqrt } from "./transcendental.js"

/** `√(1 - x²)`, accurate near ±1. The product of roots has no derivative of the kind 0·∞. */
const otherSide = (x: Tensor): Tensor => mul(sqrt(sub(1, x)), sqrt(add(x, 1)))

/**
 * Takes the arc sine, in radians from -π/2 to π/2; NaN outside `[-1, 1]`. The derivative `1/√(1 - x²)` is infinite at
 * ±1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Law: `sin(asin(x)) ≡ x`, but for rounding.
 *
 * @example
 * import assert from "node:assert"
 * import { asin, tensor, toArray } from "thalweg"
 *
 * const x = tensor([0, 1, 1.5], { dtype: "f64" })
 * assert.deepStrictEqual(toArray(asin(x)), [0, Math.PI / 2, NaN])
 */
export const asin = (x: Tensor): Tensor => atan2(requireFloat("asin", x), otherSide(x))

/**
 * Takes the arc cosine, in radians from 0 to π, accurate near ±1; NaN outside `[-1, 1]`. The derivative `-1/√(1 - x²)` is
 * infinite at ±1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { acos, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 0, -1], { dtype: "f64" })
 * assert.deepStrictEqual(toArray(acos(x)), [0, Math.PI / 2, Math.PI])
 */
export const acos = (x: Tensor): Tensor => atan2(otherSide(requireFloat("acos", x)), x)

/**
 * Takes the cube root: `∛x`, of negative numbers too. The derivative `1/(3∛x²)` is infinite at 0. Takes `f32` or `f64`,
 * else a `DTypeError`.
 *
 * A power with a rounded third for exponent, and a step of Newton's, which makes cubes come out exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { cbrt, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(cbrt(tensor([27, -8, 0, Infinity]))), [3, -2, 0, Infinity])
 */
export const cbrt = (x: Tensor): Tensor => {
  const negative = lt(requireFloat("cbrt", x), 0)
  const size = where(negative, neg(x), x)
  const near = pow(size, 1 / 3)
  const isRegular = and(isFinite(near), not(eq(near, 0)))
  const off = div(sub(near, div(div(size, near), near)), 3)
  const root = sub(near, stopGradient(where(isRegular, off, 0)))
  return where(negative, neg(root), root)
}

/**
 * Takes the length of the hypotenuse: `√(a² + b²)`. No square overflows or vanishes on the way. The derivative is 0
 * where the result is 0, as that of `norm`. Takes `f32` or `f64`, else a `DTypeError`; shapes broadcast.
 *
 * @example
 * import assert from "node:assert"
 * import { hypot, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(hypot(tensor([3, 3e30, 0]), tensor([4, 4e30, 0]))), [5, Math.fround(5e30), 0])
 */
export const hypot = (a: Operand, b: Operand): Tensor => {
  const sides = lift2("hypot", a, b).map(side => requireFloat("hypot", side)) as [Tensor, Tensor]
  const shape = broadcastShapes("hypot", sides[0].shape, sides[1].shape)
  return norm(stack(sides.map(side => broadcastTo(side, shape))), { axes: 0 })
}
