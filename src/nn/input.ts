import { checkTensor } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import type { FloatDType } from "../dataflow/dtype.js"
import { requireFloat } from "../dataflow/elementwise.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { isTensor } from "../dataflow/tensor.js"
import { showType } from "../dataflow/type.js"

/** The input of a layer: a tensor, or a `DataError` that says how to make one. */
export const checkInput = (layer: string, input: Tensor): Tensor =>
  checkTensor(layer, input, "a batch of inputs, such as zeros([1, 3])")

/** The size of the last axis, which is that of features or channels. */
export const featuresOf = (layer: string, input: Tensor): number =>
  checkInput(layer, input).shape.at(-1) ??
  fail("ShapeError", layer, "inputs with a last axis of features", showType(input))

/** The same, where there must be one. */
export const someFeaturesOf = (layer: string, input: Tensor): number =>
  featuresOf(layer, input) || fail("ShapeError", layer, "inputs of one feature at least", showType(input))

/** The dtype of the input, which parameters take. */
export const floatOf = (layer: string, input: Tensor): FloatDType => requireFloat(layer, input).dtype as FloatDType

/** The input, of floats, in the dtype of a parameter, or a `DTypeError`. */
export const inDTypeOf = (layer: string, input: Tensor, parameter: Tensor): Tensor =>
  floatOf(layer, input) === parameter.dtype
    ? input
    : fail("DTypeError", layer, "inputs and parameters of one dtype", `${input.dtype} and ${parameter.dtype}`)

/** The input, of numbers, or a `DTypeError`. */
export const requireNumeric = (layer: string, input: Tensor): Tensor =>
  input.dtype === "bool" ? fail("DTypeError", layer, "a numeric dtype", input.dtype) : input

/** The input, of floats, whose features are as many as a parameter has for them, or a `ShapeError`. */
export const checkFeatures = (layer: string, input: Tensor, parameter: Tensor): Tensor =>
  featuresOf(layer, input) === parameter.shape[0]
    ? inDTypeOf(layer, input, parameter)
    : fail("ShapeError", layer, `inputs of ${parameter.shape[0] ?? 0} features`, showType(input))

/** Parameters or a state as a tree; what is in it, its layer looks at. */
export const checkTree = <T>(layer: string, tree: T, what = "parameters"): T =>
  typeof tree === "object" && tree !== null
    ? tree
    : fail("TreeError", layer, `${what} that init gave`, describeValue(tree))

/**
 * A tensor of the parameters or the state of a layer, by its name, which errors give as the path. `axes`: for each axis its size, or
 * what it is called, if any size will do. `input`: what these depend on, if they do.
 */
export const entryOf = <T extends object>(
  layer: string,
  tree: T,
  name: keyof T & string,
  axes: readonly (number | string)[],
  input?: Tensor
): Tensor => {
  const entry: unknown = tree[name]
  const expected = `a tensor [${axes.join(", ")}]${input === undefined ? "" : ` for inputs ${showType(input)}`}`
  if (!isTensor(entry)) return fail("TreeError", layer, expected, describeValue(entry), name)
  const { shape } = entry
  return shape.length === axes.length && axes.every((size, i) => typeof size === "string" || size === shape[i])
    ? entry
    : fail("ShapeError", layer, expected, showType(entry), name)
}

/** The size of the first axis, which is that of the batch. */
export const batchOf = (layer: string, input: Tensor): number =>
  checkInput(layer, input).shape[0] ??
  fail("ShapeError", layer, "inputs with a first axis of examples", showType(input))
