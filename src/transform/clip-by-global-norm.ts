import { add } from "../dataflow/arithmetic.js"
import { hyper, resolve, type Fields } from "../schedule/fields.js"
import { nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { next, scaledBy, zeroCount, type CountF } from "./common.js"
import { globalNorm, shortening } from "./norm.js"
import type { Transform } from "./transform.js"

/** How updates are clipped. */
export interface ClipOptions {
  /** ε ≥ 0, added to the norm before it is compared. Default 0; PyTorch's `clip_grad_norm_` has 1e-6. */
  readonly eps?: Hyperparameter
}

export interface Clipping extends ClipOptions {
  readonly maxNorm: Hyperparameter
}

/** What the options of clipping may be. */
export const clippingFields: Fields<Clipping> = { maxNorm: hyper(positive), eps: hyper(nonNegative, 0) }

/**
 * Shortens updates whose norm over all leaves exceeds `maxNorm`: `u' = u · N / max(‖u‖ + ε, N)`.
 *
 * `maxNorm`: N, a finite number > 0, else a `HyperparameterError`.
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
 * import { clipByGlobalNorm } from "thalweg/transform"
 *
 * const params = { w: tensor([0]), b: tensor([0]) }
 * const clip = clipByGlobalNorm(5)
 * const [{ w, b }] = clip.update({ w: tensor([6]), b: tensor([8]) }, clip.init(params), params) // a norm of 10
 * assert.deepStrictEqual([w, b].map(toArray), [[3], [4]])
 */
export const clipByGlobalNorm = (maxNorm: Hyperparameter, options: ClipOptions = {}): Transform<CountF> => {
  const { maxNorm: limit, eps } = resolve("clipByGlobalNorm", clippingFields, { ...options, maxNorm })
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const most = limit(count)
      const factor = shortening(add(globalNorm(updates), eps(count)), most)
      return [scaledBy(factor)(updates), { count: next(count) }]
    }
  }
}
