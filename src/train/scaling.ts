import { add, div, mul, sub } from "../dataflow/arithmetic.js"
import { scalar } from "../dataflow/create.js"
import { and, eq, isFinite, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { max, mean, min } from "../dataflow/reduce.js"
import { standardDeviation } from "../dataflow/statistics.js"
import type { OptionsOf } from "../options/fields.js"
import { recipe, type Recipe } from "../options/recipe.js"
import type { TreeLike } from "../tree/index.js"
import { changing, fields, fitting, type Per } from "./figures.js"

/** What is scaled by itself. */
export interface ScalingOptions extends OptionsOf<typeof fields> {}

/**
 * A change of numbers that is fitted to examples: `fit` computes what it needs, trees of tensors like an example, which
 * can be saved as any tree; `apply` makes the change, and `invert` takes it back. Nothing is kept between them.
 */
export interface Scaling<K extends string> {
  /** Computes figures of examples. */
  readonly fit: <T extends TreeLike<T>>(x: T) => { readonly [name in K]: T }
  /** Scales by the figures. */
  readonly apply: <T extends TreeLike<T>>(fitted: { readonly [name in K]: T }, x: T) => T
  /** Goes back. */
  readonly invert: <T extends TreeLike<T>>(fitted: { readonly [name in K]: T }, x: T) => T
}

const one = ({ dtype }: Tensor): Tensor => scalar(1, dtype)

/** How a leaf is measured, and which center and spread follow from that. */
interface Way {
  readonly measure: (x: Tensor, axes: readonly number[]) => readonly [Tensor, Tensor]
  /** Of figures in some unit, 1 or what everything is multiplied by. */
  readonly spread: (first: Tensor, second: Tensor, unit: Tensor) => Tensor
}

/** ½ where a result is not finite, so that its parts are halved (which is exact) before they make it; else 1. */
const unitOf = (...results: readonly Tensor[]): Tensor =>
  where(
    results.map(isFinite).reduce((a, b) => and(a, b)),
    1,
    scalar(0.5, results[0]?.dtype)
  )

/** `(x - center) / spread`. */
const apart = (x: Tensor, first: Tensor, second: Tensor, { spread }: Way): Tensor => {
  const unit = unitOf(sub(x, first), spread(first, second, one(x)))
  const [own, center, other] = [x, first, second].map(t => mul(t, unit)) as [Tensor, Tensor, Tensor]
  return div(sub(own, center), spread(center, other, unit))
}

/** `x · spread + center`. */
const together = (x: Tensor, first: Tensor, second: Tensor, { spread }: Way): Tensor => {
  const unit = unitOf(mul(x, spread(first, second, one(x))))
  const [center, other] = [mul(first, unit), mul(second, unit)]
  return div(add(mul(x, spread(center, other, unit)), center), unit)
}

/** Spreads of 0 are 1, so that what is constant stays so, and comes back. */
const orOne = (spread: Tensor, isConstant: Tensor, unit: Tensor): Tensor => where(isConstant, unit, spread)

const scaling = <K extends string>(operation: string, names: readonly [K, K], per: Per, way: Way): Scaling<K> => {
  const by = (how: typeof apart) =>
    changing(operation, names, per, (x, [first, second]) => how(x, first as Tensor, second as Tensor, way))
  const parts = { fit: fitting(operation, names, per, way.measure), apply: by(apart), invert: by(together) }
  return parts as unknown as Scaling<K> // structures of trees are those of their arguments
}

const standard: Way = {
  // what is constant is told by its extremes, since its deviation may be a rounding that is not 0
  measure: (x, axes) => [
    mean(x, { axes }),
    orOne(standardDeviation(x, { axes }), eq(min(x, { axes }), max(x, { axes })), one(x))
  ],
  spread: (_, deviation) => deviation
}

/**
 * Makes the scaling to mean 0 and deviation 1: `x' = (x - mean) / deviation`, the mean and the deviation (of the
 * population, over `n`) those of the examples that were fitted. Fit it to the training set only, and apply it to all.
 *
 * Shapes: every leaf `[examples, …]`, f32 or f64, else a `DTypeError`; figures have the shape of a row of features, or of
 * an example (`per`), and others are a `ShapeError`. What is constant among the examples that were fitted has deviation 1.
 * NaN among them gives NaN. Throws a `DataError` for no examples.
 *
 * Laws: what was fitted has mean 0 and deviation 1; `invert(f, apply(f, x)) ≡ x` up to rounding.
 *
 * Source: `StandardScaler` of scikit-learn.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { standardize } from "thalweg/train"
 *
 * const { fit, apply, invert } = standardize()
 * const figures = fit(tensor([[1, 10], [3, 30]]))
 * assert.deepStrictEqual([toArray(figures.mean), toArray(figures.deviation)], [[2, 20], [1, 10]])
 * const other = tensor([[4, 20]])
 * assert.deepStrictEqual(toArray(apply(figures, other)), [[2, 0]])
 * assert.deepStrictEqual(toArray(invert(figures, apply(figures, other))), [[4, 20]])
 */
export const standardize: Recipe<typeof fields, (options?: ScalingOptions) => Scaling<"mean" | "deviation">> = recipe(
  "standardize",
  fields,
  {},
  ({ per }) => scaling("standardize", ["mean", "deviation"], per, standard)
)

const extremes: Way = {
  measure: (x, axes) => [min(x, { axes }), max(x, { axes })],
  spread: (low, high, unit) => orOne(sub(high, low), eq(low, high), unit)
}

/**
 * Makes the scaling of what was fitted to the numbers from 0 to 1: `x' = (x - min) / (max - min)`; others may lie outside.
 *
 * Shapes, errors and what else is true: as of `standardize`. What is constant among the examples that were fitted becomes 0.
 *
 * Laws: the least of what was fitted becomes 0, the largest 1, be their difference beyond the dtype; `invert(f, apply(f, x)) ≡ x`
 * up to rounding.
 *
 * Source: `MinMaxScaler` of scikit-learn.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { minMax } from "thalweg/train"
 *
 * const { fit, apply } = minMax()
 * assert.deepStrictEqual(toArray(apply(fit(tensor([[2, 5], [6, 5]])), tensor([[3, 6]]))), [[0.25, 1]])
 */
export const minMax: Recipe<typeof fields, (options?: ScalingOptions) => Scaling<"min" | "max">> = recipe(
  "minMax",
  fields,
  {},
  ({ per }) => scaling("minMax", ["min", "max"], per, extremes)
)
