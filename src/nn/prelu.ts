import { mul } from "../dataflow/arithmetic.js"
import { full } from "../dataflow/create.js"
import { gt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { fixed, flag, type OptionsOf } from "../options/fields.js"
import { finite } from "../options/range.js"
import type { Recipe } from "../options/recipe.js"
import { checkFeatures, entryOf, featuresOf, floatOf, inDTypeOf } from "./input.js"
import type { Layer } from "./layer.js"
import { layerRecipe } from "./recipe.js"

const fields = {
  /** The slope below 0 from which training starts, a finite number. Default 0.25. */
  slope: fixed(finite, 0.25),
  /** Whether all channels share one slope. Default false. */
  shared: flag(false)
}

/** From what slope training starts, and whether there is one for all channels. */
export interface PreluOptions extends OptionsOf<typeof fields> {}

/** The slope of each channel below 0. */
type Slope = { readonly slope: Tensor }

/**
 * Makes a layer that keeps what is positive, and multiplies what is not by a slope that is trained: `y = x` above 0, `slope · x`
 * below. The derivative at 0 is the slope.
 *
 * Shapes: `[…, channels]`, which do not change; slope `[channels]`, or `[1]` where it is shared, in the dtype of the input.
 * Options: see `PreluOptions`; others are a `HyperparameterError`. Throws a `ShapeError` for inputs of another number of channels than `init`
 * was told, and a `DTypeError` for inputs that are neither `f32` nor `f64`.
 *
 * With a slope of 1 it is the identity. Source: He et al. 2015, arXiv 1502.01852. PyTorch: `PReLU(channels)`, and `PReLU()` shared; Keras has a
 * slope for each place unless they are shared.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { prelu } from "thalweg/nn"
 *
 * const [y] = prelu().apply({ slope: tensor([0.5, 0]) }, [], tensor([[-2, -2], [2, 2]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[-1, -0], [2, 2]])
 */
export const prelu: Recipe<typeof fields, (options?: PreluOptions) => Layer<Slope>> = /* @__PURE__ */ layerRecipe(
  "prelu",
  fields,
  ({ slope, shared }) => ({
    init: (_, x) => ({
      params: { slope: full([shared ? 1 : featuresOf("prelu", x)], slope, floatOf("prelu", x)) },
      state: []
    }),
    apply: (params, state, x) => {
      const slope = entryOf("prelu", params, "slope", [shared ? 1 : "channels"])
      if (!shared) checkFeatures("prelu", x, slope)
      inDTypeOf("prelu", x, slope)
      return [where(gt(x, 0), x, mul(slope, x)), state]
    }
  })
)
