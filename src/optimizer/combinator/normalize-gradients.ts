import type { Recipe } from "../../options/recipe.js"
import { combinator } from "./recipe.js"
import { normalize, type NormalizeOptions } from "../../transform/normalize.js"
import type { StatelessF } from "../../transform/transform.js"
import { onGradient, type OnGradient } from "../lift.js"
import { byGradient } from "../traits.js"

const { fields } = normalize

/**
 * Divides the gradient by its norm over all leaves: `g' = s · g / (‖g‖ + ε)`; 0 where all are 0.
 *
 * Acts on the gradient, before the inner optimizer. Over `sgd` every step has the length η·s (ε = 0).
 *
 * `scale`: s, a finite number > 0 (default 1). `eps`: ε, a finite number ≥ 0 (default 0). Others are a
 * `HyperparameterError`. Where the norm is NaN, all of the gradient becomes NaN; where it is infinite, its infinite
 * elements become NaN and its others 0.
 *
 * Laws: does not see the scale of the gradients (ε = 0); zero stays zero.
 * Source: Nesterov 1984; Hazan, Levy & Shalev-Shwartz 2015, arXiv 1507.02030, Algorithm 1. optax's
 * `normalize_by_update_norm` is `{ eps: 1e-6 }`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { normalizeGradients, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 5 }), normalizeGradients())
 * const params = { w: tensor([0]), b: tensor([0]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([600]), b: tensor([800]) })
 * assert.deepStrictEqual([w, b].map(toArray), [[-3], [-4]])
 */
export const normalizeGradients: Recipe<
  typeof normalize.fields,
  (options?: NormalizeOptions) => OnGradient<StatelessF>
> = combinator("normalizeGradients", fields, { additive: {}, ...byGradient }, options => onGradient(normalize(options)))
