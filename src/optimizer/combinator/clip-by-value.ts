import type { Hyperparameter } from "../../options/hyperparameter.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { clipElements } from "../../transform/clip-elements.js"
import type { StatelessF } from "../../transform/transform.js"
import { onGradient, type OnGradient } from "../lift.js"
import { allButScaleFree } from "../traits.js"

const { fields } = clipElements

/**
 * Cuts each element of the gradient to a range: `g' = min(max(g, -c), c)`.
 *
 * Acts on the gradient, before the inner optimizer. It changes the direction of the gradient.
 *
 * `maxValue`: c, a finite number ≥ 0, in units of the gradient, else a `HyperparameterError`. NaN stays NaN; ±∞ becomes
 * ±c, and can no longer be seen: put `ifFinite` after it in a `pipe`, so that it looks first.
 *
 * Laws: idempotent, exactly; two of them are the smaller one, exactly; zero stays zero; elementwise. It does not commute
 * with clips by norm.
 * Source: Mikolov 2012, "Statistical language models based on neural networks"; PyTorch's `clip_grad_value_`, Keras's
 * `clipvalue`, optax's `clip`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { clipByValue, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), clipByValue(2))
 * const params = tensor([0, 0, 0])
 * const [moved] = opt.step(params, opt.init(params), tensor([6, -8, 1]))
 * assert.deepStrictEqual(toArray(moved), [-2, 2, -1])
 */
export const clipByValue: Recipe<typeof clipElements.fields, (maxValue: Hyperparameter) => OnGradient<StatelessF>> =
  combinatorOf("clipByValue", "maxValue", fields, allButScaleFree, ({ maxValue }) => onGradient(clipElements(maxValue)))
