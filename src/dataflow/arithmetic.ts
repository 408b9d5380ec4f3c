import { lift, lift2, scalar, type Operand } from "./create.js"
import { binary, unary } from "./elementwise.js"
import type { Tensor } from "./primitive.js"

/**
 * Negates: `-x`. Takes `f32`, `f64` or `i32`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { neg, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(neg(tensor([1, -2.5]))), [-1, 2.5])
 */
export const neg = /* @__PURE__ */ unary("neg")

/**
 * Takes the absolute value: `|x|`, whose derivative is `sign(x)`, so 0 at 0. Takes `f32`, `f64` or `i32`, else a
 * `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, grad, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * const x = tensor([-2, 0, 3])
 * assert.deepStrictEqual(toArray(abs(x)), [2, 0, 3])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => sum(abs(x)))(x)), [-1, 0, 1])
 */
export const abs = /* @__PURE__ */ unary("abs")

/**
 * Takes the sign: -1, 0 or 1 (NaN of NaN); the derivative is 0. Takes `f32`, `f64` or `i32`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { sign, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(sign(tensor([-0.5, 0, 7]))), [-1, 0, 1])
 */
export const sign = /* @__PURE__ */ unary("sign")

/**
 * Adds: `a + b`; integers wrap around at 32 bits.
 *
 * Shapes broadcast: aligned at the right, sizes are equal or one of them is 1, else a `ShapeError`. A number takes the
 * dtype of the tensor beside it; two dtypes, a number that the dtype cannot hold, or `bool` are a `DTypeError`. (The
 * same holds for every operation of two arguments.)
 *
 * @example
 * import assert from "node:assert"
 * import { add, tensor, toArray } from "thalweg"
 *
 * const rows = tensor([[1], [2]])
 * assert.deepStrictEqual(toArray(add(rows, tensor([10, 20, 30]))), [[11, 21, 31], [12, 22, 32]])
 * assert.deepStrictEqual(toArray(add(tensor([1, 2], { dtype: "i32" }), 1)), [2, 3])
 * assert.throws(() => add(tensor([1, 2], { dtype: "i32" }), 0.5), { name: "DTypeError" })
 */
export const add = /* @__PURE__ */ binary("add")

/**
 * Subtracts: `a - b`; integers wrap around at 32 bits. Shapes and dtypes as for `add`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, sub, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(sub(1, tensor([0.25, 1]))), [0.75, 0])
 * assert.strictEqual(item(sub(scalar(0, "u32"), 1)), 4294967295)
 */
export const sub = /* @__PURE__ */ binary("sub")

/**
 * Multiplies element by element: `a · b`; integers wrap around at 32 bits. Shapes and dtypes as for `add`.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, tensor, toArray } from "thalweg"
 *
 * const x = tensor([[1, 2], [3, 4]])
 * assert.deepStrictEqual(toArray(mul(x, x)), [[1, 4], [9, 16]])
 * assert.deepStrictEqual(toArray(mul(x, tensor([10, 100]))), [[10, 200], [30, 400]])
 */
export const mul = /* @__PURE__ */ binary("mul")

/**
 * Divides: `a / b`. Integers are cut off towards zero, and an integer divided by 0 is 0. Shapes and dtypes as for
 * `add`.
 *
 * @example
 * import assert from "node:assert"
 * import { div, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(div(tensor([1, -1, 0]), 0)), [Infinity, -Infinity, NaN])
 * assert.deepStrictEqual(toArray(div(tensor([7, -7], { dtype: "i32" }), 2)), [3, -3])
 */
export const div = /* @__PURE__ */ binary("div")

/**
 * Takes the remainder of `a / b`, with the sign of `a`: `a - b·trunc(a / b)`. An integer's remainder by 0 is 0, a
 * float's is NaN. Shapes and dtypes as for `add`.
 *
 * @example
 * import assert from "node:assert"
 * import { rem, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(rem(tensor([5.5, -5.5]), 2)), [1.5, -1.5])
 */
export const rem = /* @__PURE__ */ binary("rem")

