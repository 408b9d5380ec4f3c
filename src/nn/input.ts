import { checkTensor } from "../dataflow/check.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { requireFloat } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showType } from "../dataflow/type.js"

/** The input of a layer: a tensor, or a `DataError` that says how to make one. */
export const checkInput = (layer: string, input: Tensor): Tensor =>
  checkTensor(layer, input, "a batch of inputs, such as zeros([1, 3])")

/** The size of the last axis, which is that of features or channels. */
export const featuresOf = (layer: string, input: Tensor): number =>
  checkInput(layer, input).shape.at(-1) ??
  fail("ShapeError", layer, "inputs with a last axis of features", showType(input))

/** The input, whose features are as many as a parameter has for them, or a `ShapeError`. */
export const checkFeatures = (layer: string, input: Tensor, parameter: Tensor): Tensor =>
  featuresOf(layer, input) === checkTensor(layer, parameter).shape[0]
    ? input
    : fail("ShapeError", layer, `inputs of ${parameter.shape[0] ?? 0} features`, showType(input))

/** The dtype of the input, which parameters take. */
export const floatOf = (layer: string, input: Tensor): FloatDType => requireFloat(layer, input).dtype as FloatDType

/** The size of the first axis, which is that of the batch. */
export const batchOf = (layer: string, input: Tensor): number =>
  checkInput(layer, input).shape[0] ??
  fail("ShapeError", layer, "inputs with a first axis of examples", showType(input))
