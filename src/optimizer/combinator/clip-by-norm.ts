import type { Hyperparameter } from "../../options/hyperparameter.js"
import type { Recipe } from "../../options/recipe.js"
import { combinatorOf } from "./recipe.js"
import { clipByGlobalNorm, type ClipOptions } from "../../transform/clip-by-global-norm.js"
import type { StatelessF } from "../../transform/transform.js"
import { onGradient, type OnGradient } from "../lift.js"
import { byGradient } from "../traits.js"

const { fields } = clipByGlobalNorm

/**
 * Shortens the gradient to `maxNorm` where its norm over all leaves is larger: `g' = g · N / max(‖g‖ + ε, N)`.
 *
 * Acts on the gradient, before the inner optimizer. In a `pipe`, what comes later acts earlier on gradients. An
 * optimizer that does not see the scale of its gradients (Adam) is still changed, since its average mixes shortened
 * gradients with others. A NaN norm makes every gradient NaN; an infinite one makes infinite elements NaN, others 0.
 *
 * `maxNorm`: N, a finite number ≥ 0, in units of the gradient; `eps`: ε, a finite number ≥ 0 (default 0). Others are a
 * `HyperparameterError`.
 *
 * Laws: gradients within the norm (less ε) pass unchanged, exactly; two of them clip to the smaller norm (ε = 0); zero
 * stays zero.
 * Source: Pascanu, Mikolov & Bengio 2013, arXiv 1211.5063, Algorithm 1. PyTorch adds 1e-6 to the norm: `{ eps: 1e-6 }`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, tensor, toArray } from "thalweg"
 * import { clipByNorm, sgd } from "thalweg/optimizer"
 *
 * const opt = pipe(sgd({ learningRate: 1 }), clipByNorm(5))
 * const params = { w: tensor([0]), b: tensor([0]) }
 * const [{ w, b }] = opt.step(params, opt.init(params), { w: tensor([6]), b: tensor([8]) }) // a norm of 10
 * assert.deepStrictEqual([w, b].map(toArray), [[-3], [-4]])
 */
export const clipByNorm: Recipe<
  typeof clipByGlobalNorm.fields,
  (maxNorm: Hyperparameter, options?: ClipOptions) => OnGradient<StatelessF>
> = combinatorOf("clipByNorm", "maxNorm", fields, { additive: {}, ...byGradient }, ({ maxNorm, eps }) =>
  onGradient(clipByGlobalNorm(maxNorm, { eps }))
)
