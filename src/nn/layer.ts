import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import type { Tree } from "../tree/index.js"

/** Whether a model is being trained; training carries the key from which layers draw. */
export type Mode = { readonly training: false } | { readonly training: true; readonly key: Tensor }

/** What a layer starts from, for inputs of some shape. */
export interface Initial<P extends Tree, S extends Tree> {
  readonly params: P
  readonly state: S
  readonly outputShape: Shape
}

/**
 * A layer: a pure function of parameters, state and input. Shapes leave out the batch axis, which leads everywhere.
 * Nothing is hidden: running statistics are state, randomness comes with the mode.
 */
export interface Layer<P extends Tree, S extends Tree> {
  readonly name: string
  readonly init: (key: Tensor, inputShape: Shape) => Initial<P, S>
  readonly apply: (params: P, state: S, input: Tensor, mode: Mode) => readonly [output: Tensor, state: S]
  /** What it is composed of, for `summary`. */
  readonly layers?: readonly Layer<Tree, Tree>[]
}

/** A layer without parameters or state. */
export type Stateless = Layer<readonly [], readonly []>

/** A layer that applies a function to each example and keeps nothing. */
export const stateless = (
  name: string,
  apply: (input: Tensor, mode: Mode) => Tensor,
  outputShape: (inputShape: Shape) => Shape = shape => shape
): Stateless => ({
  name,
  init: (_, inputShape) => ({ params: [], state: [], outputShape: outputShape(inputShape) }),
  apply: (_, state, input, mode) => [apply(input, mode), state]
})

/** A layer of an activation function: `activation(relu)`. */
export const activation = (f: (x: Tensor) => Tensor, name: string = f.name === "" ? "activation" : f.name): Stateless =>
  stateless(name, x => f(x))
