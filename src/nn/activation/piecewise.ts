import { add, div, mul } from "../../dataflow/arithmetic.js"
import { checkTensor } from "../../dataflow/check.js"
import { element } from "../../dataflow/dtype.js"
import { requireFloat } from "../../dataflow/elementwise.js"
import { ge, gt, le, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { fixed } from "../../options/fields.js"
import { functionRecipeAs } from "../../options/function-recipe.js"
import { nonNegativeF32 } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"

/**
 * Cuts off what is negative: `max(x, 0)`. Elementwise; the derivative at 0 is 0; NaN stays NaN.
 *
 * Source: Nair & Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
 *
 * @example
 * import assert from "node:assert"
 * import { grad, sum, tensor, toArray, type Tensor } from "thalweg"
 * import { relu } from "thalweg/nn"
 *
 * const x: Tensor = tensor([-2, 0, 3])
 * assert.deepStrictEqual(toArray(relu(x)), [0, 0, 3])
 * assert.deepStrictEqual(toArray(grad((x: Tensor) => sum(relu(x)))(x)), [0, 0, 1])
 */
export const relu = (x: Tensor): Tensor => where(le(x, 0), 0, x)

const leakyFields = {
  /** What numbers below 0 are multiplied by, a finite number ≥ 0. Default 0.01. */
  slope: fixed(nonNegativeF32, 0.01)
}

/**
 * Makes a relu that lets some of the negative through: `x` above 0, `slope · x` below. Elementwise; the derivative at 0
 * is the slope.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * `slope`: a finite number ≥ 0 that f32 can hold (default 0.01), else a `HyperparameterError`.
 *
 * `leakyRelu(1)` is the identity.
 * Source: Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { leakyRelu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(leakyRelu(0.25)(tensor([-2, 0, 3]))), [-0.5, 0, 3])
 */
export const leakyRelu: Recipe<typeof leakyFields, (slope?: number) => (x: Tensor) => Tensor> = functionRecipeAs(
  "leakyRelu",
  leakyFields,
  ({ slope }) =>
    (x: Tensor): Tensor =>
      where(gt(requireFloat("leakyRelu", x), 0), x, mul(x, slope)),
  make => slope => make({ slope })
)

/** Held within bounds, at which the derivative is 0; NaN stays NaN. */
const between = (name: string, low: number, high: number, x: Tensor): Tensor => {
  const [least, most] = [low, high].map(bound => element(name, checkTensor(name, x).dtype, bound)) as [number, number]
  return where(le(x, least), least, where(ge(x, most), most, x))
}

/**
 * Cuts off what is negative or above 6: `min(max(x, 0), 6)`. Elementwise; the derivative at 0 and at 6 is 0.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { relu6 } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(relu6(tensor([-1, 2, 9]))), [0, 2, 6])
 */
export const relu6 = (x: Tensor): Tensor => between("relu6", 0, 6, x)

/**
 * Holds values within -1 and 1. Elementwise; the derivative at both is 0.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { hardTanh } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(hardTanh(tensor([-3, 0.5, 3]))), [-1, 0.5, 1])
 */
export const hardTanh = (x: Tensor): Tensor => between("hardTanh", -1, 1, x)

/**
 * Applies a sigmoid of straight lines: `relu6(x + 3) / 6`, from 0 to 1. Elementwise; the derivative at ±3 is 0. (PyTorch's and
 * Keras 3's; of slope 1/6.)
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { hardSigmoid } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(hardSigmoid(tensor([-4, 0, 4]))), [0, 0.5, 1])
 */
export const hardSigmoid = (x: Tensor): Tensor => div(relu6(add(requireFloat("hardSigmoid", x), 3)), 6)

/**
 * Applies `x · hardSigmoid(x)`. Elementwise; the derivative is 0 at -3 and 1 at 3 (PyTorch: -½ and 1½, from within).
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Source: Howard et al. 2019, arXiv 1905.02244.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { hardSwish } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(hardSwish(tensor([-4, 1.5, 4]))), [-0, 1.125, 4])
 */
export const hardSwish = (x: Tensor): Tensor => mul(requireFloat("hardSwish", x), hardSigmoid(x))
