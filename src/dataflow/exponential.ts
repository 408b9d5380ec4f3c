import { add, mul, neg, pow, round, sub } from "./arithmetic.js"
import { lift2, type Operand } from "./create.js"
import { requireFloat, stopGradient } from "./elementwise.js"
import { and, eq, gt, isFinite, not, where } from "./logic.js"
import type { Tensor } from "./primitive.js"
import { exp, log, log1p } from "./transcendental.js"

/**
 * Computes `log(1 + e^x)`: a smooth `max(x, 0)`, whose derivative is `sigmoid(x)`. Neither overflows nor vanishes on the
 * way. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Law: `softplus(x) - softplus(-x) ≡ x`, but for rounding. Source: `jax.nn.softplus`.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, scalar, softplus, tensor, toArray, type Tensor } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(softplus(tensor([-1000, 0, 1000]))), [0, Math.fround(Math.LN2), 1000])
 * assert.strictEqual(item(grad((x: Tensor) => softplus(x))(scalar(0))), 0.5)
 */
export const softplus = (x: Tensor): Tensor => {
  const positive = gt(requireFloat("softplus", x), 0)
  // Not by abs and maximum, whose derivatives of second order are 0 at 0.
  return add(where(positive, x, 0), log1p(exp(where(positive, neg(x), x))))
}

/**
 * Takes the logarithm of `sigmoid`: `-log(1 + e^-x)`, finite where `sigmoid(x)` vanishes. Takes `f32` or `f64`, else a
 * `DTypeError`.
 *
 * Source: `jax.nn.log_sigmoid`.
 *
 * @example
 * import assert from "node:assert"
 * import { log, logSigmoid, sigmoid, tensor, toArray } from "thalweg"
 *
 * const x = tensor([-1000, 1000])
 * assert.deepStrictEqual(toArray(logSigmoid(x)), [-1000, -0])
 * assert.deepStrictEqual(toArray(log(sigmoid(x))), [-Infinity, 0])
 */
export const logSigmoid = (x: Tensor): Tensor => neg(softplus(neg(requireFloat("logSigmoid", x))))

/**
 * Adds what is given by its logarithm: `log(e^a + e^b)`. Nothing overflows on the way; two of -∞ are -∞. The derivative
 * by `a` is `sigmoid(a - b)`. Takes `f32` or `f64`, else a `DTypeError`; shapes broadcast. (Over an axis: `logSumExp`.)
 *
 * Source: `jax.numpy.logaddexp`.
 *
 * @example
 * import assert from "node:assert"
 * import { logAddExp, tensor, toArray } from "thalweg"
 *
 * const a = tensor([1000, -Infinity, 3])
 * const b = tensor([1000, -Infinity, -Infinity])
 * assert.deepStrictEqual(toArray(logAddExp(a, b)), [Math.fround(1000 + Math.LN2), -Infinity, 3])
 */
export const logAddExp = (a: Operand, b: Operand): Tensor => {
  const [x, y] = lift2("logAddExp", a, b).map(t => requireFloat("logAddExp", t)) as [Tensor, Tensor]
  const isLarger = gt(x, y)
  const twins = and(eq(x, y), not(isFinite(x))) // would be subtracted from each other
  const [top, low] = [where(isLarger, x, y), where(isLarger, y, x)]
  return add(top, log1p(exp(where(twins, 0, sub(where(twins, 0, low), where(twins, 0, top))))))
}

/** The logarithm to a base, of which that of e is given, exact where it is a whole number: powers that are floats come out exactly. */
const logarithm =
  (operation: string, base: number, perUnit: number) =>
  (x: Tensor): Tensor => {
    const near = mul(log(requireFloat(operation, x)), perUnit)
    const whole = round(near)
    const isExact = and(isFinite(near), eq(pow(base, whole), x))
    return add(near, stopGradient(where(isExact, sub(whole, near), 0)))
  }

/**
 * Takes the logarithm to the base 2: `log x / log 2`, exact for powers of 2; -∞ at 0, NaN below. Takes `f32` or `f64`,
 * else a `DTypeError`.
 *
 * Law: `log2(exp2(n)) ≡ n` for whole numbers.
 *
 * @example
 * import assert from "node:assert"
 * import { log2, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(log2(tensor([1, 8, 0.125, 0, -1]))), [0, 3, -3, -Infinity, NaN])
 */
export const log2 = /* @__PURE__ */ logarithm("log2", 2, Math.LOG2E)

/**
 * Takes the logarithm to the base 10: `log x / log 10`, exact for powers of 10 that are floats; -∞ at 0, NaN below. Takes
 * `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { log10, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(log10(tensor([1, 1000, 1e10, 0]))), [0, 3, 10, -Infinity])
 */
export const log10 = /* @__PURE__ */ logarithm("log10", 10, Math.LOG10E)

/**
 * Raises 2 to a power: `2^x`, exact for whole numbers. Takes `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { exp2, tensor, toArray } from "thalweg"
 *
 * assert.deepStrictEqual(toArray(exp2(tensor([-1, 0, 10, -Infinity]))), [0.5, 1, 1024, 0])
 */
export const exp2 = (x: Tensor): Tensor => pow(2, requireFloat("exp2", x))
