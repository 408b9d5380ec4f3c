import { clamp, neg } from "../dataflow/arithmetic.js"
import { hyperparameter, positive, type Hyperparameter } from "../schedule/schedule.js"
import { Tree } from "../tree/index.js"
import { like, next, zeroCount, type CountF } from "./common.js"
import type { Transform } from "./transform.js"

/**
 * Cuts each element to a range: `u' = min(max(u, -c), c)`.
 *
 * `maxValue`: c, a finite number > 0, else a `HyperparameterError`. NaN stays NaN; ±∞ becomes ±c.
 *
 * Laws: idempotent, exactly; non-expansive; two of them are the smaller one, exactly; odd; elementwise.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clipElements } from "thalweg/transform"
 *
 * const u = tensor([3, -0.5, -4])
 * const clip = clipElements(1)
 * assert.deepStrictEqual(toArray(clip.update(u, clip.init(u), u)[0]), [1, -0.5, -1])
 */
export const clipElements = (maxValue: Hyperparameter): Transform<CountF> => {
  const limit = hyperparameter("clipElements", "maxValue", positive, maxValue)
  return {
    init: () => ({ count: zeroCount }),
    update: (updates, { count }) => {
      const most = limit(count)
      return [Tree.map(u => clamp(u, like(neg(most), u), like(most, u)))(updates), { count: next(count) }]
    }
  }
}
