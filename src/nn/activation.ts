import type { Tensor } from "../dataflow/primitive.js"
import { gt, le, where } from "../dataflow/logic.js"
import { add, clamp, mul, square } from "../dataflow/arithmetic.js"
import { checkFunction, checkTensor } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import { split } from "../dataflow/slice.js"
import { erf, sigmoid, tanh } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { checkNumber, nonNegativeF32 } from "../options/range.js"
import { stateless, type Stateless } from "./layer.js"
import { withName } from "./with-name.js"

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
 * `slope`: a finite number ≥ 0 that f32 can hold (default 0.01), else a `HyperparameterError`.
 *
 * `leakyRelu(1)` is the identity.
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
  checkNumber("leakyRelu", "slope", nonNegativeF32, slope)
  return withName("leakyRelu", (x: Tensor) => where(gt(x, 0), x, mul(x, slope)), {})
}

/**
 * Weighs each input by the share of a standard normal distribution that lies below it: `x · Φ(x) = x/2 · (1 + erf(x/√2))`.
 * Elementwise.
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
export const gelu = (x: Tensor): Tensor => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1))

/**
 * Approximates `gelu` by a hyperbolic tangent, to 5e-4: `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))`. Elementwise.
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
  const near = clamp(x, -20, 20) // beyond, tanh is ±1, and the cube would overflow
  const inner = mul(add(near, mul(mul(square(near), near), 0.044715)), Math.sqrt(2 / Math.PI))
  return mul(mul(x, 0.5), add(tanh(inner), 1))
}

/**
 * Weighs each input by its sigmoid: `x · sigmoid(x)`. Elementwise; also known as swish.
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
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x))

/** The first half of the last axis, weighed by a function of the second. */
const gated = (name: string, gate: (x: Tensor) => Tensor, x: Tensor): Tensor => {
  const features = checkTensor(name, x).shape.at(-1) ?? 1
  if (features % 2 !== 0) fail("ShapeError", name, "a last axis of even size", showType(x))
  const [value, second] = split(x, [features / 2, features / 2], -1) as [Tensor, Tensor]
  return mul(value, gate(second))
}

/**
 * Lets one half of the last axis gate the other: `a · sigmoid(b)` for `x = [a, b]`.
 *
 * Shapes: `[…, 2n] → […, n]`; an odd size is a `ShapeError` that names the function.
 *
 * Source: Dauphin et al. 2017, "Language modeling with gated convolutional networks", arXiv 1612.08083.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { glu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(glu(tensor([[3, 4, 0, -1000]]))), [[1.5, 0]])
 */
export const glu = (x: Tensor): Tensor => gated("glu", sigmoid, x)

/**
 * Lets one half of the last axis gate the other by `gelu`: `a · gelu(b)` for `x = [a, b]`. Shapes and errors as of `glu`.
 *
 * Source: Shazeer 2020, "GLU variants improve Transformer", arXiv 2002.05202, equation 5, where the gate comes first.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { geglu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(geglu(tensor([[2, 10]]))), [[20]])
 */
export const geglu = (x: Tensor): Tensor => gated("geglu", gelu, x)

/**
 * Lets one half of the last axis gate the other by `silu`: `a · silu(b)` for `x = [a, b]`. Shapes and errors as of `glu`.
 *
 * Source: Shazeer 2020, "GLU variants improve Transformer", arXiv 2002.05202, equation 5, where the gate comes first.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { swiglu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(swiglu(tensor([[2, 1000]]))), [[2000]])
 */
export const swiglu = (x: Tensor): Tensor => gated("swiglu", silu, x)

export { sigmoid, tanh } from "../dataflow/transcendental.js"
export { logSoftmax, softmax } from "../dataflow/statistics.js"
export { logSigmoid, softplus } from "../dataflow/exponential.js"

/**
 * Makes a layer of a function that keeps shapes, such as an activation function: `y = f(x)`.
 *
 * `name`: for `summary`; by default the function's own, or "activation" for one without a name. What is no function is a `DataError`.
 *
 * `sequential(activation(f), activation(g))` does what `activation(flow(f, g))` does.
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
