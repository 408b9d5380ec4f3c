import { fail, underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import { foldIn, split } from "../random/index.js"
import type { Tree } from "../tree/index.js"
import { checkLayer, checkMode, type Initial, type Layer, type Mode, type SomeLayer } from "./layer.js"
import { checkList } from "../dataflow/check.js"

type AnyLayer = Layer<Tree, Tree>
type ParamsOf<L> = L extends Layer<infer P, infer _> ? P : never
type StatesOf<L> = L extends Layer<infer _, infer S> ? S : never

/** One tree for each layer, as `init` gives. */
const checkPerLayer = (count: number, trees: readonly Tree[]): void => {
  if (checkList("sequential", "parameters and states that init gave", trees).length !== count)
    fail("TreeError", "sequential", `parameters and states of ${count} layers`, `of ${trees.length}`)
}

const modeFor = (mode: Mode, index: number): Mode =>
  mode.training ? { training: true, key: foldIn(mode.key, index) } : mode

/**
 * Applies layers one after the other: `y = lₙ(… l₂(l₁(x)))`. Parameters and states are tuples, in the order of the
 * layers; each layer gets a key of its own.
 *
 * Shapes: the output of each layer is the input of the next; `init` and `apply` throw what the layer throws that cannot
 * take it, with its place as the path.
 *
 * Laws: `apply` is associative up to regrouping parameters, where nothing is drawn (keys depend on the grouping);
 * `sequential()` is the identity.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 * import { activation, dense, relu, sequential } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const model = sequential(dense(3), activation(relu), dense(1))
 * const { params, state, outputShape } = model.init(key(0), [2])
 * assert.deepStrictEqual(Tree.paths(params), ["0/bias", "0/kernel", "2/bias", "2/kernel"])
 * assert.deepStrictEqual([params[0].kernel.shape, params[2].kernel.shape, outputShape], [[2, 3], [3, 1], [1]])
 *
 * const [output] = model.apply(params, state, zeros([5, 2]), { training: false })
 * assert.deepStrictEqual(output.shape, [5, 1])
 */
export const sequential = <L extends readonly SomeLayer[]>(
  ...layers: L
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }, { readonly [K in keyof L]: StatesOf<L[K]> }> => {
  const parts = layers.map((layer, i) => checkLayer("sequential", layer as AnyLayer, i))
  const init = (key: Tensor, inputShape: Shape): Initial<Tree, Tree> => {
    const keys = split(key, Math.max(1, parts.length))
    let shape = inputShape
    const initials = parts.map((layer, i) => {
      const inputShape = shape
      const initial = underPath(String(i), () => layer.init(keys[i] as Tensor, inputShape))
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
    checkMode("sequential", mode)
    for (const tree of [params, states]) checkPerLayer(parts.length, tree)
    let output = input
    const after = parts.map((layer, i) => {
      const input = output
      const [next, state] = underPath(String(i), () =>
        layer.apply(params[i] as Tree, states[i] as Tree, input, modeFor(mode, i))
      )
      output = next
      return state
    })
    return [output, after]
  }
  return { name: "sequential", init, apply, layers: parts } as unknown as ReturnType<typeof sequential<L>>
}
