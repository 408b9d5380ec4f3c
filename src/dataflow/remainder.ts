import { add, ceil, floor, rem } from "./arithmetic.js"
import { lift2, type Operand } from "./create.js"
import { requireFloat } from "./elementwise.js"
import { and, lt, ne, where } from "./logic.js"
import type { Tensor } from "./primitive.js"

/**
 * Cuts off the fraction: the integer next to `x` towards 0, as a float; the derivative is 0. Takes `f32` or `f64`, else a
 * `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, trunc } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(trunc(tensor([1.5, -1.5]))), [1, -1])
 */
export const trunc = (x: Tensor): Tensor => where(lt(requireFloat("trunc", x), 0), ceil(x), floor(x))

/**
 * Takes the remainder of `a / b`, with the sign of `b`: `a - b·floor(a / b)`. An integer's remainder by 0 is 0, a float's
 * is NaN. Shapes and dtypes as for `add`. (With the sign of `a`: `rem`.)
 *
 * Source: `jax.numpy.mod`, as that of NumPy, but that of NumPy gives a 0 the sign of `b`.
 *
 * @example
 * import assert from "node:assert"
 * import { mod, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(mod(tensor([5.5, -5.5]), 2)), [1.5, 0.5])
 * assert.deepStrictEqual(toArray(mod(tensor([7, -7], { dtype: "i32" }), -3)), [-2, -1])
 */
export const mod = (a: Operand, b: Operand): Tensor => {
  const [x, y] = lift2("mod", a, b)
  const rest = rem(x, y)
  return where(and(ne(rest, 0), ne(lt(rest, 0), lt(y, 0))), add(rest, y), rest)
}
