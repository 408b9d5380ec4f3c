import { maskField } from "../options/fields.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import type { Tree } from "../tree/index.js"
import { chosen, type Mask } from "../tree/mask.js"
import { hide, hideNeeds, merge, type HiddenState } from "./mask.js"
import { checkTransform, type Clock, type NeedsOf, type StateFamily, type Transform } from "./transform.js"

const fields = {
  /** Which leaves it is applied to: a `Mask`. */
  mask: maskField()
}

/** The state of a transform that sees some of the leaves. */
export interface ApplyWhereF<F extends StateFamily> extends StateFamily {
  readonly type: HiddenState<F>
  readonly needs: NeedsOf<F, this["params"]>
}

/** A transform on some leaves, whose errors name the operation that was called. */
export const applyingWhere =
  (operation: string, mask: Mask) =>
  <F extends StateFamily>(transform: Transform<F>): Transform<ApplyWhereF<F>> => {
    const { init, update, rate, needs = [] } = checkTransform(operation, transform)
    return {
      init: params => init(hide(chosen(operation, mask, params), params)),
      update: (updates, state, params, now) => {
        const keep = chosen(operation, mask, params)
        const seen = (tree: Tree): Tree => hide(keep, tree)
        const within = hideNeeds<F, typeof params>(shown => merge(keep, params, shown), seen, now)
        const [changed, after] = update(seen(updates), state, seen(params), within)
        return [merge(keep, updates, changed), after]
      },
      ...(rate === undefined ? {} : { rate: (state: HiddenState<F>, now: Clock) => rate<Tree>(state, now) }),
      needs
    }
  }

/**
 * Applies a transform to some of the leaves only; the updates of others pass unchanged.
 *
 * `mask`: patterns of paths, a function of the path and the leaf, or a tree of booleans like the parameters: a `Mask`. The
 * transform sees a tree without the other leaves: what it keeps for a leaf is not kept for them. A pattern that matches no
 * parameter, and a mask of another structure, are a `TreeError` at `init` and `update`.
 *
 * Laws: with a mask that is true everywhere, the transform itself, exactly; false everywhere, `identity`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { applyWhere, clockAt, scale } from "thalweg/transform"
 *
 * const updates = { kernel: tensor([1, 2]), bias: tensor([3]) }
 * const doubled = applyWhere("kernel")(scale(2))
 * const [{ kernel, bias }] = doubled.update(updates, doubled.init(updates), updates, clockAt(0))
 * assert.deepStrictEqual([kernel, bias].map(toArray), [[2, 4], [3]])
 */
export const applyWhere: Recipe<
  typeof fields,
  (mask: Mask) => <F extends StateFamily>(transform: Transform<F>) => Transform<ApplyWhereF<F>>
> = recipeOf("applyWhere", "mask", fields, {}, ({ mask }) => applyingWhere("applyWhere", mask))
