import { checkLayer, frozen, specOf, type Layer } from "./layer.js"
import { applyInner } from "./observe.js"

/**
 * Gives the parameters of a layer beside its output: `[y, params]`. So weights are tied: what one part of a `connect` learns,
 * others compute with, and the gradients of all uses add up. Parameters, state and context are those of the layer.
 *
 * Source of the example: Press & Wolf 2017, "Using the output embedding to improve language models", arXiv 1608.05859.
 *
 * @example
 * import assert from "node:assert"
 * import { matmul, Tree, transpose, zeros, type Tensor } from "thalweg"
 * import { connect, dense, embedding, withParams } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * // logits by the table that embeds
 * const parts = { embed: withParams(embedding({ tokens: 100, features: 8 })), body: dense({ units: 8 }) }
 * const tied = connect("tied", parts, ({ embed, body }, ids: Tensor) => {
 *   const [x, { table }] = embed(ids)
 *   return matmul(body(x), transpose(table))
 * })
 * const ids = zeros([1, 5], "i32")
 * const { params, state } = tied.init(key(0), ids)
 * assert.deepStrictEqual(Tree.paths(params), ["body/bias", "body/kernel", "embed/table"])
 * assert.deepStrictEqual(tied.apply(params, state, ids, { training: false })[0].shape, [1, 5, 100])
 */
export const withParams = <P extends object, S extends object, I extends object, O extends object, C extends object>(
  layer: Layer<P, S, I, O, C>
): Layer<P, S, I, readonly [output: O, params: P], C> => {
  const inner = checkLayer("withParams", layer)
  return frozen({
    ...inner,
    spec: specOf("withParams", { of: inner }),
    apply: (params, state, input, mode) => {
      const [output, after] = applyInner(inner, params, state, input, mode)
      return [[output, params], after]
    }
  })
}
