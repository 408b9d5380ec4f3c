import { add, mul, square } from "../dataflow/arithmetic.js"
import { mean } from "../dataflow/reduce.js"
import { rsqrt } from "../dataflow/transcendental.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { positiveF32 } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { someFeaturesOf } from "./input.js"
import type { Layer } from "./layer.js"
import { checkScale, initialScale, type Scale } from "./normalize.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** ε > 0, which is added to the mean square. Default 1e-6. */
  epsilon: fixed(positiveF32, 1e-6)
}

/** What is added to the mean square. */
export interface RmsNormOptions extends OptionsOf<typeof fields> {}

/**
 * Makes a layer that divides every place by the root mean square of its features: `y = x / √(mean x² + ε) · scale`.
 *
 * Shapes do not change: `[batch, …, features]`; scale `[features]`, at first 1, in the dtype of the input. `epsilon > 0` (default
 * 1e-6, as Flax; PyTorch's is the machine's ε, 1.2e-7 in f32 and 2.2e-16 in f64), else a `HyperparameterError`. Throws a
 * `ShapeError` for inputs of another size than `init` was told or of none, and a `DTypeError` for inputs that are neither `f32` nor `f64`.
 *
 * Law: blind, but for ε, to what all features of a place are multiplied by.
 * Source: Zhang & Sennrich 2019, "Root mean square layer normalization", arXiv 1910.07467, equation 4.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { rmsNorm } from "thalweg/nn"
 *
 * const [y] = rmsNorm({ epsilon: 1e-12 }).apply({ scale: tensor([1, 10]) }, [], tensor([[2, -2]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[1, -10]])
 */
export const rmsNorm: Recipe<typeof fields, (options?: RmsNormOptions) => Layer<Scale>> = /* @__PURE__ */ layerRecipe(
  "rmsNorm",
  fields,
  ({ epsilon }) => ({
    init: (_, input) => ({ params: { scale: initialScale("rmsNorm", input).scale }, state: [] }),
    apply: (params, state, input) => {
      someFeaturesOf("rmsNorm", input)
      const { scale } = checkScale("rmsNorm", params, input)
      const size = add(mean(square(input), { axes: -1, keepDims: true }), epsilon)
      return [mul(mul(input, rsqrt(size)), scale), state]
    }
  })
)
