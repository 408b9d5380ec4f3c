import { pad } from "../dataflow/concat.js"
import { zerosLike } from "../dataflow/create.js"
import { takeAlongAxis } from "../dataflow/indexing.js"
import type { OpOf, Padding, Tensor, Windows } from "../dataflow/primitive.js"
import { argMax } from "../dataflow/reduce.js"
import * as shapes from "../dataflow/rules.js"
import { range, removeAxes, sizeOf } from "../dataflow/shape.js"
import { expandDims, reshape, squeeze, transpose } from "../dataflow/structure.js"
import { apply } from "../dataflow/tensor.js"
import { unfold } from "../dataflow/window.js"

/** Every element gets the cotangents of the windows that it is in, which are the window of it among the cotangents. */
const sumPoolPullback = (op: OpOf<"windowReduce">, x: Tensor, ct: Tensor): Tensor => {
  if (ct.shape.includes(0)) return zerosLike(x)
  const strides = x.shape.map((_, axis) => op.strides[op.axes.indexOf(axis)] ?? 1)
  const padding = x.shape.map((n, axis): Padding => {
    const i = op.axes.indexOf(axis)
    const reached = ((ct.shape[axis] ?? 1) - 1) * (strides[axis] ?? 1)
    return [((op.sizes[i] ?? 1) - 1) * (op.dilations[i] ?? 1), n - 1 - reached]
  })
  const apart = pad(ct, padding, { interior: strides.map(stride => stride - 1) })
  return apply(shapes.windowReduce, { ...op, strides: op.strides.map(() => 1) }, [apart])
}

/** The derivatives of window reductions by what they reduce. */
export const windowRules: Record<
  OpOf<"windowReduce">["fn"],
  (op: OpOf<"windowReduce">, x: Tensor, ct: Tensor) => Tensor
> = {
  sum: sumPoolPullback,
  max: ({ axes, sizes, strides, dilations }, x, ct) =>
    apply(shapes.maxPoolPullback, { kind: "maxPoolPullback", axes, sizes, strides, dilations }, [x, ct])
}

/** The windows of a tensor, flattened into one last axis. */
const windowsLast = (op: Windows, x: Tensor): Tensor => {
  const windows = unfold(x, op)
  const taps = op.axes.toSorted((a, b) => a - b).map((axis, i) => axis + i + 1)
  const places = removeAxes(range(windows.shape.length), taps)
  return reshape(transpose(windows, [...places, ...taps]), [
    ...places.map(axis => windows.shape[axis] ?? 0),
    sizeOf(op.sizes)
  ])
}

/** Of each window of `values` the element that stands where the largest of `x` is first: the transpose of the pullback. */
export const atFirstLargest = (op: Windows, x: Tensor, values: Tensor): Tensor =>
  squeeze(takeAlongAxis(windowsLast(op, values), expandDims(argMax(windowsLast(op, x)), -1), -1), -1)

/** The windows that were folded, out of the cotangent of what they were folded to. */
export const unfolded = ({ axis, strides, dilations }: OpOf<"fold">, x: Tensor, ct: Tensor): Tensor => {
  const rank = strides.length
  const axes = range(rank).map(i => axis + i)
  const windows = unfold(ct, { axes, sizes: x.shape.slice(axis + rank, axis + 2 * rank), strides, dilations })
  const places = axes.map((at, i) => at + i)
  const others = range(x.shape.length).slice(axis + 2 * rank)
  return transpose(windows, [...range(axis), ...places, ...places.map(at => at + 1), ...others])
}
