import { scalar } from "../dataflow/create.js"
import { div, sub } from "../dataflow/arithmetic.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { lt, where } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { hull, within } from "../options/extent.js"
import { choice, numbers, type OptionsOf } from "../options/fields.js"
import type { Schedule } from "../options/hyperparameter.js"
import { finite, natural } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { divisor, fall, halfCosine, line } from "./common.js"

/** Boundaries that do not fall and are one fewer than the pieces, else a `HyperparameterError`. */
export const checkBoundaries = (
  operation: string,
  boundaries: readonly number[],
  name: string,
  pieces: readonly unknown[]
): void => {
  if (!boundaries.every((boundary, i) => boundary >= (boundaries[i - 1] ?? 0)))
    fail("HyperparameterError", operation, "boundaries that do not fall", `[${boundaries.join(", ")}]`)
  const expected = boundaries.length + 1
  if (pieces.length !== expected)
    fail("HyperparameterError", operation, `${expected} ${name}, one more than boundaries`, String(pieces.length))
}

/** The piece that ends after the step: the i-th before the i-th boundary, the last (one more than boundaries) after all. */
export const pieceAt = (t: Tensor, boundaries: readonly number[], pieces: readonly Tensor[]): Tensor =>
  pieces.reduceRight((later, piece, i) => where(lt(t, boundaries[i] ?? Infinity), piece, later))

const constantFields = {
  /** The steps from which the next value applies: whole numbers from 0 that do not fall. */
  boundaries: numbers(natural),
  /** Finite numbers, one more than boundaries. */
  values: numbers(finite)
}

/** The options of a step function. */
export interface PiecewiseConstantOptions extends OptionsOf<typeof constantFields> {}

/**
 * Gives one value until a boundary and the next one from there on: `s(t) = values[i]`, with `i` of the boundaries at or
 * before `t`.
 *
 * Options: see `PiecewiseConstantOptions`; others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Laws: a `join` of `constant`s; without boundaries, `constant`.
 * Source: PyTorch's `MultiStepLR` and optax's `piecewise_constant_schedule`, which multiply by factors at the
 * boundaries. Keras's `PiecewiseConstantDecay` keeps the value at the boundary itself: add 1 to its boundaries.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { piecewiseConstant } from "thalweg/schedule"
 *
 * const stairs = piecewiseConstant({ boundaries: [2, 3], values: [1, 0.5, 0.25] })
 * assert.deepStrictEqual(toArray(stairs(arange(5))), [1, 1, 0.5, 0.25, 0.25])
 */
export const piecewiseConstant: Recipe<typeof constantFields, (options: PiecewiseConstantOptions) => Schedule> = recipe(
  "piecewiseConstant",
  constantFields,
  {},
  ({ boundaries, values }): Schedule => {
    checkBoundaries("piecewiseConstant", boundaries, "values", values)
    const pieces = values.map(value => scalar(value, "f64"))
    return within(hull("piecewiseConstant", values), step => pieceAt(cast(step, "f64"), boundaries, pieces))
  }
)

const curveFields = {
  /** The steps at which the values after the first are reached: whole numbers from 0 that do not fall; a jump where two are one. */
  boundaries: numbers(natural),
  /** Finite numbers, one more than boundaries: at step 0, then at each boundary. */
  values: numbers(finite),
  /** What goes from a value to the next: a straight line (the default) or half a cosine. */
  interpolation: choice(["linear", "cosine"], "linear")
}

/** The options of a curve through points. */
export interface PiecewiseInterpolateOptions extends OptionsOf<typeof curveFields> {}

type Interpolation = (from: Tensor, to: Tensor, passed: Tensor) => Tensor

const interpolations: Readonly<Record<"linear" | "cosine", Interpolation>> = {
  linear: line,
  cosine: (from, to, passed) => fall(from, to, halfCosine(passed))
}

/**
 * Goes through the values at step 0 and at each boundary, in straight lines or half cosines, and stays at the last:
 * `s(t) = v + (w - v) · x` or `w + (v - w) · (1 + cos πx) / 2`, with `x` the share of the way from value `v` to `w`.
 *
 * Options: see `PiecewiseInterpolateOptions`; others are a `HyperparameterError`.
 * Shape: that of the step, a scalar in optimizers; f64.
 *
 * Law: with one boundary, `linear` or `cosine`.
 * Source: optax's `piecewise_interpolate_schedule`, which gives factors from each value to the next.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { piecewiseInterpolate } from "thalweg/schedule"
 *
 * const hill = piecewiseInterpolate({ boundaries: [2, 6], values: [0, 8, 4] })
 * assert.deepStrictEqual(toArray(hill(arange(8))), [0, 4, 8, 7, 6, 5, 4, 4])
 */
export const piecewiseInterpolate: Recipe<typeof curveFields, (options: PiecewiseInterpolateOptions) => Schedule> =
  recipe("piecewiseInterpolate", curveFields, {}, ({ boundaries, values, interpolation }): Schedule => {
    checkBoundaries("piecewiseInterpolate", boundaries, "values", values)
    const between = interpolations[interpolation]
    const points = values.map(value => scalar(value, "f64"))
    return within(hull("piecewiseInterpolate", values), step => {
      const t = cast(step, "f64")
      const pieces = points.map((to, i) => {
        const [from, begin, end] = [points[i - 1] ?? to, boundaries[i - 2] ?? 0, boundaries[i - 1] ?? 0]
        return between(from, to, div(sub(t, begin), divisor(end - begin)))
      })
      return pieceAt(t, boundaries, [...pieces.slice(1), ...points.slice(-1)])
    })
  })
