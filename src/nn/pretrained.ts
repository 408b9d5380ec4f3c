import { underPath } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { requireLike } from "../tree/require-like.js"
import type { TreeLike } from "../tree/index.js"
import { builtOf, flattenAs } from "../tree/tree.js"
import { checkLayer, frozen, initLayer, sameSpec, type Initial, type Layer } from "./layer.js"

/** A tree of one's own, which nobody goes on changing. */
const ownTree = <T>(name: string, tree: T): T =>
  underPath(name, () => {
    const { structure, leaves } = flattenAs("pretrained", tree)
    return builtOf(structure, leaves) as T
  })

/**
 * Lets a layer begin with parameters and a state that are there already, instead of drawing them: those of a body that was
 * trained with another head, or that `fromTorch` read. It computes what the layer computes, and is trained on like any other; what is not
 * to move is for `freeze`, and what is to run as after training for `inference`.
 *
 * `init` gives `params` and `state`, whatever the key. They must be like those that the layer draws for the input: another
 * structure is a `TreeError`, another shape a `ShapeError`, another dtype a `DTypeError`, each with its path. As data
 * (`toModelSpec`) it is the layer by itself: what was learnt is saved apart, as parameters are.
 *
 * Laws: begins with what it is given, also as a part of others; with what the layer draws by the same key, it is the layer.
 *
 * Source: Yosinski et al. 2014, "How transferable are features in deep neural networks?", arXiv 1411.1792. PyTorch's
 * `Embedding.from_pretrained` is `pretrained({ table }, [])(embedding(…))`, but frozen.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray, zeros } from "thalweg"
 * import { activation, dense, pretrained, relu, sequential } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const body = sequential(dense({ units: 3 }), activation(relu))
 * const { params, state } = sequential({ body, head: dense({ units: 10 }) }).init(key(0), zeros([1, 2])) // or of `fit`
 * const other = sequential({ body: pretrained(params.body, state.body)(body), head: dense({ units: 2 }) })
 * const begun = other.init(key(1), zeros([1, 2])).params
 * assert.deepStrictEqual(toArray(begun.body[0].kernel), toArray(params.body[0].kernel))
 * assert.deepStrictEqual(begun.head.kernel.shape, [3, 2])
 * assert.throws(() => other.init(key(1), zeros([1, 4])), {
 *   message: 'pretrained at "body/0/kernel": expected parameters of f32[4, 3]; got f32[2, 3]'
 * })
 */
export const pretrained = <P extends TreeLike<P>, S extends TreeLike<S>>(params: P, state: S) => {
  const own = { params: ownTree("params", params), state: ownTree("state", state) }
  return <I extends object, O extends object, C extends object>(layer: Layer<P, S, I, O, C>): Layer<P, S, I, O, C> => {
    const inner = checkLayer("pretrained", layer)
    const begin = (key: Tensor, input: I, context?: object): Initial<P, S> => {
      const drawn = initLayer(inner, key, input, context)
      requireLike("pretrained", "parameters", drawn.params, own.params)
      requireLike("pretrained", "a state", drawn.state, own.state)
      return own
    }
    return frozen({ ...inner, ...sameSpec(inner), init: begin as unknown as Layer<P, S, I, O, C>["init"] })
  }
}
