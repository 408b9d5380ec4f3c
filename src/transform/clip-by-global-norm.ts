import { add } from "../dataflow/arithmetic.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import type { Hyperparameter } from "../options/hyperparameter.js"
import { nonNegative } from "../options/range.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import { shortened, globalNorm } from "./norm.js"
import type { StatelessF, Transform } from "./transform.js"
import { Tree } from "../tree/index.js"

const fields = {
  /** N > 0: the largest norm, in units of the updates. */
  maxNorm: hyper(nonNegative),
  /** ε ≥ 0, added to the norm before it is compared. Default 0; PyTorch's `clip_grad_norm_` has 1e-6. */
  eps: hyper(nonNegative, 0)
}

/** How updates are clipped. */
export interface ClipOptions extends Omit<OptionsOf<typeof fields>, "maxNorm"> {}

/**
 * Shortens updates whose norm over all leaves exceeds `maxNorm`: `u' = u · N / max(‖u‖ + ε, N)`.
 *
 * `maxNorm`: N, a finite number ≥ 0, else a `HyperparameterError`.
 * Where the norm is NaN, all updates become NaN; where it is infinite, infinite elements become NaN and the others 0: a
 * non-finite gradient stays visible.
 *
 * Laws: updates within the norm (less ε) pass unchanged, exactly; non-expansive; zero stays zero; the direction does
 * not change; idempotent for ε = 0, to rounding.
 * Source: Pascanu, Mikolov & Bengio 2013, arXiv 1211.5063, Algorithm 1.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clipByGlobalNorm, clockAt } from "thalweg/transform"
 *
 * const params = { w: tensor([0]), b: tensor([0]) }
 * const clip = clipByGlobalNorm(5)
 * const grads = { w: tensor([6]), b: tensor([8]) } // a norm of 10
 * const [{ w, b }] = clip.update(grads, clip.init(params), params, clockAt(0))
 * assert.deepStrictEqual([w, b].map(toArray), [[3], [4]])
 */
export const clipByGlobalNorm: Recipe<
  typeof fields,
  (maxNorm: Hyperparameter, options?: ClipOptions) => Transform<StatelessF>
> = recipeOf("clipByGlobalNorm", "maxNorm", fields, {}, ({ maxNorm, eps }) => ({
  init: () => [],
  update: (updates, state, _, { step }) => {
    const [length, most] = [add(globalNorm(updates), eps(step)), maxNorm(step)]
    return [Tree.map(u => shortened(u, length, most))(updates), state]
  }
}))