/**
 * Raises to a power: `a^b`. Shapes and dtypes as for `add`.
 *
 * Anything to the power 0 is 1; 1 to any power is 1, even to NaN; a negative float to a fractional power is NaN.
 * Integers wrap around at 32 bits, and the fraction of a negative power is cut off. The derivative by `b` is taken as 0
 * where `a` is 0.
 *
 * Accuracy (measured): 0.52 ulp in `f64` (0.76 of subnormal powers), which `f32` rounds once; powers that are doubles
 * come out exactly. The same bits on every JavaScript engine.
 *
 * Laws: `pow(x, 1) ≡ x`, `pow(x, 0) ≡ 1`, exactly.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, pow, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(pow(tensor([3, 0, -8]), 2)), [9, 0, 64])
 * assert.deepStrictEqual(toArray(pow(tensor([0, NaN]), 0)), [1, 1])
 * assert.deepStrictEqual(toArray(grad((b: Tensor) => sum(pow(tensor([0, 1]), b)))(tensor([2, 2]))), [0, 0])
 */
export const pow = /* @__PURE__ */ binary("pow")

/**
 * Takes the larger of two: `max(a, b)`; NaN if either is. Where they tie, each gets half of the derivative. Shapes and
 * dtypes as for `add`. (The largest element of one tensor: `max`.)
 *
 * @example
 * import assert from "node:assert"
 * import { grad, maximum, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * const relu = (x: Tensor) => maximum(x, 0)
 * const x = tensor([-1, 0, 2])
 * assert.deepStrictEqual(toArray(relu(x)), [0, 0, 2])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => sum(relu(x)))(x)), [0, 0.5, 1])
 */
export const maximum = /* @__PURE__ */ binary("max")

/**
 * Takes the smaller of two: `min(a, b)`; NaN if either is. Where they tie, each gets half of the derivative. Shapes and
 * dtypes as for `add`. (The smallest element of one tensor: `min`.)
 *
 * @example
 * import assert from "node:assert"
 * import { minimum, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(minimum(tensor([1, 5, NaN]), 3)), [1, 3, NaN])
 */
export const minimum = /* @__PURE__ */ binary("min")

/**
 * Holds values within bounds: `min(max(x, low), high)`, which is `high` where `low > high`. No derivative flows where
 * `x` is outside, half of it where `x` equals a bound. Shapes and dtypes as for `add`.
 *
 * @example
 * import assert from "node:assert"
 * import { clamp, grad, sum, tensor, toArray, type Tensor } from "thalweg"
 *
 * const x = tensor([-2, 0.5, 1, 3])
 * assert.deepStrictEqual(toArray(clamp(x, -1, 1)), [-1, 0.5, 1, 1])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => sum(clamp(x, -1, 1)))(x)), [0, 1, 0.5, 0])
 */
export const clamp = (x: Tensor, low: Operand, high: Operand): Tensor => {
  const [t, bottom] = lift2("clamp", x, low)
  return minimum(maximum(t, bottom), lift2("clamp", t, high)[1])
}

/**
 * Squares: `x²`. Takes every dtype but `bool` (a `DTypeError`).
 *
 * @example
 * import assert from "node:assert"
 * import { square, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(square(tensor([-3, 0.5]))), [9, 0.25])
 */
export const square = (x: Tensor): Tensor => {
  const t = lift("square", x)
  return mul(t, t)
}

/**
 * Inverts: `1 / x`. Takes every dtype but `bool` (a `DTypeError`); integers are cut off, as by `div`.
 *
 * @example
 * import assert from "node:assert"
 * import { reciprocal, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(reciprocal(tensor([4, 0]))), [0.25, Infinity])
 */
export const reciprocal = (x: Tensor): Tensor => {
  const t = lift("reciprocal", x)
  return div(scalar(1, t.dtype), t)
}

/**
 * Rounds down: the largest integer not above `x`, as a float; the derivative is 0. Takes `f32` or `f64`, else a
 * `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { floor, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(floor(tensor([1.5, -1.5]))), [1, -2])
 */
export const floor = /* @__PURE__ */ unary("floor")

/**
 * Rounds up: the smallest integer not below `x`, as a float; the derivative is 0. Takes `f32` or `f64`, else a
 * `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { ceil, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(ceil(tensor([1.5, -1.5]))), [2, -1])
 */
export const ceil = /* @__PURE__ */ unary("ceil")

/**
 * Rounds to the nearest integer, halves to the even one, as a float; the derivative is 0. Takes `f32` or `f64`, else a
 * `DTypeError`. We deviate from `Math.round`, which takes halves upwards, in following IEEE 754.
 *
 * @example
 * import assert from "node:assert"
 * import { round, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(round(tensor([0.5, 1.5, 2.5, -2.6]))), [0, 2, 2, -3])
 */
export const round = /* @__PURE__ */ unary("round")
