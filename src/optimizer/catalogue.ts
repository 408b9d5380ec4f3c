import type { Fields, Traits } from "../options/types.js"
import { partitionByRules } from "./combinator/partition-by-rules.js"
import type { AnyOptimizer } from "./optimizer.js"
import * as recipes from "./recipe/index.js"

/** What all recipes of optimizers have in common, for code that goes through the catalogue. */
export interface OptimizerRecipe {
  readonly title: string
  readonly fields: Fields
  readonly traits: Traits
  /** Makes the optimizer; options are checked when it runs. */
  make(this: void, options: object): AnyOptimizer
}

/** Every optimizer by name. */
export type OptimizerCatalogue = typeof recipes & { readonly partition: typeof partitionByRules }

/**
 * Lists every optimizer by name. Each is the function itself: it carries what its options may be (`fields`), what is true
 * of it (`traits`), and how it is made of one record of options (`make`). What enumerates optimizers (codecs, tables,
 * menus, laws) is driven by it. Their order is nothing to rely on.
 *
 * All options can be data, but for the optimizers that `muon`, `normuon` and `partition` are made of; the labels of `partition` are
 * a list of patterns here, each with a label, of which the first that matches counts. `polyakSgd`, `momo` and `momoAdam`
 * need the loss, `lbfgs`, `adahessian` and `sophia` the objective, `dpSgd` the gradient of each example.
 *
 * `make` throws a `HyperparameterError` for options out of range, or that do not fit each other.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { optimizers } from "thalweg/optimizer"
 *
 * const opt = optimizers.sgd.make({ learningRate: 0.5 })
 * const params = { w: tensor([1, 2]) }
 * const [{ w }] = opt.step(params, opt.init(params), { w: tensor([2, 2]) })
 * assert.deepStrictEqual(toArray(w), [0, 1])
 * assert.strictEqual(optimizers.adam.fields.b1.default, 0.9)
 */
export const optimizers: OptimizerCatalogue = Object.freeze({
  ...recipes,
  partition: partitionByRules
} satisfies Readonly<Record<string, OptimizerRecipe>>)
