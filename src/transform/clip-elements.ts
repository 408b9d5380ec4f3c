import { clamp, neg } from "../dataflow/arithmetic.js"
import { hyper } from "../options/fields.js"
import type { Hyperparameter } from "../options/hyperparameter.js"
import { nonNegative } from "../options/range.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import { Tree } from "../tree/index.js"
import { castLike } from "./common.js"
import type { StatelessF, Transform } from "./transform.js"

const fields = {
  /** c > 0: the largest size of an element, in units of the updates. */
  maxValue: hyper(nonNegative)
}

/**
 * Cuts each element to a range: `u' = min(max(u, -c), c)`.
 *
 * `maxValue`: c, a finite number ≥ 0, else a `HyperparameterError`. NaN stays NaN; ±∞ becomes ±c.
 *
 * Laws: idempotent, exactly; non-expansive; two of them are the smaller one, exactly; odd; elementwise.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clipElements, clockAt } from "thalweg/transform"
 *
 * const u = tensor([3, -0.5, -4])
 * const clip = clipElements(1)
 * assert.deepStrictEqual(toArray(clip.update(u, clip.init(u), u, clockAt(0))[0]), [1, -0.5, -1])
 */
export const clipElements: Recipe<typeof fields, (maxValue: Hyperparameter) => Transform<StatelessF>> = recipeOf(
  "clipElements",
  "maxValue",
  fields,
  {},
  ({ maxValue }) => ({
    init: () => [],
    update: (updates, state, _, { step }) => {
      const most = maxValue(step)
      return [Tree.map(u => clamp(u, castLike(neg(most), u), castLike(most, u)))(updates), state]
    }
  })
)
