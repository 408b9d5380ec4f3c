import { abs, add, minimum, mul, square, sub } from "../../dataflow/arithmetic.js"
import { sinh } from "../../dataflow/hyperbolic.js"
import { lt, where } from "../../dataflow/logic.js"
import { sum } from "../../dataflow/reduce.js"
import { exp, log1p } from "../../dataflow/transcendental.js"
import { fixed } from "../../options/fields.js"
import { fraction, positiveF32 } from "../../options/range.js"
import { elementwise, type LossFunction, type LossOptions, type Reducing } from "./loss.js"

/**
 * Computes half the squared error: `½ Σ (prediction - target)²` over the last axis, averaged over the rest. For one
 * example its derivative by the prediction is the plain difference.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: see `LossFunction`.
 *
 * PyTorch's `MSELoss` and Keras's are `squaredError`: they have no half, and average over the outputs too.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, tensor, toArray } from "thalweg"
 * import { halfSquaredError } from "thalweg/nn"
 *
 * const [prediction, target] = [tensor([[4, 6]]), tensor([[1, 2]])]
 * assert.strictEqual(item(halfSquaredError(prediction, target)), 12.5) // ½ (3² + 4²)
 * assert.deepStrictEqual(toArray(grad(halfSquaredError)(prediction, target)), [[3, 4]])
 */
export const halfSquaredError: LossFunction<Reducing> = /* @__PURE__ */ elementwise(
  "halfSquaredError",
  {},
  (prediction, target) => mul(square(sub(prediction, target)), 0.5),
  sum
)

/**
 * Computes the squared error: `(prediction - target)²`, averaged over outputs and examples.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: see `LossFunction`. PyTorch's `MSELoss` sums over outputs too where it sums.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { squaredError } from "thalweg/nn"
 *
 * assert.strictEqual(item(squaredError(tensor([[4, 6]]), tensor([[1, 2]]))), 12.5) // (3² + 4²) / 2
 */
export const squaredError: LossFunction<Reducing> = /* @__PURE__ */ elementwise(
  "squaredError",
  {},
  (prediction, target) => square(sub(prediction, target))
)

/**
 * Computes the absolute error: `|prediction - target|`, averaged over outputs and examples; its derivative is 0 where
 * they are equal.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: see `LossFunction`. PyTorch: `L1Loss`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { absoluteError } from "thalweg/nn"
 *
 * assert.strictEqual(item(absoluteError(tensor([[4, 6]]), tensor([[1, 2]]))), 3.5)
 */
export const absoluteError: LossFunction<Reducing> = /* @__PURE__ */ elementwise(
  "absoluteError",
  {},
  (prediction, target) => abs(sub(prediction, target))
)

const huberFields = {
  /** From where on the loss is linear, a finite number > 0. Default 1. */
  delta: fixed(positiveF32, 1)
}

/** From where on errors count linearly. */
export interface HuberLossOptions extends LossOptions<typeof huberFields> {}

/**
 * Computes Huber's loss of errors `d = prediction - target`: `½d²` where `|d| ≤ δ`, `δ(|d| - ½δ)` beyond, averaged over
 * outputs and examples. Its derivative is `d`, held within ±δ.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: `delta` and those of `LossFunction`. PyTorch: `HuberLoss` (its `SmoothL1Loss` is this divided by its `beta`).
 * Source: Huber 1964, "Robust estimation of a location parameter".
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { huberLoss } from "thalweg/nn"
 *
 * assert.strictEqual(item(huberLoss(tensor([[1, 3]]), tensor([[0, 0]]))), 1.5) // (½ + 2½) / 2
 * assert.strictEqual(item(huberLoss.with({ delta: 2 })(tensor([3]), tensor([0]))), 4)
 */
export const huberLoss: LossFunction<HuberLossOptions> = /* @__PURE__ */ elementwise(
  "huberLoss",
  huberFields,
  (prediction, target, { delta }) => {
    const distance = abs(sub(prediction, target))
    const near = minimum(distance, delta)
    return mul(near, sub(distance, mul(near, 0.5)))
  }
)

/**
 * Computes `log cosh(prediction - target)`, averaged over outputs and examples: near 0 half the square, far out the distance
 * less log 2. Neither overflows, nor cancels near 0. Its derivative is the `tanh` of the error.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: see `LossFunction`. Keras: `LogCosh`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { logCoshLoss } from "thalweg/nn"
 *
 * assert.ok(Math.abs(item(logCoshLoss(tensor([[1000]]), tensor([[0]]))) - (1000 - Math.LN2)) < 1e-4)
 */
export const logCoshLoss: LossFunction<Reducing> = /* @__PURE__ */ elementwise(
  "logCoshLoss",
  {},
  (prediction, target) => {
    const error = sub(prediction, target)
    const isNear = lt(abs(error), 1)
    const near = mul(log1p(square(sinh(where(isNear, error, 0)))), 0.5)
    const distance = abs(where(isNear, 1, error))
    return where(isNear, near, add(sub(distance, Math.LN2), log1p(exp(mul(distance, -2)))))
  }
)

const quantileFields = {
  /** The share of targets that should lie below the prediction, from 0 to 1. Default 0.5, the median. */
  quantile: fixed(fraction, 0.5)
}

/** Which quantile is predicted. */
export interface QuantileLossOptions extends LossOptions<typeof quantileFields> {}

/**
 * Computes the quantile loss (pinball loss): `q·(target - prediction)` where the prediction is below, `(1 - q)·(prediction -
 * target)` above, averaged over outputs and examples. What makes it least is the quantile `q` of the targets. The derivative
 * where they are equal is `-q`.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: `quantile` and those of `LossFunction`. At ½ it is half the absolute error.
 * Source: Koenker & Bassett 1978, "Regression quantiles".
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { quantileLoss } from "thalweg/nn"
 *
 * const high = quantileLoss.with({ quantile: 0.75 })
 * assert.strictEqual(item(high(tensor([0]), tensor([4]))), 3)
 * assert.strictEqual(item(high(tensor([4]), tensor([0]))), 1)
 */
export const quantileLoss: LossFunction<QuantileLossOptions> = /* @__PURE__ */ elementwise(
  "quantileLoss",
  quantileFields,
  (prediction, target, { quantile }) => {
    const missing = sub(target, prediction)
    return where(lt(missing, 0), mul(missing, quantile - 1), mul(missing, quantile))
  }
)

/**
 * Computes the negative log-likelihood of counts under Poisson distributions of which logarithms of means are predicted, but
 * for what does not depend on them: `e^prediction - target · prediction`, averaged over outputs and examples.
 *
 * Shapes: both `[…, outputs]` (or `[]`), weights `[…]`, result `[]`; a `ShapeError` or `DTypeError` when they differ.
 * Options: see `LossFunction`. The derivative is 0 where the mean is the target. PyTorch: `PoissonNLLLoss`; Keras's
 * `Poisson` predicts the means.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, tensor, toArray } from "thalweg"
 * import { poissonLoss } from "thalweg/nn"
 *
 * assert.strictEqual(item(poissonLoss(tensor([[0]]), tensor([[3]]))), 1)
 * assert.deepStrictEqual(toArray(grad(poissonLoss)(tensor([[0]]), tensor([[3]]))), [[-2]])
 */
export const poissonLoss: LossFunction<Reducing> = /* @__PURE__ */ elementwise(
  "poissonLoss",
  {},
  (prediction, target) => sub(exp(prediction), mul(target, prediction))
)
