import { div, mul } from "../../dataflow/arithmetic.js"
import { requireFloat } from "../../dataflow/elementwise.js"
import { gt, where } from "../../dataflow/logic.js"
import type { Tensor } from "../../dataflow/primitive.js"
import { expm1 } from "../../dataflow/transcendental.js"
import { fixed } from "../../options/fields.js"
import { functionRecipeAs } from "../../options/function-recipe.js"
import { nonNegativeF32, positiveF32 } from "../../options/range.js"
import type { Recipe } from "../../options/recipe.js"

/** `x` above 0, `scale · (e^(x / width) - 1)` below, of which nothing overflows. */
const exponentialBelow = (name: string, x: Tensor, scale: number, width: number): Tensor => {
  const above = gt(requireFloat(name, x), 0)
  return where(above, x, mul(expm1(div(where(above, 0, x), width)), scale))
}

const eluFields = {
  /** α, a finite number ≥ 0. Default 1. */
  alpha: fixed(nonNegativeF32, 1)
}

/**
 * Makes an exponential linear unit: `x` above 0, `α·(e^x - 1)` below. Elementwise; the derivative at 0 is α.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * `alpha`: a finite number ≥ 0 that f32 can hold (default 1), else a `HyperparameterError`.
 *
 * Source: Clevert, Unterthiner & Hochreiter 2015, arXiv 1511.07289.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { elu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(elu(2)(tensor([-Infinity, 0, 3]))), [-2, 0, 3])
 */
export const elu: Recipe<typeof eluFields, (alpha?: number) => (x: Tensor) => Tensor> = functionRecipeAs(
  "elu",
  eluFields,
  ({ alpha }) =>
    (x: Tensor): Tensor =>
      exponentialBelow("elu", x, alpha, 1),
  make => alpha => make({ alpha })
)

const celuFields = {
  /** α, a finite number > 0. Default 1. */
  alpha: fixed(positiveF32, 1)
}

/**
 * Makes an exponential linear unit that is smooth whatever α: `x` above 0, `α·(e^(x/α) - 1)` below. Elementwise; the
 * derivative at 0 is 1.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * `alpha`: a finite number > 0 that f32 can hold (default 1), else a `HyperparameterError`. `celu(1)` is `elu(1)`.
 * Source: Barron 2017, arXiv 1704.07483.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { celu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(celu(2)(tensor([-Infinity, 0, 3]))), [-2, 0, 3])
 */
export const celu: Recipe<typeof celuFields, (alpha?: number) => (x: Tensor) => Tensor> = functionRecipeAs(
  "celu",
  celuFields,
  ({ alpha }) =>
    (x: Tensor): Tensor =>
      exponentialBelow("celu", x, alpha, alpha),
  make => alpha => make({ alpha })
)

/** Where activations of mean 0 and variance 1 keep them. */
const [SELU_SCALE, SELU_ALPHA] = [1.0507009873554804934193349852946, 1.6732632423543772848170429916717]

/**
 * Applies the scaled exponential linear unit: `λ·x` above 0, `λ·α·(e^x - 1)` below, with λ ≈ 1.0507 and α ≈ 1.6733, which keep mean 0
 * and variance 1 from layer to layer. Elementwise; the derivative at 0 is λ·α.
 * Takes `f32` or `f64`, else a `DTypeError`.
 *
 * Source: Klambauer et al. 2017, arXiv 1706.02515 (with `lecunNormal`).
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { selu } from "thalweg/nn"
 *
 * assert.deepStrictEqual(toArray(selu(tensor([0, 1], { dtype: "f64" }))), [0, 1.0507009873554805])
 */
export const selu = (x: Tensor): Tensor => mul(exponentialBelow("selu", x, SELU_ALPHA, 1), SELU_SCALE)
