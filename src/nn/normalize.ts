import { add, mul, square, sub } from "../dataflow/arithmetic.js"
import { ones, zeros } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { mean } from "../dataflow/reduce.js"
import { rsqrt } from "../dataflow/transcendental.js"
import { showType } from "../dataflow/type.js"
import { fixed } from "../options/fields.js"
import { positiveF32 } from "../options/range.js"
import { addBias } from "./affine.js"
import { checkFeatures, checkInput, entryOf, featuresOf, floatOf } from "./input.js"

/** What keeps the divisor from 0. */
export const epsilonField = {
  /** ε > 0, which is added to the variance. Default 1e-5. */
  epsilon: fixed(positiveF32, 1e-5)
}

/** What normalized values are multiplied by: one number for each feature. */
export type Scale = { readonly scale: Tensor }

/** What normalized values are multiplied by, and what is added then: one number for each feature. */
export type ScaleAndBias = Scale & { readonly bias: Tensor }

/** What normalized values are multiplied by, and what is added then if there is a bias. */
export type ScaleOf<B extends boolean> = Scale & (B extends false ? Scale : ScaleAndBias)

/** Scales of 1 and biases of 0 for the last axis, in the dtype of the input. */
export const initialScale = (layer: string, input: Tensor): ScaleAndBias => {
  const [shape, dtype] = [[featuresOf(layer, input)], floatOf(layer, input)]
  return { scale: ones(shape, dtype), bias: zeros(shape, dtype) }
}

/** Parameters whose scale is for as many features as the input has. */
export const checkScale = <P extends Scale>(layer: string, params: P, input: Tensor): P => {
  checkFeatures(layer, input, entryOf(layer, params, "scale", ["features"]))
  return params
}

/** Multiplies by the scale and adds the bias, if there is one. */
export const rescale = (layer: string, y: Tensor, params: Scale & Partial<ScaleAndBias>, bias = true): Tensor =>
  addBias(layer, mul(y, params.scale), params, bias)

/**
 * Brings what lies along some axes to mean 0 and variance 1: `y = (x - mean) / √(variance + epsilon)`; with the mean and the
 * variance (divided by the count), whose axes have size 1. In two passes, since `E x² - (E x)²` cancels where the mean is
 * large.
 */
export const normalize = (x: Tensor, axes: readonly number[], epsilon: number) => {
  const center = mean(x, { axes, keepDims: true })
  const apart = sub(x, center)
  const variance = mean(square(apart), { axes, keepDims: true })
  return { y: mul(apart, rsqrt(add(variance, epsilon))), center, variance }
}

/** Inputs with a batch axis and channels, or a `ShapeError`. */
export const checkChannels = (layer: string, input: Tensor): Tensor =>
  checkInput(layer, input).shape.length >= 2
    ? input
    : fail("ShapeError", layer, "inputs [batch, …, channels]", showType(input))
