import { checkTensor } from "../dataflow/check.js"
import { fail } from "../dataflow/error.js"
import { checkKnown, takeFor } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showType } from "../dataflow/type.js"
import { choice, fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { initializer } from "./affine.js"
import { smallNormal } from "./initializer.js"
import { entryOf } from "./input.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** How many tokens there are, a whole number from 1. */
  tokens: fixed(positiveInteger),
  /** How many features each has, a whole number from 1. */
  features: fixed(positiveInteger),
  /** How the table is drawn. Default normal, with deviation 0.02. */
  table: initializer(smallNormal),
  /** The dtype of the table, since ids have none to take. Default f32. */
  dtype: choice(["f32", "f64"], "f32")
}

/** How large a table is, and how it is drawn. */
export interface EmbeddingOptions extends OptionsOf<typeof fields> {}

/** A vector for each of so many things. */
export type Table = { readonly table: Tensor }

/**
 * Makes a layer that looks up a learned vector for each token: `y[…] = table[x[…]]`.
 *
 * Shapes: ids `[batch, …]` of `i32` or `u32`, else a `DTypeError`, become `[batch, …, features]`; table `[tokens, features]` of
 * `dtype` (default `f32`). An id outside the table, negative ones included, is an `IndexError`: at the call if ids are known, else
 * when the output is computed. `tokens`, `features`: whole numbers from 1, else a `HyperparameterError`.
 *
 * The table is drawn normal with deviation 0.02, as in Radford et al. 2018 (PyTorch: 1), which suits a table that makes logits
 * as well. To tie it to the output, see `withParams`.
 *
 * Law: the product of a one-hot encoding with the table.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { embedding } from "thalweg/nn"
 *
 * const layer = embedding({ tokens: 3, features: 2 })
 * const params = { table: tensor([[0, 0], [1, 10], [2, 20]]) }
 * const [y] = layer.apply(params, [], tensor([[2, 1]], { dtype: "i32" }), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[2, 20], [1, 10]]])
 */
export const embedding: Recipe<typeof fields, (options: EmbeddingOptions) => Layer<Table>> =
  /* @__PURE__ */ layerRecipe("embedding", fields, ({ tokens, features, table, dtype }) => ({
    init: key => ({ params: { table: table(key, [tokens, features], dtype) }, state: [] }),
    apply: (params, state, ids) => {
      const table = entryOf("embedding", params, "table", [tokens, features])
      if (!["i32", "u32"].includes(checkTensor("embedding", ids, "a batch of ids").dtype))
        fail("DTypeError", "embedding", "ids of i32 or u32", showType(ids))
      checkKnown("embedding", tokens, `ids from 0 to ${tokens - 1} (${tokens} tokens)`, ids)
      return [takeFor({ caller: { operation: "embedding", indices: "ids" } }, table, ids), state]
    }
  }))
