import { matmul } from "../dataflow/contract.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { add } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { split } from "../random/index.js"
import { checkNumber, count } from "../schedule/schedule.js"
import { glorotUniform, zerosInitializer, type Initializer } from "./initializer.js"
import type { Layer } from "./layer.js"

export interface DenseOptions {
  /** Default Glorot uniform. */
  readonly kernel?: Initializer
  /** Default zeros. */
  readonly bias?: Initializer
  /** Default `f32`. */
  readonly dtype?: FloatDType
}

export type DenseParams = { readonly kernel: Tensor; readonly bias: Tensor }

/**
 * An affine map of the last axis: `y = x · kernel + bias`.
 *
 * Shapes: `[…, inputs] → […, units]`; kernel `[inputs, units]`, bias `[units]`.
 * Throws a `HyperparameterError` unless `units` is a whole number from 1, a `ShapeError` for scalar examples.
 */
export const dense = (units: number, options: DenseOptions = {}): Layer<DenseParams, readonly []> => {
  checkNumber("dense", "units", count, units)
  const { kernel = glorotUniform, bias = zerosInitializer, dtype = "f32" } = options
  return {
    name: "dense",
    init: (key, inputShape) => {
      const inputs = inputShape.at(-1) ?? fail("ShapeError", "dense", "examples of rank 1 or more", "scalar examples")
      const [kernelKey, biasKey] = split(key)
      return {
        params: { kernel: kernel(kernelKey, [inputs, units], dtype), bias: bias(biasKey, [units], dtype) },
        state: [],
        outputShape: [...inputShape.slice(0, -1), units]
      }
    },
    apply: (params, state, input) => [add(matmul(input, params.kernel), params.bias), state]
  }
}
