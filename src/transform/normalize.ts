import { add, div } from "../dataflow/arithmetic.js"
import { eq, where } from "../dataflow/logic.js"
import { hyper, resolve, type Fields } from "../schedule/fields.js"
import { nonNegative, positive, type Hyperparameter } from "../schedule/schedule.js"
import { next, scaledBy, zeroCount, type CountF } from "./common.js"
import { globalNorm } from "./norm.js"
import type { Transform } from "./transform.js"

/** To what updates are normalized. */
export interface NormalizeOptions {
  /** The norm of the result (ε = 0), in units of the updates. Default 1. */
  readonly scale?: Hyperparameter
  /** ε ≥ 0, added to the norm. Default 0; optax's `normalize_by_update_norm` has 1e-6. */
  readonly eps?: Hyperparameter
}

/** What the options of normalizing may be. */
export const normalizeFields: Fields<NormalizeOptions> = { scale: hyper(positive, 1), eps: hyper(nonNegative, 0) }

/**
 * Divides updates by their norm over all leaves: `u' = s · u / (‖u‖ + ε)`; 0 where all are 0.
 *
 * Throws a `HyperparameterError` for numbers out of range. Where the norm is NaN, all updates become NaN; where it is
 * infinite, infinite elements become NaN and the others 0.
 *
 * Laws: does not see the scale of the updates (ε = 0); the result has the norm s (ε = 0, not all 0); zero stays zero.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { normalize } from "thalweg/transform"
 *
 * const updates = { w: tensor([6]), b: tensor([8]) }
 * const unit = normalize({ scale: 5 })
 * const [{ w, b }] = unit.update(updates, unit.init(updates), updates)
 * assert.deepStrictEqual([w, b].map(toArray), [[3], [4]])
 */
export const normalize = (options: NormalizeOptions = {}): Transform<CountF> => {
  const { scale, eps } = resolve("normalize", normalizeFields, options)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const length = add(globalNorm(updates), eps(count))
      const factor = div(scale(count), where(eq(length, 0), 1, length))
      return [scaledBy(factor)(updates), { count: next(count) }]
    }
  }
}
