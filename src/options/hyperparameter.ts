import { scalar } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { isFloat } from "../dataflow/dtype.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { extentOf, knownIn, within } from "./extent.js"
import { checkNumber, type Range } from "./range.js"

/**
 * A hyperparameter as an expression of the step: an f64 scalar that counts from 0 → a scalar of f32 or f64.
 *
 * Being an expression, a schedule compiles and differentiates together with the update that it is for. It is evaluated
 * at the count before that is incremented: the first update gets its value at 0. A value that is no float scalar is a
 * `HyperparameterError`.
 *
 * Of the schedules of `thalweg/schedule`, and of those made of them, bounds of all values are known. Where an optimizer is
 * made of one that leaves the range of the hyperparameter, that is a `HyperparameterError`. Of a function of one's own
 * nothing is known: one that leaves the range gives another rate than was meant, but at the ends of the range, such as β =
 * 1, parameters stay finite.
 *
 * @example
 * import assert from "node:assert"
 * import { add, div, item, scalar } from "thalweg"
 * import { sgd } from "thalweg/optimizer"
 *
 * const descent = sgd({ learningRate: t => div(1, add(t, 1)) })
 * const [params, state] = descent.step(scalar(0), descent.init(scalar(0)), scalar(1))
 * assert.strictEqual(item(params), -1)
 * assert.strictEqual(item(descent.rate(state)), 0.5)
 */
export type Schedule = (step: Tensor) => Tensor

/**
 * A hyperparameter: fixed, a tensor (to compile once for many values, or to differentiate by), or scheduled.
 *
 * A number outside the range that the option allows is a `HyperparameterError` at once, as are a schedule that is known to
 * leave it, a tensor whose value is known and outside, and one that is no f32 or f64 scalar. All are computed in f64 and
 * rounded to the dtype of each leaf.
 *
 * @example
 * import assert from "node:assert"
 * import { grad, item, mul, scalar, square, type Tensor } from "thalweg"
 * import { sgd } from "thalweg/optimizer"
 *
 * const p = scalar(1, "f64") // of p², whose gradient is 2p
 * const lossAfter = (learningRate: Tensor) => {
 *   const descent = sgd({ learningRate })
 *   return square(descent.step(p, descent.init(p), mul(p, 2))[0]) // (1 - 2η)²
 * }
 * assert.strictEqual(item(grad(lossAfter)(scalar(0.25, "f64"))), -2)
 */
export type Hyperparameter = number | Tensor | Schedule

/** Schedules that `hyperparameter` has made. */
const made = new WeakSet<Schedule>()

/** Refuses a schedule that is known to leave a range. */
const checkExtent = (operation: string, name: string, range: Range, schedule: Schedule): void => {
  const { title, least, most } = extentOf(schedule) ?? {}
  const outside = [least, most].find(value => value !== undefined && !range.holds(value))
  if (outside !== undefined)
    fail(
      "HyperparameterError",
      operation,
      `${range.expected} at every step`,
      `${title}, which may reach ${outside}`,
      name
    )
}

/** A scalar of f32 or f64 in f64. */
const toF64 = (operation: string, name: string, t: Tensor): Tensor =>
  isTensor(t) && t.shape.length === 0 && isFloat(t.dtype)
    ? cast(t, "f64")
    : fail("HyperparameterError", operation, `${name} to be a scalar of f32 or f64`, describeValue(t))

/** A number or a tensor as an f64 scalar, a literal if its value is known; that must lie within the range. */
export const quantityOf = (operation: string, name: string, range: Range, value: number | Tensor): Tensor => {
  const wide = isTensor(value) ? toF64(operation, name, value) : undefined
  const known = knownIn(value)
  return wide !== undefined && known === undefined ? wide : scalar(checkNumber(operation, name, range, known), "f64")
}

/** What is the same at every step. */
const always = (given: number | Tensor, value: Tensor): Schedule =>
  within(isTensor(given) ? undefined : { title: "constant", least: given, most: given, isNumber: true }, () => value)

/**
 * A hyperparameter as a schedule whose value is a scalar of f64 (scalars are computed once per step; leaves round them
 * to their own dtype). A number must lie within the range, as must what is known of a tensor or a schedule, which must give
 * float scalars. What it has made already it gives back, so that a recipe can hand its options on to the transforms that
 * it is made of.
 */
export const hyperparameter = (operation: string, name: string, range: Range, value: Hyperparameter): Schedule => {
  if (typeof value === "function") checkExtent(operation, name, range, value)
  if (typeof value === "function" && made.has(value)) return value
  const schedule =
    typeof value === "function"
      ? within(extentOf(value), step => toF64(operation, name, value(cast(step, "f64"))))
      : always(value, quantityOf(operation, name, range, value))
  made.add(schedule)
  return schedule
}
