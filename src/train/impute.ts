import { add, div, maximum, mul, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { takeAlongAxis } from "../dataflow/indexing.js"
import { eq, isFinite, isNaN, not, shiftRight, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sorted } from "../dataflow/quantile.js"
import { mean, sum } from "../dataflow/reduce.js"
import { showShape, sizeOf } from "../dataflow/shape.js"
import { expandDims, squeeze } from "../dataflow/structure.js"
import { toTyped } from "../engine/index.js"
import { choice, type OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { axesOf, changing, fields as shared, fitting, type Figures, type Per } from "./figures.js"

const fields = {
  /** What is put in the place of NaN: the mean of the numbers that are there, or their median. Default `"mean"`. */
  with: choice(["mean", "median"], "mean"),
  ...shared
}

/** What is filled in, and of what it is taken. */
export interface ImputeOptions extends OptionsOf<typeof shared>, OptionsOf<typeof fields> {}

/** A change that fills in what is missing: `fit` computes what is filled in, a tree like an example, `apply` does so. */
export interface Imputation {
  /** Computes what is filled in, of examples. */
  readonly fit: <T extends TreeLike<T>>(x: T) => { readonly fill: T }
  /** Fills it in where there is NaN. */
  readonly apply: <T extends TreeLike<T>>(fitted: { readonly fill: T }, x: T) => T
}

type Axes = readonly number[]

/** How many numbers there are. */
const known = (x: Tensor, axes: Axes): Tensor => sum(cast(not(isNaN(x)), "i32"), { axes })

const ways = {
  mean: (x: Tensor, axes: Axes): Tensor => {
    const [numbers, count] = [cast(where(isNaN(x), 0, x), "f64"), cast(known(x, axes), "f64")]
    const [own, all] = [div(sum(numbers, { axes }), count), scalar(sizeOf(axes.map(axis => x.shape[axis] ?? 1)), "f64")]
    // where the sum is beyond f64, by the mean that is not
    return cast(where(isFinite(own), own, mul(mean(numbers, { axes }), div(all, count))), x.dtype)
  },
  median: (x: Tensor, axes: Axes): Tensor => {
    const [order, count] = [sorted(x, axes, sizeOf(axes.map(axis => x.shape[axis] ?? 1))), known(x, axes)] // NaN is last
    const at = (place: Tensor): Tensor => squeeze(takeAlongAxis(order, expandDims(shiftRight(place, 1), -1), -1), -1)
    const [below, above] = [at(maximum(sub(count, 1), 0)), at(count)]
    return where(eq(below, above), below, add(mul(below, 0.5), mul(above, 0.5)))
  }
}

/** A `DataError` where there is nothing to fill in with: nothing but NaN, or numbers between which there is none. */
const requireFill = (what: string, per: Per, fitted: Figures<"fill">, x: Tree): Figures<"fill"> => {
  const [names, leaves] = [Tree.paths(x), Tree.leaves(x)]
  Tree.leaves(fitted.fill).forEach((fill, i) => {
    const odd = toTyped(fill).findIndex(Number.isNaN)
    if (odd < 0) return
    const leaf = leaves[i] as Tensor
    const isKnown = (toTyped(known(leaf, axesOf(leaf, per)))[odd] ?? 0) > 0
    const found = isKnown ? "∞ and -∞, between which there is none," : "nothing but NaN (leave out what is never known)"
    const at = fill.shape.length === 0 ? "" : ` for number ${odd} of ${showShape(fill.shape)}`
    fail("DataError", "impute", `examples that have a ${what}`, `${found}${at}`, names[i] || undefined)
  })
  return fitted
}

/**
 * Makes what fills in missing numbers: `x' = fill` where `x` is NaN, else `x`, with the mean or the median of those that are not
 * NaN among the examples that were fitted. Fit it to the training set only, and apply it to all; before `standardize`, whose
 * figures are NaN of what is.
 *
 * Shapes: every leaf `[examples, …]`, f32 or f64, else a `DTypeError`; what is filled in has the shape of a row of features, or of
 * an example (`per`), and another is a `ShapeError`. Throws a `DataError` for no examples, and where there is nothing but NaN.
 * `isNaN(x)` tells where something was missing, which may be a feature of its own.
 *
 * Laws: numbers stay, and nothing else is NaN; what was fitted has the mean or the median that it had, up to rounding.
 *
 * Source: `SimpleImputer` of scikit-learn, which by default leaves out features that are never known.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { impute } from "thalweg/train"
 *
 * const { fit, apply } = impute({ with: "median" })
 * const fitted = fit(tensor([[1, 10], [2, NaN], [9, 30]]))
 * assert.deepStrictEqual(toArray(fitted.fill), [2, 20])
 * assert.deepStrictEqual(toArray(apply(fitted, tensor([[NaN, 7], [5, NaN]]))), [[2, 7], [5, 20]])
 */
export const impute: Recipe<typeof fields, (options?: ImputeOptions) => Imputation> = recipe(
  "impute",
  fields,
  {},
  ({ with: way, per }) => {
    const fit = fitting("impute", ["fill"], per, (x, axes) => [ways[way](x, axes)])
    const parts = {
      fit: (x: Tree) => requireFill(way, per, fit(x), x),
      apply: changing("impute", ["fill"], per, (x, [fill]) => where(isNaN(x), fill as Tensor, x))
    }
    return parts as unknown as Imputation // structures of trees are those of their arguments
  }
)
