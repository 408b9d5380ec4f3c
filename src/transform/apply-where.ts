import { chosen, hide, merge, type HiddenState, type Mask } from "./mask.js"
import type { Tree } from "../tree/index.js"
import type { StateFamily, Transform } from "./transform.js"

/** The state of a transform that sees some of the leaves. */
export interface ApplyWhereF<F extends StateFamily> extends StateFamily {
  readonly type: HiddenState<F>
}

/** A transform on some leaves, whose errors name the operation that was called. */
export const applyingWhere =
  (operation: string, mask: Mask) =>
  <F extends StateFamily>({ init, update, rate }: Transform<F>): Transform<ApplyWhereF<F>> => ({
    init: params => init(hide(chosen(operation, mask, params), params)),
    update: (updates, state, params) => {
      const keep = chosen(operation, mask, params)
      const [changed, after] = update(hide(keep, updates), state, hide(keep, params))
      return [merge(keep, updates, changed), after]
    },
    ...(rate === undefined ? {} : { rate: (state: HiddenState<F>) => rate<Tree>(state) })
  })

/**
 * Applies a transform to some of the leaves only; the updates of others pass unchanged.
 *
 * `mask`: patterns of paths, a function of the path, or a tree of booleans like the parameters. The transform sees a
 * tree in which empty tuples stand for the other leaves: what it keeps for a leaf is not kept for them. A pattern that
 * matches no parameter, and a mask of another structure, are a `TreeError` at `init` and `update`.
 *
 * Laws: with a mask that is true everywhere, the transform itself, exactly; false everywhere, `identity`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { applyWhere, scale } from "thalweg/transform"
 *
 * const updates = { kernel: tensor([1, 2]), bias: tensor([3]) }
 * const doubled = applyWhere("kernel")(scale(2))
 * const [{ kernel, bias }] = doubled.update(updates, doubled.init(updates), updates)
 * assert.deepStrictEqual([kernel, bias].map(toArray), [[2, 4], [3]])
 */
export const applyWhere = (mask: Mask) => applyingWhere("applyWhere", mask)
