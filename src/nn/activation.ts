import { checkFunction } from "../dataflow/check.js"
import type { Tensor } from "../dataflow/primitive.js"
import { frozen, specOf, stateless, type Stateless } from "./layer.js"

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
  return frozen({
    ...stateless(name ?? (f.name === "" ? "activation" : f.name), (x: Tensor) => f(x)),
    spec: specOf("activation", { f })
  })
}
