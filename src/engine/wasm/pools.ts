import type { OpOf, Padding, Windows } from "../../dataflow/primitive.js"
import { range, sizeOf, stridesOf, type Shape } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import { valueOf } from "../../dataflow/value.js"
import { offsets } from "../interpreter/strided.js"
import type { Building } from "./building.js"
import type { View } from "./node.js"
import { reshaped, spread, whole } from "./view.js"
import { around, overWindows, padded, windowed } from "./windows.js"

export const windowReduceOf = (op: OpOf<"windowReduce">, x: View, type: Type, building: Building): View =>
  overWindows(op.fn, windowed(x, op, type.shape), type, building)

/** Which tap of each window is its first largest, or a NaN; taps are numbered from 0. */
const firstLargest = (op: Windows, x: View, places: Shape, building: Building): View => {
  const windows = windowed(x, op, places)
  const [axes, count] = [range(op.axes.length), sizeOf(op.sizes)]
  const largest = building.reduction("max", axes, windows, { shape: places, dtype: x.node.dtype })
  const taps = tableOf([...op.sizes, ...places.map(() => 1)], range(count), building)
  const isFound = building.map("or", building.map("eq", windows, largest), building.map("ne", windows, windows))
  const tap = building.map("select", isFound, taps, building.number(count, "i32"))
  return building.reduction("min", axes, tap, { shape: places, dtype: "i32" })
}

const tableOf = (shape: Shape, numbers: readonly number[], building: Building): View =>
  whole(building.constant(valueOf({ shape, dtype: "i32" }, Int32Array.from(numbers))))

/**
 * Of windows that do not overlap: the tensor is cut into blocks, one for each window, and an element that is the first
 * largest of its window gets the cotangent.
 */
const pulledApart = (op: Windows, first: View, ct: View, type: Type, building: Building): View => {
  const [at, steps] = [(axis: number) => op.axes.indexOf(axis), stridesOf(op.strides)]
  const numbers = new Array<number>(sizeOf(op.strides)).fill(-1)
  const apart = steps.map((step, i) => step * op.dilations[i]!)
  offsets(op.sizes, apart).forEach((place, tap) => (numbers[place] = tap))
  const blocks = ct.shape.flatMap((n, axis) => (at(axis) < 0 ? [n] : [n, op.strides[at(axis)]!]))
  const single = ct.shape.flatMap((n, axis) => (at(axis) < 0 ? [n] : [n, 1]))
  const each = (view: View): View => spread(reshaped(view, single)!, blocks)
  const within: View = {
    ...tableOf(op.strides, numbers, building),
    shape: blocks,
    strides: ct.shape.flatMap((_, axis) => (at(axis) < 0 ? [0] : [0, steps[at(axis)]!]))
  }
  const isFirst = building.map("eq", each(first), within)
  const cts = building.reduction("sum", [], each(ct), { shape: blocks, dtype: type.dtype })
  const pulled = building.map("select", isFirst, cts, building.number(0, type.dtype))
  const shape = ct.shape.map((n, axis) => n * (op.strides[at(axis)] ?? 1))
  const rest = shape.map((n, axis): Padding => [0, type.shape[axis]! - n])
  return padded(whole(pulled.node, shape), rest, shape.map(() => 0), 0, building) // prettier-ignore
}

/** Of windows that overlap: every element sums over those that it is in, of which padding is none. */
const pulledTogether = (op: Windows, first: View, ct: View, type: Type, building: Building): View => {
  const at = (axis: number): number => op.axes.indexOf(axis)
  const padding = ct.shape.map((n, axis) => {
    const i = at(axis)
    return around(n, type.shape[axis]!, op.sizes[i], op.strides[i], op.dilations[i])
  })
  const interior = ct.shape.map((_, axis) => (op.strides[at(axis)] ?? 1) - 1)
  const sliding = { ...op, strides: op.strides.map(() => 1) }
  const windowsOf = (view: View, x: number): View =>
    windowed(padded(view, padding, interior, x, building), sliding, type.shape)
  const [firsts, cts] = [windowsOf(first, -1), windowsOf(ct, 0)]
  const taps = tableOf([...op.sizes, ...type.shape.map(() => 1)], range(sizeOf(op.sizes)).toReversed(), building)
  const chosen = building.map("select", building.map("eq", firsts, taps), cts, building.number(0, type.dtype))
  return building.reduction("sum", range(op.axes.length), chosen, type)
}

/** The derivative of the largest of each window. */
export const maxPoolPullbackOf = (op: Windows, x: View, ct: View, type: Type, building: Building): View => {
  const first = firstLargest(op, x, ct.shape, building)
  return op.sizes.every((size, i) => (size - 1) * op.dilations[i]! < op.strides[i]!)
    ? pulledApart(op, first, ct, type, building)
    : pulledTogether(op, first, ct, type, building)
}
