import { mul } from "../dataflow/arithmetic.js"
import { pad } from "../dataflow/concat.js"
import { cast } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import { eye } from "../dataflow/matrix.js"
import { checkShape, showShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { reshape, transpose } from "../dataflow/structure.js"
import { qr } from "../linalg/qr.js"
import { fixed, type OptionsOf } from "../options/fields.js"
import { finite } from "../options/range.js"
import { functionRecipe } from "../options/function-recipe.js"
import type { Recipe } from "../options/recipe.js"
import { normal } from "../random/index.js"
import type { Initializer } from "./random-initializer.js"

const fields = {
  /** By what all is multiplied, a finite number. Default 1. */
  gain: fixed(finite, 1)
}

/** By what all is multiplied. */
export interface GainOptions extends OptionsOf<typeof fields> {}

const checkKernel = (operation: string, shape: Shape): Shape =>
  checkShape(operation, shape).length >= 2
    ? shape
    : fail("ShapeError", operation, "a kernel […window, inputs, outputs]", showShape(shape))

/**
 * Makes an initializer of orthogonal kernels, evenly distributed: seen as a matrix of all but the last axis by the last, the shorter
 * of its rows and columns are orthonormal, times `gain`.
 *
 * Shape: `[…window, inputs, outputs]`; others are a `ShapeError`. Options: `gain`, a finite number (1); others are a
 * `HyperparameterError`. Computed in f64: products of two of them are off by some units in the last place of the dtype.
 *
 * Lengths are kept (times `gain`) by the product with a kernel that has at least as many outputs as inputs. Source: Saxe,
 * McClelland & Ganguli 2013, arXiv 1312.6120.
 *
 * @example
 * import assert from "node:assert"
 * import { abs, eye, item, matmul, max, sub, transpose } from "thalweg"
 * import { orthogonal } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const kernel = orthogonal()(key(0), [6, 3])
 * assert.ok(item(max(abs(sub(matmul(transpose(kernel), kernel), eye(3))))) < 1e-6)
 */
export const orthogonal: Recipe<typeof fields, (options?: GainOptions) => Initializer> = functionRecipe(
  "orthogonal",
  fields,
  ({ gain }): Initializer => {
    return (key, shape, dtype = "f32") => {
      const outputs = checkKernel("orthogonal", shape).at(-1) ?? 0
      const inputs = sizeOf(shape.slice(0, -1))
      const drawn = normal(key, [Math.min(inputs, outputs), Math.max(inputs, outputs)], { dtype: "f64" })
      const columns = mul(qr(transpose(drawn)).q, gain)
      return cast(reshape(inputs > outputs ? columns : transpose(columns), shape), dtype)
    }
  }
)

/**
 * Makes an initializer of kernels that pass their inputs, times `gain`: 1 where input and output are the same, at the middle of the
 * window. The key does not matter.
 *
 * Shape: `[…window, inputs, outputs]`; others are a `ShapeError`. Options: `gain`, a finite number (1); others are a
 * `HyperparameterError`. Of windows: `torch.nn.init.dirac_`.
 *
 * @example
 * import assert from "node:assert"
 * import { toArray } from "thalweg"
 * import { identityInitializer } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * assert.deepStrictEqual(toArray(identityInitializer({ gain: 2 })(key(0), [2, 3])), [[2, 0, 0], [0, 2, 0]])
 */
export const identityInitializer: Recipe<typeof fields, (options?: GainOptions) => Initializer> = functionRecipe(
  "identityInitializer",
  fields,
  ({ gain }): Initializer => {
    return (_, shape, dtype = "f32") => {
      const [inputs = 0, outputs = 0] = checkKernel("identityInitializer", shape).slice(-2)
      const window = shape.slice(0, -2)
      const matrix = reshape(mul(eye(inputs, outputs, dtype), gain), [...window.map(() => 1), inputs, outputs])
      const around = window.map(size => [Math.floor(size / 2), size - 1 - Math.floor(size / 2)] as const)
      return pad(matrix, [...around, [0, 0], [0, 0]])
    }
  }
)
