import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showShape, sizeOf } from "../dataflow/shape.js"
import { reshape as reshapeAll } from "../dataflow/structure.js"
import { showType } from "../dataflow/type.js"
import { numbers, type OptionsOf } from "../options/fields.js"
import { natural } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { batchOf } from "./input.js"
import { stateless, type Stateless } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** The shape of one example, whole numbers from 0. */
  shape: numbers(natural)
}

/** The shape that examples get. */
export interface ReshapeOptions extends OptionsOf<typeof fields> {}

/**
 * Makes a layer that puts the elements of an example, in row-major order, under another shape.
 *
 * Shapes: `[batch, …] → [batch, …shape]`. `shape`: whole numbers from 0, else a `HyperparameterError`. Throws a `ShapeError` for
 * a scalar, and for examples of another size.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { reshape } from "thalweg/nn"
 *
 * const [y] = reshape({ shape: [2, 2] }).apply([], [], tensor([[1, 2, 3, 4]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[1, 2], [3, 4]]])
 */
export const reshape: Recipe<typeof fields, (options: ReshapeOptions) => Stateless> = /* @__PURE__ */ layerRecipe(
  "reshape",
  fields,
  ({ shape }) =>
    stateless("reshape", (x: Tensor) => {
      const batch = batchOf("reshape", x)
      if (sizeOf(x.shape.slice(1)) !== sizeOf(shape))
        fail("ShapeError", "reshape", `examples of as many elements as ${showShape(shape)} has`, showType(x))
      return reshapeAll(x, [batch, ...shape])
    })
)
