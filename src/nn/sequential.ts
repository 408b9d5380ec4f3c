import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import { foldIn, split } from "../random/index.js"
import type { Tree } from "../tree/index.js"
import type { Initial, Layer, Mode } from "./layer.js"

type AnyLayer = Layer<Tree, Tree>
type ParamsOf<L> = L extends Layer<infer P, infer _> ? P : never
type StatesOf<L> = L extends Layer<infer _, infer S> ? S : never

/** A layer whatever its parameters: what `sequential` takes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a layer is contravariant in its parameters
type SomeLayer = Layer<any, any>

const modeFor = (mode: Mode, index: number): Mode =>
  mode.training ? { training: true, key: foldIn(mode.key, index) } : mode

/**
 * Applies layers one after the other. Parameters and states are tuples, in the order of the layers; each layer gets a key of
 * its own.
 *
 * Laws: associative up to regrouping parameters; `sequential()` is the identity.
 */
export const sequential = <L extends readonly SomeLayer[]>(
  ...layers: L
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }, { readonly [K in keyof L]: StatesOf<L[K]> }> => {
  const parts = layers as readonly AnyLayer[]
  const init = (key: Tensor, inputShape: Shape): Initial<Tree, Tree> => {
    const keys = split(key, Math.max(1, parts.length))
    let shape = inputShape
    const initials = parts.map((layer, i) => {
      const initial = layer.init(keys[i] as Tensor, shape)
      shape = initial.outputShape
      return initial
    })
    return { params: initials.map(part => part.params), state: initials.map(part => part.state), outputShape: shape }
  }
  const apply = (
    params: readonly Tree[],
    states: readonly Tree[],
    input: Tensor,
    mode: Mode
  ): readonly [Tensor, Tree] => {
    let output = input
    const after = parts.map((layer, i) => {
      const [next, state] = layer.apply(params[i] as Tree, states[i] as Tree, output, modeFor(mode, i))
      output = next
      return state
    })
    return [output, after]
  }
  return { name: "sequential", init, apply, layers: parts } as unknown as ReturnType<typeof sequential<L>>
}
