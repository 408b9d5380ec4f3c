import { add } from "../dataflow/arithmetic.js"
import { concat } from "../dataflow/concat.js"
import type { Tensor } from "../dataflow/primitive.js"
import { choice, type OptionsOf } from "../options/fields.js"
import { resolve } from "../options/resolve.js"
import { connect } from "./connect.js"
import { checkBefore, checkLayer, frozen, specOf, type Layer, type MaskContext, type None } from "./layer.js"
import { recurrent, recurrentFields, type RecurrentOptions } from "./recurrent.js"

const { give, variational } = recurrentFields

export const bidirectionalFields = {
  give,
  variational,
  /** How both outputs become one: side by side, or added. Default side by side. */
  merge: choice(["concat", "sum"], "concat")
}

/** What is given of both directions, and how it becomes one. */
export interface BidirectionalOptions
  extends Pick<RecurrentOptions, "give" | "variational">, OptionsOf<typeof bidirectionalFields> {}

/** What each direction has. */
type Directions<T> = { readonly forward: T; readonly backward: T }

/**
 * Runs a cell along sequences in both directions, with parameters of their own, and joins what they give:
 * `bidirectional(options)(cell)`.
 *
 * Shapes: `[batch, places, …] → [batch, places, 2 · units]`, the forward half first; with `merge: "sum"`, `[…, units]`. With
 * `give: "last"`, `[batch, 2 · units]`: the output of the last place forward, and that of the first place backward. Other options, the
 * mask and errors are those of `recurrent`. Stack two by `sequential`: the second sees both halves of the first.
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
export const bidirectional = (options: BidirectionalOptions = {}) => {
  const own = { ...checkBefore("bidirectional", options) }
  const { merge, ...each } = resolve("bidirectional", bidirectionalFields, options)
  return <P extends object, S extends object, C extends object>(
    cell: Layer<P, S, Tensor, Tensor, C>
  ): Layer<Directions<P>, Directions<None>, Tensor, Tensor, C & MaskContext> => {
    const checked = checkLayer("bidirectional", cell)
    const parts = { forward: recurrent(each)(checked), backward: recurrent({ ...each, reverse: true })(checked) }
    const layer = connect("bidirectional", parts, ({ forward, backward }, x: Tensor) =>
      merge === "sum" ? add(forward(x), backward(x)) : concat([forward(x), backward(x)], -1)
    )
    const name = `bidirectional(${checked.name})`
    const spec = specOf("bidirectional", { ...own, of: checked })
    // the types of parts are not worked out while those of the cell are open
    return frozen({ ...layer, name, spec }) as unknown as Layer<
      Directions<P>,
      Directions<None>,
      Tensor,
      Tensor,
      C & MaskContext
    >
  }
}
