import { checkFunction, checkMethods } from "../dataflow/check.js"
import { describeValue, isRecord } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { checkShape, type Shape } from "../dataflow/shape.js"
import type { Tree } from "../tree/index.js"

/** Whether a model is being trained; training carries the key from which layers draw. */
export type Mode = { readonly training: false } | { readonly training: true; readonly key: Tensor }

/** What a layer starts from, for inputs of some shape. */
export interface Initial<P extends object, S extends object> {
  readonly params: P
  readonly state: S
  readonly outputShape: Shape
}

/**
 * A layer: a pure function of parameters, state and input. Shapes leave out the batch axis, which leads everywhere.
 * Nothing is hidden: running statistics are state, randomness comes with the mode.
 *
 * Laws: `apply` gives `[batch, …outputShape]` for inputs `[batch, …inputShape]`, and a state like the one it got.
 *
 * @example
 * import assert from "node:assert"
 * import { mul, ones, tensor, toArray, type Tensor } from "thalweg"
 * import { sequential, summary, type Layer } from "thalweg/nn"
 *
 * const gain: Layer<{ readonly factor: Tensor }, readonly []> = {
 *   name: "gain",
 *   init: (_, inputShape) => ({ params: { factor: ones(inputShape) }, state: [], outputShape: inputShape }),
 *   apply: ({ factor }, state, input) => [mul(input, factor), state]
 * }
 * const [y] = gain.apply({ factor: tensor([2, 3]) }, [], tensor([[10, 10]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[20, 30]])
 * assert.match(summary(sequential(gain), [2]), /gain .* 2$/)
 */
export interface Layer<P extends object, S extends object> {
  readonly name: string
  readonly init: (key: Tensor, inputShape: Shape) => Initial<P, S>
  readonly apply: (params: P, state: S, input: Tensor, mode: Mode) => readonly [output: Tensor, state: S]
  /** What it is composed of, for `summary`. */
  readonly layers?: readonly Layer<Tree, Tree>[]
}

/** Whether a layer is trained, as `apply` has to be told. */
export const checkMode = (operation: string, mode: Mode): Mode =>
  isRecord(mode) && typeof mode.training === "boolean"
    ? mode
    : fail("DataError", operation, "a mode, { training: false } or { training: true, key }", describeValue(mode))

/** A layer, or a `DataError`. */
export const checkLayer = <L extends SomeLayer>(operation: string, layer: L, place?: number): L =>
  checkMethods(operation, "a layer, such as dense(1) or activation(relu)", layer, ["init", "apply"], place?.toString())

/** A layer whatever its parameters: what `sequential` takes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a layer is contravariant in its parameters
export type SomeLayer = Layer<any, any>

/** A layer without parameters or state. */
export type Stateless = Layer<readonly [], readonly []>

/**
 * Makes a layer of a function of batches that has neither parameters nor state.
 *
 * `name`: for `summary`. `apply`: from `[batch, …inputShape]` to `[batch, …outputShape]`, given the mode; it must treat
 * every example alike. `outputShape`: from the shape of one example to that of its output; by default unchanged.
 *
 * @example
 * import assert from "node:assert"
 * import { reshape, zeros } from "thalweg"
 * import { dense, sequential, stateless } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1)
 * const flat = stateless(
 *   "flat",
 *   x => reshape(x, [x.shape[0] ?? 0, size(x.shape.slice(1))]),
 *   inputShape => [size(inputShape)]
 * )
 * const { params, state } = sequential(flat, dense(10)).init(key(0), [28, 28])
 * const [y] = sequential(flat, dense(10)).apply(params, state, zeros([5, 28, 28]), { training: false })
 * assert.deepStrictEqual(y.shape, [5, 10])
 */
export const stateless = (
  name: string,
  apply: (input: Tensor, mode: Mode) => Tensor,
  outputShape: (inputShape: Shape) => Shape = shape => shape
): Stateless => {
  if (typeof name !== "string") fail("DataError", "stateless", "a name", describeValue(name))
  checkFunction("stateless", apply)
  checkFunction("stateless", outputShape)
  return {
    name,
    init: (_, inputShape) => ({ params: [], state: [], outputShape: outputShape(checkShape(name, inputShape)) }),
    apply: (_, state, input, mode) => [apply(input, checkMode(name, mode)), state]
  }
}

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
  return stateless(name ?? (f.name === "" ? "activation" : f.name), x => f(x))
}
