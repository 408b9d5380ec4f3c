import { fail } from "../dataflow/error.js"
import { beside, fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger, whole } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { split } from "../random/index.js"
import type { TreeLike } from "../tree/index.js"
import { exampleCount, orderOf, ownTree, pickExamples, shufflingKey } from "./dataset.js"
import { assign, stratifyField } from "./parts.js"

const fields = {
  /** Into how many folds, a whole number from 2, at most the number of examples (which leaves one out each time). */
  k: fixed(/* @__PURE__ */ whole(2)),
  /** Shuffles by this key. Without one, folds are stretches of the data as they stand. */
  key: shufflingKey,
  /** How often all of it is done, each time shuffled anew; needs a key. A whole number from 1. Default 1. */
  repeats: beside("key", fixed(positiveInteger, 1)),
  /** Labels of the examples, `i32` or `u32` of shape `[examples]`: each fold then has each class within one of its share. */
  stratify: stratifyField
}

/** How a data set is folded. */
export interface KFoldOptions extends OptionsOf<typeof fields> {}

/** What is trained on, and what is held out. */
export interface Fold<D> {
  readonly train: D
  readonly validation: D
}

/**
 * Makes the folds of a cross-validation: the examples in `k` parts, each of which is held out once while the others are
 * trained on. Made one at a time as they are asked for; the result can be iterated again and again.
 *
 * Shapes: every leaf `[examples, …]`; parts are of equal sizes, within one, and literals. Examples keep the order in which
 * they were shuffled.
 * Options: see `KFoldOptions`; others are a `HyperparameterError`. An empty data set, leaves of different lengths, more
 * folds than examples, and with labels a single class or one of fewer examples than folds are a `DataError`; labels that
 * are no integers a `DTypeError`, another number of them a `ShapeError`.
 *
 * Laws: what is held out partitions the data; no example is in both parts of a fold; iterating again gives the same bits;
 * with labels, folds have each class within one example of each other.
 *
 * Source: `KFold`, `StratifiedKFold` and `RepeatedKFold` of scikit-learn, but for which example goes where.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { kFold } from "thalweg/train"
 *
 * const folds = [...kFold({ k: 3 })({ x: arange(5) })]
 * assert.deepStrictEqual(folds.map(({ validation }) => toArray(validation.x)), [[0, 1], [2], [3, 4]])
 * assert.deepStrictEqual(folds.map(({ train }) => toArray(train.x)), [[2, 3, 4], [0, 1, 3, 4], [0, 1, 2]])
 */
export const kFold: Recipe<
  typeof fields,
  (options: KFoldOptions) => <D extends TreeLike<D>>(data: D) => Iterable<Fold<D>>
> = recipe(
  "kFold",
  fields,
  {},
  ({ k, key, repeats, stratify }) =>
    <D extends TreeLike<D>>(data: D): Iterable<Fold<D>> => {
      const [n, own] = [exampleCount("kFold", data), ownTree(data)]
      if (k > n) fail("DataError", "kFold", `at least ${k} examples for ${k} folds`, String(n))
      const shares = Array.from({ length: k }, () => 1 / k)
      const names = shares.map((_, fold) => `fold ${fold}`)
      const rounds = (key === undefined ? [undefined] : split(key, repeats)).map(by => {
        const order = orderOf(n, by)
        return { order, owners: assign("kFold", order, shares, names, stratify) }
      })
      return {
        *[Symbol.iterator]() {
          for (const { order, owners } of rounds)
            for (const fold of shares.keys()) {
              const [train, validation] = [
                order.filter((_, i) => owners[i] !== fold),
                order.filter((_, i) => owners[i] === fold)
              ]
              yield { train: pickExamples(own, train), validation: pickExamples(own, validation) }
            }
        }
      }
    }
)
