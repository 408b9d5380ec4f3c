import type { Hyperparameter } from "../../options/hyperparameter.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { clipUnits, type UnitClipOptions } from "../../transform/clip-units.js"
import type { StatelessF } from "../../transform/transform.js"
import { onGradient, type OnGradient } from "../lift.js"

const { fields } = clipUnits

/**
 * Shortens the gradient of each unit to a fraction of the norm of its parameters (adaptive gradient clipping):
 * `g' = g · N / max(‖g‖, N)` with `N = λ·max(‖p‖, ε)`, norms unit by unit.
 *
 * Acts on the gradient, before the inner optimizer. A unit is a neuron: a slice along the last axis of a kernel
 * (`units: "first"`: along the first); a vector or scalar is one unit. The paper leaves the last linear layer unclipped:
 * `partition` does so.
 *
 * `clipping`: λ, a finite number ≥ 0 (the paper has 0.01 to 0.16). `eps`: ε, a finite number > 0 (default 1e-3). Others
 * are a `HyperparameterError`. Where the norm of a unit is NaN, all of that unit becomes NaN; where it is infinite, its
 * infinite elements become NaN and its others 0. Other units do not notice.
 *
 * Laws: units within their norm pass unchanged, exactly; zero stays zero; depends on the parameters.
 * Source: Brock et al. 2021, arXiv 2102.06171, equation 3. optax takes the same units for ranks 1, 2 and 4, but those
 * over the first axis alone for rank 3, and all as one unit where at most one axis is longer than 1.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { clipAdaptive, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), clipAdaptive(0.5))
 * const kernel = tensor([[3, 0], [4, 1]]) // columns of the norms 5 and 1
 * const [moved] = opt.step(kernel, opt.init(kernel), tensor([[0, 0], [10, 0.25]]))
 * assert.deepStrictEqual(toArray(moved), [[3, 0], [1.5, 0.75]])
 */
export const clipAdaptive: Recipe<
  typeof clipUnits.fields,
  (clipping: Hyperparameter, options?: UnitClipOptions) => OnGradient<StatelessF>
> = combinatorOf(
  "clipAdaptive",
  "clipping",
  fields,
  { additive: {}, leafwise: {}, odd: {}, still: {} },
  ({ clipping, ...others }) => onGradient(clipUnits(clipping, others))
)
