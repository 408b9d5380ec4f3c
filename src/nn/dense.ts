import { checkRecord, checkTensor } from "../dataflow/check.js"
import { checkShape } from "../dataflow/shape.js"
import { matmul } from "../dataflow/contract.js"
import { add } from "../dataflow/arithmetic.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showType } from "../dataflow/type.js"
import { choice, fixed, functionField, type OptionsOf } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { recipeOf, type Recipe } from "../options/recipe.js"
import { split } from "../random/index.js"
import { glorotUniform, zerosInitializer, type Initializer } from "./initializer.js"
import type { Layer } from "./layer.js"

const fields = {
  /** How many outputs, a whole number from 1. */
  units: fixed(positiveInteger),
  /** How the kernel is drawn. Default Glorot uniform. */
  kernel: functionField<Initializer, Initializer>(glorotUniform),
  /** How the bias is drawn. Default zeros. */
  bias: functionField<Initializer, Initializer>(zerosInitializer),
  /** Of the parameters. Default `f32`. */
  dtype: choice(["f32", "f64"], "f32")
}

/** How the parameters of a dense layer are drawn. */
export interface DenseOptions extends Omit<OptionsOf<typeof fields>, "units"> {}

/** Kernel `[inputs, units]` and bias `[units]`. */
export type DenseParams = { readonly kernel: Tensor; readonly bias: Tensor }

/**
 * Makes a layer that maps the last axis affinely: `y = x · kernel + bias`.
 *
 * Shapes: `[…, inputs] → […, units]`; kernel `[inputs, units]`, bias `[units]`.
 * `units`: a whole number from 1. Options: see `DenseOptions`; others are a `HyperparameterError`. `init` throws a
 * `ShapeError` for scalar examples, `apply` for inputs of another size than `init` was told, and a `DTypeError` for
 * inputs of another dtype than the parameters.
 *
 * Law: linear in the input where the bias is 0.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { dense } from "thalweg/nn"
 * import { key } from "thalweg/random"
 *
 * const layer = dense(2)
 * const { params, outputShape } = layer.init(key(0), [3])
 * assert.deepStrictEqual([params.kernel.shape, params.bias.shape, outputShape], [[3, 2], [2], [2]])
 *
 * const known = { kernel: tensor([[1, 0], [0, 1], [1, 1]]), bias: tensor([10, 20]) }
 * const [y] = layer.apply(known, [], tensor([[1, 2, 3]]), { training: false })
 * assert.deepStrictEqual(toArray(y), [[14, 25]])
 */
export const dense: Recipe<typeof fields, (units: number, options?: DenseOptions) => Layer<DenseParams, readonly []>> =
  recipeOf("dense", "units", fields, {}, ({ units, kernel, bias, dtype }): Layer<DenseParams, readonly []> => ({
    name: "dense",
    init: (key, inputShape) => {
      const inputs =
        checkShape("dense", inputShape).at(-1) ??
        fail("ShapeError", "dense", "examples of rank 1 or more", "scalar examples")
      const [kernelKey, biasKey] = split(key)
      return {
        params: { kernel: kernel(kernelKey, [inputs, units], dtype), bias: bias(biasKey, [units], dtype) },
        state: [],
        outputShape: [...inputShape.slice(0, -1), units]
      }
    },
    apply: (params, state, input) => {
      const { kernel, bias } = checkRecord("dense", params) as DenseParams
      const [features] = checkTensor("dense", kernel).shape
      if (features !== undefined && checkTensor("dense", input).shape.at(-1) !== features)
        fail("ShapeError", "dense", `inputs of ${features} features`, showType(input))
      return [add(matmul(input, kernel), bias), state]
    }
  }))
