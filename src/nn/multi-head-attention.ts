import { flag } from "../options/fields.js"
import type { Recipe } from "../options/recipe.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { AffineOf, AffineOptions, Bias } from "./affine.js"
import type { Initializer } from "./initializer.js"
import {
  attentionFields,
  checkHeads,
  drawAttention,
  gather,
  maskOf,
  project,
  rotaryField,
  turn,
  type AttentionParams
} from "./attention.js"
import type { Layer, MaskContext, None } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  ...attentionFields,
  ...rotaryField,
  /** Whether a place sees none that come after it. Default false. */
  causal: flag(false)
}

/** How many heads attend, what they see, and how parameters are drawn. */
export interface MultiHeadAttentionOptions<B extends Bias = Bias> extends AffineOptions<
  typeof attentionFields & typeof rotaryField & typeof fields,
  B
> {}

/** From options to the layer. */
type Call = <B extends Bias = Initializer>(
  options: MultiHeadAttentionOptions<B>
) => Layer<AttentionParams<AffineOf<B>>, None, Tensor, Tensor, MaskContext>

/**
 * Makes a layer in which places attend to each other: queries, keys and values are projections of the input by heads, each
 * `softmax(q · kᵀ / √size) · v`, and the output is a projection of all heads together.
 *
 * Shapes: `[batch, places, width] → [batch, places, width]`; kernels of `query`, `key`, `value` `[width, features]`, of `output`
 * `[features, width]`, each with a bias. Context: `mask`, `bool [batch, places]`, true for what is there; `[batch, queries, keys]`
 * and `[batch, heads, queries, keys]` as well; one of numbers is added to the scores, and hides where it is -∞. A place that sees
 * none gets the bias of the output. A place that is not there may hold NaN, which stays at that place; but gradients of the
 * projections see it, so that what is trained on should be finite.
 *
 * Options: `heads`; `causal`; `keyValueHeads`, so that several heads share keys and values; `features`, the width of all heads;
 * `rotary`, the base of rotary positions; `dropout` of weights; `kernel` (`glorotUniform`),
 * `bias` (zeros; `false`: none). Others, or such as do not divide,
 * are a `HyperparameterError`. Throws a `ShapeError` for a width that is 0 or that the heads do not divide and for a mask of another shape,
 * and a `DTypeError` for one that is neither `bool` nor of the input's dtype.
 *
 * Laws: a causal layer does not look ahead; what is masked does not matter; permuting the places permutes the outputs, if it is
 * neither causal nor rotary.
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2. In PyTorch, masks are true for what is hidden, and queries, keys
 * and values are drawn as one kernel.
 *
 * @example
 * import assert from "node:assert"
 * import { Tree, zeros } from "thalweg"
 * import { multiHeadAttention } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = multiHeadAttention({ heads: 4, keyValueHeads: 2, causal: true, bias: false })
 * const { params, state } = layer.init(key(0), zeros([1, 3, 8]))
 * assert.deepStrictEqual(Tree.paths(params), ["key/kernel", "output/kernel", "query/kernel", "value/kernel"])
 * assert.deepStrictEqual([params.query.kernel.shape, params.key.kernel.shape], [[8, 8], [8, 4]])
 * assert.deepStrictEqual(layer.apply(params, state, zeros([2, 5, 8]), { training: false })[0].shape, [2, 5, 8])
 */
export const multiHeadAttention: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe(
  "multiHeadAttention",
  fields,
  ({ causal, rotary, ...options }) => {
    const of = checkHeads("multiHeadAttention", options)
    return {
      init: (key, input) => ({ params: drawAttention(of, key, input), state: [] }),
      apply: (params, state, input, mode) => {
        const [query, key, value] = project(of, params, input, input)
        const mask = maskOf(of.layer, "mask", mode.mask, input, input.shape[1] ?? 0, of.heads)
        const heads = [...turn(rotary, [query, key] as const), value] as const
        return [gather(of, params, heads, { mask, causal }, mode), state]
      }
    }
  }
)
