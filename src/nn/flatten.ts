import type { Tensor } from "../dataflow/primitive.js"
import { sizeOf } from "../dataflow/shape.js"
import { reshape } from "../dataflow/structure.js"
import type { Recipe } from "../options/recipe.js"
import { batchOf } from "./input.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {}

/** From no options to the layer. */
type Call = (options?: object) => Stateless

/**
 * Makes a layer that puts all elements of an example, in row-major order, on one axis.
 *
 * Shapes: `[batch, …] → [batch, size]`; `[batch] → [batch, 1]`. Throws a `ShapeError` for a scalar.
 *
 * We deviate from PyTorch in that channels are last, so that they vary fastest: weights of the layer that follows have to be
 * permuted, and not only transposed, when they come from there.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { flatten } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(flatten().apply([], [], tensor([[[1, 2], [3, 4]]]), { training: false })[0]), [[1, 2, 3, 4]])
 * assert.deepStrictEqual(flatten().apply([], [], zeros([0, 7, 7, 8]), { training: false })[0].shape, [0, 392])
 */
export const flatten: Recipe<typeof fields, Call> = /* @__PURE__ */ layerRecipe("flatten", fields, () =>
  stateless("flatten", (x: Tensor) => reshape(x, [batchOf("flatten", x), sizeOf(x.shape.slice(1))]))
)
