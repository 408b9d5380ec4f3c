import { abs, add, div, mul } from "../dataflow/arithmetic.js"
import { softplus } from "../dataflow/exponential.js"
import { ge, gt, le, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { expm1, tanh } from "../dataflow/transcendental.js"
import { checkNumber, nonNegativeF32, positiveF32 } from "../options/range.js"
import { withName } from "./with-name.js"

/** `x` above 0, `scale · (e^(x / width) - 1)` below, of which nothing overflows. */
const exponentialBelow = (x: Tensor, scale: number, width: number): Tensor => {
  const above = gt(x, 0)
  return where(above, x, mul(expm1(div(where(above, 0, x), width)), scale))
}

/**
 * Makes an exponential linear unit: `x` above 0, `α·(e^x - 1)` below. Elementwise; the derivative at 0 is α.
 *
 * `alpha`: a finite number ≥ 0 that f32 can hold (default 1), else a `HyperparameterError`.
 *
 * Source: Clevert, Unterthiner & Hochreiter 2015, arXiv 1511.07289.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { elu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(elu(2)(tensor([-Infinity, 0, 3]))), [-2, 0, 3])
 */
export const elu = (alpha = 1): ((x: Tensor) => Tensor) => {
  checkNumber("elu", "alpha", nonNegativeF32, alpha)
  return withName("elu", (x: Tensor) => exponentialBelow(x, alpha, 1), {})
}

/**
 * Makes an exponential linear unit that is smooth whatever α: `x` above 0, `α·(e^(x/α) - 1)` below. Elementwise; the
 * derivative at 0 is 1.
 *
 * `alpha`: a finite number > 0 that f32 can hold (default 1), else a `HyperparameterError`. `celu(1)` is `elu(1)`.
 * Source: Barron 2017, arXiv 1704.07483.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { celu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(celu(2)(tensor([-Infinity, 0, 3]))), [-2, 0, 3])
 */
export const celu = (alpha = 1): ((x: Tensor) => Tensor) => {
  checkNumber("celu", "alpha", positiveF32, alpha)
  return withName("celu", (x: Tensor) => exponentialBelow(x, alpha, alpha), {})
}

/** Where activations of mean 0 and variance 1 keep them. */
const [SELU_SCALE, SELU_ALPHA] = [1.0507009873554804934193349852946, 1.6732632423543772848170429916717]

/**
 * Applies the scaled exponential linear unit: `λ·x` above 0, `λ·α·(e^x - 1)` below, with λ ≈ 1.0507 and α ≈ 1.6733, which keep mean 0
 * and variance 1 from layer to layer. Elementwise; the derivative at 0 is λ·α.
 *
 * Source: Klambauer et al. 2017, arXiv 1706.02515 (with `lecunNormal`).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { selu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(selu(tensor([0, 1], { dtype: "f64" }))), [0, 1.0507009873554805])
 */
export const selu = (x: Tensor): Tensor => mul(exponentialBelow(x, SELU_ALPHA, 1), SELU_SCALE)

/**
 * Applies `x · tanh(log(1 + e^x))`: smooth, a little below 0 where x is. Elementwise.
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
export const mish = (x: Tensor): Tensor => mul(x, tanh(softplus(x)))

/**
 * Applies `x / (1 + |x|)`, from -1 to 1. Elementwise; the derivative at 0 is 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { softsign } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(softsign(tensor([-3, 0, 1]))), [-0.75, 0, 0.5])
 */
export const softsign = (x: Tensor): Tensor => div(x, add(abs(x), 1))

/** Held within bounds, at which the derivative is 0; NaN stays NaN. */
const between = (low: number, high: number, x: Tensor): Tensor => where(le(x, low), low, where(ge(x, high), high, x))

/**
 * Cuts off what is negative or above 6: `min(max(x, 0), 6)`. Elementwise; the derivative at 0 and at 6 is 0.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { relu6 } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(relu6(tensor([-1, 2, 9]))), [0, 2, 6])
 */
export const relu6 = (x: Tensor): Tensor => between(0, 6, x)

/**
 * Holds values within -1 and 1. Elementwise; the derivative at both is 0.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { hardTanh } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(hardTanh(tensor([-3, 0.5, 3]))), [-1, 0.5, 1])
 */
export const hardTanh = (x: Tensor): Tensor => between(-1, 1, x)

/**
 * Applies a sigmoid of straight lines: `relu6(x + 3) / 6`, from 0 to 1. Elementwise; the derivative at ±3 is 0. (PyTorch's and
 * Keras 3's; of slope 1/6.)
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { hardSigmoid } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(hardSigmoid(tensor([-4, 0, 4]))), [0, 0.5, 1])
 */
export const hardSigmoid = (x: Tensor): Tensor => div(relu6(add(x, 3)), 6)

/**
 * Applies `x · hardSigmoid(x)`. Elementwise; the derivative is 0 at -3 and 1 at 3 (PyTorch: -½ and 1½, from within).
 *
 * Source: Howard et al. 2019, arXiv 1905.02244.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { hardSwish } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(hardSwish(tensor([-4, 1.5, 4]))), [-0, 1.125, 4])
 */
export const hardSwish = (x: Tensor): Tensor => mul(x, hardSigmoid(x))
