import { describeList, isList } from "./describe.js"
import { checkOptions, rankOf } from "./check.js"
import { ones, tensor } from "./create.js"
import { lowestOf } from "./dtype.js"
import { div } from "./arithmetic.js"
import { requireFloat } from "./elementwise.js"
import { fail } from "./error.js"
import type { ConvOptions, Padding, Tensor, Windows } from "./primitive.js"
import { arePairs, range, showShape } from "./shape.js"
import { pad } from "./concat.js"
import { reshape, transpose } from "./structure.js"
import { take } from "./indexing.js"
import * as shapes from "./rules.js"
import { apply } from "./tensor.js"

/** `"valid"` pads nothing; `"same"` pads so that the output has `⌈size / stride⌉` places; or pairs per spatial axis. */
export type PaddingMode = "valid" | "same" | readonly Padding[]

/** One number for every spatial axis, or one each. */
export type PerAxis = number | readonly number[]

const perAxis = (operation: string, what: string, value: PerAxis, rank: number): readonly number[] => {
  const list = typeof value === "number" ? range(rank).map(() => value) : value
  return isList(list) && list.length === rank && list.every(n => Number.isInteger(n) && n > 0)
    ? list.slice()
    : fail("ShapeError", operation, `a positive integer ${what} for ${rank} spatial axes`, describeList(list))
}

/** Padding in numbers. An odd total puts the extra element at the end, as TensorFlow and XLA do. */
const resolvePadding = (
  operation: string,
  mode: PaddingMode,
  sizes: readonly number[],
  windows: readonly number[],
  strides: readonly number[]
): readonly Padding[] => {
  if (mode === "valid") return sizes.map(() => [0, 0])
  if (mode === "same")
    return sizes.map((n, i) => {
      const stride = strides[i] ?? 1
      const total = Math.max(0, (Math.ceil(n / stride) - 1) * stride + (windows[i] ?? 1) - n)
      return [Math.floor(total / 2), Math.ceil(total / 2)]
    })
  return arePairs(mode, sizes.length)
    ? mode.map(([low, high]): Padding => [low, high])
    : fail("ShapeError", operation, `"valid", "same" or ${sizes.length} pairs of integers`, describeList(mode))
}

/** How a kernel goes over its input. */
export interface ConvolutionOptions {
  /** Step of the kernel, per spatial axis. Default 1. */
  readonly strides?: PerAxis
  /** Default `"valid"`. */
  readonly padding?: PaddingMode
  /** Spacing of the kernel's taps (à trous). Default 1. */
  readonly dilation?: PerAxis
  /** Spacing of the input's elements: above 1 it is the transposed convolution. Default 1. */
  readonly inputDilation?: PerAxis
  /** Groups of channels that do not see each other; the number of input channels makes it depthwise. Default 1. */
  readonly groups?: number
}

/** The primitive: groups lead. `[g, n, …spatial, i] * [g, …window, i, o] → [g, n, …places, o]`. */
export const convGeneral = (x: Tensor, kernel: Tensor, options: ConvOptions): Tensor =>
  apply(shapes.conv, { kind: "conv", ...options }, [x, kernel])

/**
 * Convolves, as deep learning has it (the kernel is not flipped), channels last: `y[p, o] = Σ_k Σ_c x[p·stride +
 * k·dilation, c] · kernel[k, c, o]`.
 *
 * Shapes: input `[n, …spatial, channels]`, kernel `[…window, channels / groups, outputs]`, result `[n, …places,
 * outputs]` for any number of spatial axes. An axis of `size`, padded by `low` and `high`, has `⌊(size + low + high -
 * (window - 1)·dilation - 1) / stride⌋ + 1` places.
 *
 * Throws a `ShapeError` when ranks, channels or groups do not fit or an option is no positive integer, a `DTypeError`
 * unless both are `f32` or both `f64`.
 *
 * @example
 * import assert from "node:assert"
 * import { conv, flatten, tensor, toArray, zeros } from "thalweg"
 *
 * const signal = tensor([0, 0, 1, 1, 1, 0], { shape: [1, 6, 1] })
 * const edges = tensor([-1, 1], { shape: [2, 1, 1] })
 * assert.deepStrictEqual(toArray(flatten(conv(signal, edges))), [0, 1, 0, 0, -1])
 * const images = zeros([8, 28, 28, 3])
 * assert.deepStrictEqual(conv(images, zeros([3, 3, 3, 16]), { strides: 2, padding: "same" }).shape, [8, 14, 14, 16])
 */
