import { add } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import type { Shape } from "../dataflow/shape.js"
import {
  named,
  namedOrNone,
  type AnyFields,
  type NamedField,
  type OptionsOf,
  type Resolved
} from "../options/fields.js"
import { split } from "../random/index.js"
import { initializerTable, zerosInitializer, type Initializer } from "./initializer.js"
import { checkFeatures, entryOf, floatOf } from "./input.js"

/** A kernel, whose last axis is that of outputs. */
export type Kernel = { readonly kernel: Tensor }

/** A kernel, and a bias for each output. */
export type Affine = Kernel & { readonly bias: Tensor }

/** How a bias is drawn, or that there is none. */
export type Bias = Initializer | false

/** A kernel, and a bias if there is one. (An intersection: `ReturnType` of a call that gives a bare condition is `any`.) */
export type AffineOf<B extends Bias> = Kernel & (B extends false ? Kernel : Affine)

/** How a kernel is drawn, and whether there is a bias, of which the type is kept. */
export interface BiasOption<B extends Bias> {
  /** How the kernel is drawn. */
  readonly kernel?: Initializer | undefined
  /** How the bias is drawn; `false`: there is none. Default zeros. */
  readonly bias?: B | undefined
}

/** What fields describe, `kernel` and `bias` among them, where the type of the bias is kept. */
export type AffineOptions<Fs extends AnyFields, B extends Bias> = BiasOption<B> &
  Omit<OptionsOf<Fs>, keyof BiasOption<B>>

/** An option that says how parameters are drawn. */
export const initializer = (value: Initializer): NamedField<Initializer, Initializer> => named(initializerTable, value)

/** How a kernel and a bias are drawn. */
export const affineFields = (kernel: Initializer) => ({
  /** How the kernel is drawn. */
  kernel: initializer(kernel),
  /** How the bias is drawn; `false`: there is none. Default zeros. */
  bias: namedOrNone<Initializer, Initializer>(initializerTable, zerosInitializer)
})

type Drawing = Resolved<ReturnType<typeof affineFields>>

/** Draws a kernel of a shape, and the bias for its last axis if there is one, in the dtype of the input. */
export const drawAffine = (
  layer: string,
  key: Tensor,
  input: Tensor,
  shape: Shape,
  { kernel, bias }: Drawing
): AffineOf<Bias> => {
  const [kernelKey, biasKey] = split(key)
  const dtype = floatOf(layer, input)
  return {
    kernel: kernel(kernelKey, shape, dtype),
    ...(bias !== false && { bias: bias(biasKey, shape.slice(-1), dtype) })
  }
}

/** What may have a bias beside its other parameters. */
type Biased<N extends string = "bias"> = object & { readonly [K in N]?: Tensor }

/** Adds the bias, one number for each of the last axis; where there is none, parameters must have none. */
export const addBias = <N extends string = "bias">(
  layer: string,
  y: Tensor,
  params: Biased<N>,
  bias: Initializer | boolean,
  name = "bias" as N
): Tensor => {
  if (bias !== false) return add(y, entryOf(layer, params, name, y.shape.slice(-1)))
  const given = params[name]
  return given === undefined ? y : fail("TreeError", layer, "no bias, as the options say", describeValue(given), name)
}

/** Maps the last axis: `x · kernel + bias`. `outputs`: how many, or what they are called, if any number will do. */
export const affine = (
  layer: string,
  x: Tensor,
  params: Kernel & Biased,
  outputs: number | string,
  bias: Initializer | boolean
): Tensor => {
  const input = checkFeatures(layer, x, entryOf(layer, params, "kernel", ["inputs", "outputs"]))
  return addBias(layer, matmul(input, entryOf(layer, params, "kernel", ["inputs", outputs])), params, bias)
}
