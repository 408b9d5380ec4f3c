import { add } from "../dataflow/arithmetic.js"
import { hyper, type OptionsOf } from "../options/fields.js"
import { nonNegative } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { timesRatio, globalNorm } from "./norm.js"
import type { StatelessF, Transform } from "./transform.js"
import { Tree } from "../tree/index.js"

const fields = {
  /** s ≥ 0: the norm of the result (ε = 0), in units of the updates. Default 1. */
  scale: hyper(nonNegative, 1),
  /** ε ≥ 0, added to the norm. Default 0; optax's `normalize_by_update_norm` has 1e-6. */
  eps: hyper(nonNegative, 0)
}

/** To what updates are normalized. */
export interface NormalizeOptions extends OptionsOf<typeof fields> {}

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
 * import { clockAt, normalize } from "thalweg/transform"
 *
 * const updates = { w: tensor([6]), b: tensor([8]) }
 * const unit = normalize({ scale: 5 })
 * const [{ w, b }] = unit.update(updates, unit.init(updates), updates, clockAt(0))
 * assert.deepStrictEqual([w, b].map(toArray), [[3], [4]])
 */
export const normalize: Recipe<typeof fields, (options?: NormalizeOptions) => Transform<StatelessF>> = recipe(
  "normalize",
  fields,
  {},
  ({ scale, eps }) => ({
    init: () => [],
    update: (updates, state, _, { step }) => {
      const length = add(globalNorm(updates), eps(step))
      return [Tree.map(u => timesRatio(u, scale(step), length))(updates), state]
    }
  })
)