export const conv = (x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor => {
  const rank = rankOf("conv", x) - 2
  rankOf("conv", kernel)
  checkOptions("conv", options, ["strides", "padding", "dilation", "inputDilation", "groups"])
  const shown = `input ${showShape(x.shape)}, kernel ${showShape(kernel.shape)}`
  if (rank < 1 || kernel.shape.length !== rank + 2)
    return fail(
      "ShapeError",
      "conv",
      "input [n, …spatial, channels] and kernel [… window, channels / groups, outputs]",
      shown
    )
  const { groups = 1 } = options
  const strides = perAxis("conv", "stride", options.strides ?? 1, rank)
  const kernelDilation = perAxis("conv", "dilation", options.dilation ?? 1, rank)
  const inputDilation = perAxis("conv", "input dilation", options.inputDilation ?? 1, rank)
  const [channels, outputs] = [x.shape[rank + 1] ?? 0, kernel.shape[rank + 1] ?? 0]
  const fits = Number.isInteger(groups) && groups > 0 && channels % groups === 0 && outputs % groups === 0
  if (!fits || kernel.shape[rank] !== channels / groups)
    return fail("ShapeError", "conv", `channels that divide into ${groups} groups, as many in the kernel`, shown)
  const spread = x.shape.slice(1, -1).map((n, i) => (n - 1) * (inputDilation[i] ?? 1) + 1)
  const window = perAxis("conv", "kernel size", kernel.shape.slice(0, rank), rank).map(
    (n, i) => (n - 1) * (kernelDilation[i] ?? 1) + 1
  )
  const padding = resolvePadding("conv", options.padding ?? "valid", spread, window, strides)
  const leading = (t: Tensor): Tensor => {
    const last = t.shape.length - 1
    const split = reshape(t, [...t.shape.slice(0, last), groups, (t.shape[last] ?? 0) / groups])
    return transpose(split, [last, ...range(last), last + 1])
  }
  const y = convGeneral(leading(x), leading(kernel), { strides, padding, inputDilation, kernelDilation })
  const joined = transpose(y, [...range(rank + 1).map(axis => axis + 1), 0, rank + 2])
  return reshape(joined, [...joined.shape.slice(0, -2), outputs])
}

/** How a window goes over its input. */
export interface PoolOptions {
  /** Size of the window, per spatial axis. */
  readonly window: PerAxis
  /** Step of the window. Default its size. */
  readonly strides?: PerAxis
  /** Default `"valid"`. */
  readonly padding?: PaddingMode
  /** Spacing within the window. Default 1. */
  readonly dilation?: PerAxis
}

/** The sliding windows of a channels-last tensor, and its padding. */
const windowsOf = (operation: string, x: Tensor, options: PoolOptions): readonly [Windows, readonly Padding[]] => {
  const rank = rankOf(operation, x) - 2
  checkOptions(operation, options, ["window", "strides", "padding", "dilation"])
  if (rank < 1) fail("ShapeError", operation, "[n, …spatial, channels]", showShape(x.shape))
  const sizes = perAxis(operation, "window", options.window, rank)
  const strides = perAxis(operation, "stride", options.strides ?? sizes, rank)
  const dilations = perAxis(operation, "dilation", options.dilation ?? 1, rank)
  const reach = sizes.map((n, i) => (n - 1) * (dilations[i] ?? 1) + 1)
  const padding = resolvePadding(operation, options.padding ?? "valid", x.shape.slice(1, -1), reach, strides)
  return [{ axes: range(rank).map(i => i + 1), sizes, strides, dilations }, [[0, 0], ...padding, [0, 0]]]
}

/**
 * Takes the largest of each window, per channel. Padding never wins; the derivative goes to the first of equals.
 *
 * Shapes: `[n, …spatial, channels] → [n, …places, channels]`, places as of `conv`. Throws a `ShapeError` when there is
 * no spatial axis or an option does not fit, a `DTypeError` for `bool`.
 *
 * @example
 * import assert from "node:assert"
 * import { flatten, maxPool, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 3, 2, 2, 5, 4], { shape: [1, 6, 1] })
 * assert.deepStrictEqual(toArray(flatten(maxPool(x, { window: 2 }))), [3, 2, 5])
 * assert.deepStrictEqual(toArray(flatten(maxPool(x, { window: 3, strides: 1 }))), [3, 3, 5, 5])
 */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => {
  const [windows, padding] = windowsOf("maxPool", x, options)
  return apply(shapes.windowReduce, { kind: "windowReduce", fn: "max", ...windows }, [
    pad(x, padding, { value: lowestOf(x.dtype) })
  ])
}

/**
 * Sums each window, per channel; padding counts as 0. Shapes and errors as of `maxPool`.
 *
 * @example
 * import assert from "node:assert"
 * import { flatten, sumPool, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 2, 3, 4], { shape: [1, 4, 1] })
 * assert.deepStrictEqual(toArray(flatten(sumPool(x, { window: 3, strides: 1, padding: "same" }))), [3, 6, 9, 7])
 */
export const sumPool = (x: Tensor, options: PoolOptions): Tensor => sumsOf("sumPool", x, options)

const sumsOf = (operation: string, x: Tensor, options: PoolOptions): Tensor => {
  const [windows, padding] = windowsOf(operation, x, options)
  return apply(shapes.windowReduce, { kind: "windowReduce", fn: "sum", ...windows }, [pad(x, padding)])
}

/**
 * Averages each window, per channel, over the elements that are not padding. Takes `f32` or `f64`, else a `DTypeError`;
 * shapes and other errors as of `maxPool`. We deviate from PyTorch's default, which counts padding as zeros.
 *
 * @example
 * import assert from "node:assert"
 * import { averagePool, flatten, tensor, toArray } from "thalweg"
 *
 * const x = tensor([1, 2, 3, 4], { shape: [1, 4, 1] })
 * const pooled = averagePool(x, { window: 3, strides: 1, padding: "same" })
 * assert.deepStrictEqual(toArray(flatten(pooled)), [1.5, 2, 3, 3.5])
 */
export const averagePool = (x: Tensor, options: PoolOptions): Tensor => {
  const { dtype, shape } = requireFloat("averagePool", x)
  const sums = sumsOf("averagePool", x, options)
  const inside = ones([1, ...shape.slice(1, -1), 1], dtype)
  return div(sums, sumsOf("averagePool", inside, options))
}

/** The windows themselves, as new axes after each windowed axis: what a window reduction reduces. */
export const unfold = (x: Tensor, { axes, sizes, strides, dilations }: Windows): Tensor =>
  axes.reduceRight((t, axis, i) => {
    const [size, stride, dilation] = [sizes[i] ?? 1, strides[i] ?? 1, dilations[i] ?? 1]
    const places = shapes.windowCount(x.shape[axis] ?? 0, size, stride, dilation)
    const indices = range(places).map(p => range(size).map(k => p * stride + k * dilation))
    return take(t, tensor(indices.flat(), { dtype: "i32", shape: [places, size] }), axis)
  }, x)
