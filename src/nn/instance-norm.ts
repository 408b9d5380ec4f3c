import type { OptionsOf } from "../options/fields.js"
import type { Recipe } from "../options/recipe.js"
import { grouping } from "./grouping.js"
import type { Layer } from "./layer.js"
import { epsilonField, type ScaleAndBias } from "./normalize.js"
import { layerRecipe } from "./recipe.js"

/** What keeps the divisor from 0. */
export interface InstanceNormOptions extends OptionsOf<typeof epsilonField> {}

/**
 * Makes a layer that brings each channel of each example to mean 0 and variance 1, over all places, and then scales and
 * shifts it: `groupNorm` with as many groups as channels.
 *
 * Shapes, `epsilon` and errors: as of `groupNorm`; a `ShapeError` for less than two places. We deviate from PyTorch's default,
 * which neither scales nor shifts (`affine=True` is ours), and keep no running statistics, as it does by default.
 *
 * Laws: scaling and shifting a channel changes nothing (but for `epsilon`).
 * Source: Ulyanov et al. 2016, arXiv 1607.08022.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { instanceNorm } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = instanceNorm({ epsilon: 1e-12 })
 * const { params } = layer.init(key(0), zeros([1, 2, 2]))
 * const [y] = layer.apply(params, [], tensor([[[1, 10], [3, 50]]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[[-1, -1], [1, 1]]])
 */
export const instanceNorm: Recipe<typeof epsilonField, (options?: InstanceNormOptions) => Layer<ScaleAndBias>> =
  /* @__PURE__ */ layerRecipe("instanceNorm", epsilonField, ({ epsilon }) =>
    grouping("instanceNorm", channels => channels, epsilon)
  )
