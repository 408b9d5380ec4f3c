import { abs, add, div, mul, square, sub } from "../../dataflow/arithmetic.js"
import { scalar } from "../../dataflow/create.js"
import { cast, requireFloat } from "../../dataflow/elementwise.js"
import { fail } from "../../dataflow/error.js"
import { eq, ne, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { mean, sum } from "../../dataflow/reduce.js"
import { range, showShape, sizeOf } from "../../dataflow/shape.js"
import { sqrt } from "../../dataflow/transcendental.js"
import { checkAlike } from "../loss/loss.js"
import { adding, checkTarget, countIn, metricFold, none, type Folding, type MetricFold } from "./fold.js"

/** A sum over so many elements. */
type Total = { readonly total: Tensor; readonly elements: Tensor }

/** Errors in f64, where predictions and targets are of one type. */
const errorsOf = (title: string, prediction: Tensor, target: Tensor): Tensor => {
  checkAlike(title, requireFloat(title, prediction), checkTarget(title, target))
  return sub(cast(prediction, "f64"), cast(target, "f64"))
}

const meanOf = (title: string, f: (error: Tensor) => Tensor, result = (mean: Tensor) => mean): Folding<Total> => ({
  name: title,
  ...adding<Total>(
    { total: none, elements: none },
    (prediction, target) => ({
      total: sum(f(errorsOf(title, prediction, target))),
      elements: countIn(prediction)
    }),
    ({ total, elements }) => result(div(total, elements))
  )
})

/**
 * Computes the mean of `|prediction - target|` over all elements, in `f64`.
 *
 * Shapes: both alike, else a `ShapeError` or a `DTypeError`; result `[]`. Of targets with weights: `metricFold`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { meanAbsoluteError } from "thalweg/nn"
 *
 * assert.strictEqual(item(meanAbsoluteError(tensor([[4, 6]]), tensor([[1, 2]]))), 3.5)
 */
export const meanAbsoluteError: MetricFold<Total> = /* @__PURE__ */ metricFold(meanOf("meanAbsoluteError", abs))

/**
 * Computes the root of the mean of `(prediction - target)²` over all elements, in `f64`.
 *
 * Shapes: both alike, else a `ShapeError` or a `DTypeError`; result `[]`. Of targets with weights: `metricFold`.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { rootMeanSquaredError } from "thalweg/nn"
 *
 * assert.strictEqual(item(rootMeanSquaredError(tensor([[4, 6], [1, 2]]), tensor([[4, 6], [7, 10]]))), 5)
 */
export const rootMeanSquaredError: MetricFold<Total> = /* @__PURE__ */ metricFold(
  meanOf("rootMeanSquaredError", square, sqrt)
)

/** Of each output: the mean of its targets, Σ(target - mean)², and Σ(prediction - target)². */
type Spread = {
  readonly examples: Tensor
  readonly center: Tensor
  readonly spread: Tensor
  readonly missed: Tensor
}

/**
 * Computes the coefficient of determination: `R² = 1 - Σ(prediction - target)² / Σ(target - mean target)²` for each output,
 * averaged over outputs, in `f64`: 1 where all is predicted, 0 for what always says the mean. Where a target does not vary: 1 if it
 * is predicted, else 0, as scikit-learn has it.
 *
 * Shapes: both `[…, outputs]`, with an axis of examples, else a `ShapeError` or a `DTypeError`; result `[]`. Of targets with
 * weights: `metricFold`.
 *
 * Source, of how spreads are merged: Chan, Golub & LeVeque 1979.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { r2 } from "thalweg/nn"
 *
 * assert.strictEqual(item(r2(tensor([[1], [2], [5]]), tensor([[1], [2], [3]]))), -1) // 1 - 4 / 2
 */
export const r2: MetricFold<Spread> = /* @__PURE__ */ metricFold<Spread>({
  name: "r2",
  empty: { examples: none, center: none, spread: none, missed: none },
  of: (prediction, target) => {
    const errors = errorsOf("r2", prediction, target)
    if (target.shape.length < 2) fail("ShapeError", "r2", "targets [examples, …, outputs]", showShape(target.shape))
    const axes = range(target.shape.length - 1)
    const center = mean(cast(target, "f64"), { axes })
    return {
      examples: scalar(sizeOf(target.shape.slice(0, -1)), "f64"),
      center,
      spread: sum(square(sub(cast(target, "f64"), center)), { axes }),
      missed: sum(square(errors), { axes })
    }
  },
  merge: (a, b) => {
    const examples = add(a.examples, b.examples)
    const share = div(b.examples, where(eq(examples, 0), 1, examples))
    const apart = sub(b.center, a.center)
    return {
      examples,
      // from the side of an empty one, nothing comes
      center: where(eq(a.examples, 0), b.center, add(a.center, mul(apart, share))),
      spread: add(add(a.spread, b.spread), mul(square(apart), mul(a.examples, share))),
      missed: add(a.missed, b.missed)
    }
  },
  result: ({ spread, missed }) => {
    const isFlat = eq(spread, 0)
    const share = where(isFlat, cast(ne(missed, 0), "f64"), div(missed, where(isFlat, 1, spread)))
    return mean(sub(1, share))
  }
})
