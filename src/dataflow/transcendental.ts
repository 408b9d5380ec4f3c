import { div, reciprocal } from "./arithmetic.js"
import { lift } from "./create.js"
import { binary, unary } from "./elementwise.js"
import type { Tensor } from "./primitive.js"

/**
 * Takes the square root: `√x`; NaN below 0. The derivative `1 / 2√x` is infinite at 0. Takes `f32` or `f64`, else a
 * `DTypeError`.
 *
 * Accuracy: rounded correctly.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, scalar, sqrt, tensor, toArray, type Tensor } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(sqrt(tensor([9, 0, -1]))), [3, 0, NaN])
 * assert.strictEqual(item(grad((x: Tensor) => sqrt(x))(scalar(0))), Infinity)
 */
export const sqrt = /* @__PURE__ */ unary("sqrt")

/**
 * Takes the reciprocal of the square root: `1 / √x`; ∞ at 0, NaN below. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { rsqrt, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(rsqrt(tensor([4, 0]))), [0.5, Infinity])
 */
export const rsqrt = (x: Tensor): Tensor => reciprocal(sqrt(x))

/**
 * Raises e to a power: `e^x`. Takes `f32` or `f64`, else a `DTypeError`. In `f32` it overflows above about 88.7.
 *
 * Accuracy (measured): 0.51 ulp in `f64` (0.76 of subnormal results), which `f32` rounds once; the same bits on every
 * JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { exp, item, scalar, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(exp(tensor([0, 89, -Infinity]))), [1, Infinity, 0])
 * assert.ok(item(exp(scalar(89, "f64"))) < Infinity)
 */
export const exp = /* @__PURE__ */ unary("exp")

/**
 * Computes `e^x - 1`, accurate near 0, where `exp(x)` rounds to 1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.63 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { exp, expm1, item, scalar, sub } from "thalweg"
 *
 * assert.strictEqual(item(expm1(scalar(1e-10))), Math.fround(1e-10))
 * assert.strictEqual(item(sub(exp(scalar(1e-10)), 1)), 0)
 */
export const expm1 = /* @__PURE__ */ unary("expm1")

/**
 * Takes the natural logarithm: `ln x`; -∞ at 0, NaN below. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.501 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { log, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(log(tensor([1, 0, -1]))), [0, -Infinity, NaN])
 */
export const log = /* @__PURE__ */ unary("log")

/**
 * Computes `ln(1 + x)`, accurate near 0, where `1 + x` rounds to 1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.501 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { add, item, log, log1p, scalar } from "thalweg"
 *
 * assert.strictEqual(item(log1p(scalar(1e-10))), Math.fround(1e-10))
 * assert.strictEqual(item(log(add(scalar(1e-10), 1))), 0)
 */
export const log1p = /* @__PURE__ */ unary("log1p")

/**
 * Takes the sine of radians: `sin x`. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.501 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, sin } from "thalweg"
 *
 * const x = scalar(Math.PI / 6, "f64")
 * assert.ok(Math.abs(item(sin(x)) - 0.5) < 1e-15)
 */
export const sin = /* @__PURE__ */ unary("sin")

/**
 * Takes the cosine of radians: `cos x`. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.501 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { cos, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(cos(tensor([0, Math.PI]))), [1, -1])
 */
export const cos = /* @__PURE__ */ unary("cos")

/**
 * Takes the tangent of radians: `sin x / cos x`. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 1.91 ulp in `f64` and 1.93 in `f32`, as a quotient; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { item, scalar, tan } from "thalweg"
 *
 * const x = scalar(Math.PI / 4, "f64")
 * assert.ok(Math.abs(item(tan(x)) - 1) < 1e-15)
 */
export const tan = (x: Tensor): Tensor => {
  const t = lift("tan", x)
  return div(sin(t), cos(t))
}

/**
 * Takes the arc tangent, in radians from -π/2 to π/2. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.51 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { atan, tensor, toArray } from "thalweg"
 *
 * const [quarter, half] = [Math.PI / 4, Math.PI / 2]
 * assert.deepStrictEqual(toArray(atan(tensor([0, 1, Infinity], { dtype: "f64" }))), [0, quarter, half])
 */
export const atan = /* @__PURE__ */ unary("atan")

/**
 * Takes the angle of the point `(x, y) = (b, a)`, in radians from -π to π, so that quadrants are told apart: `atan2(y,
 * x)`. Takes `f32` or `f64`, else a `DTypeError`; shapes broadcast.
 *
 * Accuracy (measured): 0.51 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { atan2, tensor, toArray } from "thalweg"
 *
 * const [y, x] = [tensor([1, -1], { dtype: "f64" }), tensor([-1, -1], { dtype: "f64" })]
 * assert.deepStrictEqual(toArray(atan2(y, x)), [(3 * Math.PI) / 4, (-3 * Math.PI) / 4])
 */
export const atan2 = /* @__PURE__ */ binary("atan2")

/**
 * Takes the hyperbolic tangent: `(e^x - e^-x) / (e^x + e^-x)`, from -1 to 1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.63 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, scalar, tanh, tensor, toArray, type Tensor } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(tanh(tensor([-100, 0, 100]))), [-1, 0, 1])
 * assert.strictEqual(item(grad((x: Tensor) => tanh(x))(scalar(0))), 1)
 */
export const tanh = /* @__PURE__ */ unary("tanh")

/**
 * Takes the logistic function: `1 / (1 + e^-x)`, from 0 to 1; nothing overflows on the way. Its derivative is `y(1 -
 * y)`. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 1.5 ulp in `f64`, which `f32` rounds once; the same bits on every JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, scalar, sigmoid, tensor, toArray, type Tensor } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(sigmoid(tensor([-1000, 0, 1000]))), [0, 0.5, 1])
 * assert.strictEqual(item(grad((x: Tensor) => sigmoid(x))(scalar(0))), 0.25)
 */
export const sigmoid = /* @__PURE__ */ unary("sigmoid")

/**
 * Takes the error function: `2/√π ∫₀ˣ e^-t² dt`, from -1 to 1. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.69 ulp in `f64` (0.86 below 1e-307), which `f32` rounds once; the same bits on every
 * JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { add, div, erf, item, mul, scalar, type Tensor } from "thalweg"
 *
 * const normalCdf = (x: Tensor) => mul(0.5, add(1, erf(div(x, Math.SQRT2))))
 * assert.strictEqual(item(normalCdf(scalar(1.96))).toFixed(3), "0.975")
 */
export const erf = /* @__PURE__ */ unary("erf")

/**
 * Inverts `erf` on `(-1, 1)`; ±∞ at ±1, NaN beyond. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Accuracy (measured): 0.66 ulp in `f64` (0.78 below 1e-307), which `f32` rounds once; the same bits on every
 * JavaScript engine.
 *
 * @example
 * import assert from "node:assert"
 * import { erf, erfInv, item, scalar, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(erfInv(tensor([0, 1, 2]))), [0, Infinity, NaN])
 * assert.ok(Math.abs(item(erf(erfInv(scalar(0.5, "f64")))) - 0.5) < 1e-15)
 */
export const erfInv = /* @__PURE__ */ unary("erfInv")
