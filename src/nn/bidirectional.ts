import { add } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { choice, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import type { Tree } from "../tree/index.js"
import { providing } from "./combine.js"
import { checkTrees, connect } from "./connect.js"
import {
  checkBefore,
  checkLayer,
  frozen,
  specOf,
  type Layer,
  type MaskContext,
  type Mode,
  type None,
  type OnTensors
} from "./layer.js"
import { contextOf } from "./observe.js"
import {
  recurrent,
  recurrentFields,
  type Give,
  type GivenBy,
  type InitialContext,
  type RecurrentOptions,
  type WithState
} from "./recurrent.js"

const { give, variational } = recurrentFields

export const bidirectionalFields = {
  give,
  variational,
  /** How both outputs become one: side by side, or added. Default side by side. */
  merge: choice(["concat", "sum"], "concat")
}

/** What is given of both directions, and how it becomes one. */
export interface BidirectionalOptions<G extends Give = Give>
  extends Pick<RecurrentOptions, "variational">, OptionsOf<typeof bidirectionalFields> {
  /** What is given: the outputs at all places, the last one, or those at all places with the state of each direction. Default all. */
  readonly give?: G | undefined
}

/** What each direction has. */
export type Directions<T> = { readonly forward: T; readonly backward: T }

type DirectionsContext = MaskContext & InitialContext<Directions<Tree>>

/** Gives a direction its own of the initial states, and the context besides. */
const inDirection = (direction: keyof Directions<Tree>) =>
  providing((x: Tensor, mode: Mode & DirectionsContext) => {
    const { initial, ...context } = contextOf(mode) as DirectionsContext
    if (initial === undefined) return [x, context] as const
    const states = checkTrees("bidirectional", "an initial state", ["forward", "backward"], initial)
    return [x, { ...context, initial: states[direction] as Tree }] as const
  })

/**
 * Runs a cell along sequences in both directions, with parameters of their own, and joins what they give:
 * `bidirectional(options)(cell)`.
 *
 * Shapes: `[batch, places, …] → [batch, places, 2 · units]`, the forward half first; with `merge: "sum"`, `[…, units]`. With
 * `give: "last"`, `[batch, 2 · units]`: the output of the last place forward, and that of the first place backward. With
 * `give: "withState"`, `{ outputs, state: { forward, backward } }`, each the cell's state where that direction ends; `{ initial }` in the
 * context has the same form, and each direction begins with its own (PyTorch has both on the first axis of `h0`). Other options,
 * the mask and errors are those of `recurrent`. Stack two by `sequential`: the second sees both halves of the first.
 *
 * Law: the forward half is `recurrent` over the input; the backward half is `recurrent` over the reversed input, reversed.
 * Source: Schuster & Paliwal 1997, "Bidirectional recurrent neural networks"; the merges of Keras's `Bidirectional` (of which `mul`,
 * `ave` and none are a `connect` of one's own).
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 * import { bidirectional, gruCell } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = bidirectional()(gruCell({ units: 3, bias: false }))
 * const { params, state } = layer.init(key(0), zeros([1, 5, 2]))
 * const paths = ["backward/kernel", "backward/recurrent", "forward/kernel", "forward/recurrent"]
 * assert.deepStrictEqual(Tree.paths(params), paths)
 * assert.deepStrictEqual(layer.apply(params, state, zeros([4, 7, 2]), { training: false })[0].shape, [4, 7, 6])
 */
export const bidirectional = <G extends Give = "all">(options: BidirectionalOptions<G> = {}) => {
  const own = { ...checkBefore("bidirectional", options) }
  const { merge, ...each } = resolve("bidirectional", bidirectionalFields, options as BidirectionalOptions)
  const joined = (a: Tensor, b: Tensor): Tensor => (merge === "sum" ? add(a, b) : concat([a, b], -1))
  return <P extends object, S extends object, C extends object, I extends object = Tensor, O extends object = Tensor>(
    cell: Layer<P, S, I, O, C> & OnTensors<I, O>
  ): Layer<
    Directions<P>,
    Directions<None>,
    Tensor,
    GivenBy<G, Directions<S>>,
    C & MaskContext & InitialContext<Directions<S>>
  > => {
    const checked = checkLayer("bidirectional", cell) as unknown as Layer<Tree, Tree>
    const parts = {
      forward: inDirection("forward")(recurrent(each)(checked)),
      backward: inDirection("backward")(recurrent({ ...each, reverse: true })(checked))
    }
    const layer = connect("bidirectional", parts, (call, x: Tensor): Tensor | WithState<Directions<Tree>> => {
      const [forward, backward] = [call.forward(x), call.backward(x)]
      if (isTensor(forward) && isTensor(backward)) return joined(forward, backward)
      const [ahead, back] = [forward, backward] as readonly [WithState<Tree>, WithState<Tree>]
      return { outputs: joined(ahead.outputs, back.outputs), state: { forward: ahead.state, backward: back.state } }
    })
    const name = `bidirectional(${checked.name})`
    const spec = specOf("bidirectional", { ...own, of: checked })
    // the types of parts are not worked out while those of the cell are open
    return frozen({ ...layer, name, spec }) as unknown as Layer<
      Directions<P>,
      Directions<None>,
      Tensor,
      GivenBy<G, Directions<S>>,
      C & MaskContext & InitialContext<Directions<S>>
    >
  }
}
