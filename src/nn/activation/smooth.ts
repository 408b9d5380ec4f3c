import { abs, add, clamp, div, mul, square } from "../../dataflow/arithmetic.js"
import { requireFloat } from "../../dataflow/elementwise.js"
import { softplus } from "../../dataflow/exponential.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { erf, sigmoid, tanh } from "../../dataflow/transcendental.js"

/**
 * Weighs each input by the share of a standard normal distribution that lies below it: `x · Φ(x) = x/2 · (1 + erf(x/√2))`.
 * Elementwise.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Source: Hendrycks & Gimpel 2016, "Gaussian error linear units", arXiv 1606.08415. As PyTorch's and Keras's by default;
 * that of jax is `geluTanh`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { gelu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(gelu(tensor([-10, 0, 10]))), [-0, 0, 10])
 */
export const gelu = (x: Tensor): Tensor => mul(mul(requireFloat("gelu", x), 0.5), add(erf(mul(x, Math.SQRT1_2)), 1))

/**
 * Approximates `gelu` by a hyperbolic tangent, to 5e-4: `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))`. Elementwise.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Source: as of `gelu`; what GPT-2 and BERT were trained with, and `approximate="tanh"` in PyTorch.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, item, linspace, max, sub } from "thalweg"
 * import { gelu, geluTanh } from "thalweg/nn"
 *
 * const x = linspace(-5, 5, 101)
 * assert.ok(item(max(abs(sub(geluTanh(x), gelu(x))))) < 5e-4)
 */
export const geluTanh = (x: Tensor): Tensor => {
  const near = clamp(requireFloat("geluTanh", x), -20, 20) // beyond, tanh is ±1, and the cube would overflow
  const inner = mul(add(near, mul(mul(square(near), near), 0.044715)), Math.sqrt(2 / Math.PI))
  return mul(mul(x, 0.5), add(tanh(inner), 1))
}

/**
 * Weighs each input by its sigmoid: `x · sigmoid(x)`. Elementwise; also known as swish.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Source: Elfwing, Uchibe & Doya 2018, arXiv 1702.03118; Ramachandran, Zoph & Le 2017, arXiv 1710.05941.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { silu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(silu(tensor([-1000, 0, 1000]))), [-0, 0, 1000])
 */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(requireFloat("silu", x)))

/**
 * Applies `x · tanh(log(1 + e^x))`: smooth, a little below 0 where x is. Elementwise.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Source: Misra 2019, arXiv 1908.08681.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { mish } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(mish(tensor([-1000, 0, 1000]))), [-0, 0, 1000])
 */
export const mish = (x: Tensor): Tensor => mul(x, tanh(softplus(requireFloat("mish", x))))

/**
 * Applies `x / (1 + |x|)`, from -1 to 1. Elementwise; the derivative at 0 is 1.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { softsign } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(softsign(tensor([-3, 0, 1]))), [-0.75, 0, 0.5])
 */
export const softsign = (x: Tensor): Tensor => div(x, add(abs(requireFloat("softsign", x)), 1))
