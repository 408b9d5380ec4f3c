import type { Tensor } from "../dataflow/primitive.js"
import { gt, le, where } from "../dataflow/logic.js"
import { mul } from "../dataflow/arithmetic.js"
import { logSigmoid, softplus } from "../dataflow/exponential.js"
import { logSoftmax, softmax } from "../dataflow/statistics.js"
import { sigmoid, tanh } from "../dataflow/transcendental.js"
import { checkFunction } from "../dataflow/check.js"
import { checkNumber, nonNegative } from "../options/range.js"
import { stateless, type Stateless } from "./layer.js"

/**
 * Cuts off what is negative: `max(x, 0)`. Elementwise; the derivative at 0 is 0; NaN stays NaN.
 *
 * Source: Nair & Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
 *
 * @example
 * import assert from "node:assert"
 * import { grad, sum, tensor, toArray, type Tensor } from "thalweg"
 * import { relu } from "thalweg/nn"
 *
 * const x: Tensor = tensor([-2, 0, 3])
 * assert.deepStrictEqual(toArray(relu(x)), [0, 0, 3])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => sum(relu(x)))(x)), [0, 0, 1])
 */
export const relu = (x: Tensor): Tensor => where(le(x, 0), 0, x)

/**
 * Makes a relu that lets some of the negative through: `x` above 0, `slope · x` below. Elementwise; the derivative at 0
 * is the slope.
 *
 * `slope`: a finite number ≥ 0 (default 0.01), else a `HyperparameterError`.
 *
 * Law: `leakyRelu(1)` is the identity.
 * Source: Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { leakyRelu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(leakyRelu(0.25)(tensor([-2, 0, 3]))), [-0.5, 0, 3])
 */
export const leakyRelu = (slope = 0.01): ((x: Tensor) => Tensor) => {
  checkNumber("leakyRelu", "slope", nonNegative, slope)
  return function leakyRelu(x) {
    return where(gt(x, 0), x, mul(x, slope))
  }
}

export { logSigmoid, logSoftmax, sigmoid, softmax, softplus, tanh }

/** The activations that have names as data. */
export const activations = { logSigmoid, logSoftmax, relu, sigmoid, softmax, softplus, tanh }

/**
 * Makes a layer of a function that keeps shapes, such as an activation function: `y = f(x)`.
 *
 * `name`: for `summary`; by default the function's own, or "activation" for one without a name.
 *
 * Law: `sequential(activation(f), activation(g)) ≡ activation(flow(f, g))`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { activation, relu } from "thalweg/nn"
 *
 * const layer = activation(relu)
 * const [y] = layer.apply([], [], tensor([[-1, 2]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[0, 2]])
 * assert.strictEqual(layer.name, "relu")
 */
export const activation = (f: (x: Tensor) => Tensor, name?: string): Stateless => {
  checkFunction("activation", f, "a function of a tensor")
  return {
    ...stateless(name ?? (f.name === "" ? "activation" : f.name), (x: Tensor) => f(x)),
    spec: { layer: "activation", options: { f } }
  }
}
